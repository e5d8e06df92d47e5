import type { Clock } from "../../base/clock.js";

/** How many seconds' worth may be used at once. */
const burstSeconds = 4;

/**
 * Counts what is used of so much a second. It looks at the clock only when it is empty, so that to take costs next to
 * nothing.
 */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #perMs: number;
  readonly #capacity: number;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, clock: Clock) {
    this.#clock = clock;
    this.#perMs = perSecond / 1_000;
    this.#capacity = perSecond * burstSeconds;
    this.#tokens = this.#capacity;
    this.#filledAt = clock.now();
  }

  /** Whether all may be used that ever may be at once. */
  get isFull(): boolean {
    // That which has no end is full from the start, and no sum tells.
    return this.#tokens >= this.#capacity || this.#tokens + this.#elapsedMs() * this.#perMs >= this.#capacity;
  }

  /** Takes so many, which may be owed. Returns how long it takes until nothing is owed, in milliseconds: as a rule 0. */
  take(count: number): number {
    this.#tokens -= count;
    return this.#tokens >= 0 ? 0 : this.#owed(count);
  }

  /** Adds what has become due before so many were taken. */
  #owed(taken: number): number {
    const elapsedMs = this.#elapsedMs();
    this.#filledAt = this.#clock.now();
    this.#tokens = Math.min(this.#capacity, this.#tokens + taken + elapsedMs * this.#perMs) - taken;
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#perMs;
  }

  #elapsedMs(): number {
    // A clock that was put back tells nothing of the time before.
    return Math.max(0, this.#clock.now() - this.#filledAt);
  }
}
