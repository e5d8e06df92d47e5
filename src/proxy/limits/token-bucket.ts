import type { Clock } from "../../base/clock.js";

/** How many seconds' worth may be used at once. */
const burstSeconds = 4;

/** After which part of all that may be used at once the clock is looked at again. */
const sightPart = 1 / 64;

/**
 * Counts what is used of so much a second. It looks at the clock whenever a small part of all was taken, so that to take costs
 * next to nothing. What was taken since the last look counts as taken just now: at once may come no more than that which the
 * bucket holds, and sometimes less by that part.
 */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #perMs: number;
  readonly #capacity: number;
  readonly #sight: number;
  /** What there was at the last look, less than nothing where it is owed, and when that was. */
  #tokens: number;
  #lookedAt: number;
  /** What was taken since, and how much that may be before the next look. */
  #taken = 0;
  #unseen: number;

  constructor(perSecond: number, clock: Clock) {
    this.#clock = clock;
    this.#perMs = perSecond / 1_000;
    this.#capacity = perSecond * burstSeconds;
    this.#sight = this.#capacity * sightPart;
    this.#tokens = this.#capacity;
    this.#unseen = this.#sight;
    this.#lookedAt = clock.now();
  }

  /** Whether all may be used that ever may be at once. */
  get isFull(): boolean {
    this.#look();
    return this.#tokens >= this.#capacity;
  }

  /** Takes so many, which may be owed. Returns how long it takes until nothing is owed, in milliseconds: as a rule 0. */
  take(count: number): number {
    this.#taken += count;
    if (this.#taken <= this.#unseen) {
      return 0;
    }
    this.#look();
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#perMs;
  }

  /** Adds what has become due, as much as there is room for, before it takes off what was taken. */
  #look(): void {
    const now = this.#clock.now();
    // A clock that was put back tells nothing of the time before.
    const elapsedMs = Math.max(0, now - this.#lookedAt);
    // That which has no end stays so: of that no sum must tell.
    const due = this.#capacity === Infinity ? 0 : elapsedMs * this.#perMs;
    this.#lookedAt = now;
    this.#tokens = Math.min(this.#capacity, this.#tokens + due) - this.#taken;
    this.#taken = 0;
    this.#unseen = Math.min(this.#sight, this.#tokens);
  }
}
