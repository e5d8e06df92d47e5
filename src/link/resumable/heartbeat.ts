import type { Clock } from "../../base/clock.js";

/** What a heartbeat needs. */
export interface HeartbeatOptions {
  readonly clock: Clock;
  /** How long the peer may be silent before it is asked, and how long it may take to answer, in milliseconds. */
  readonly intervalMs: number;
  /** Asks the peer. */
  ping(): void;
  /** Is told, once, that the peer doesn't answer. */
  dead(): void;
}

/**
 * Asks a peer that is silent whether it is there. It goes by the wall clock and what came last: browsers run timers
 * once a minute at times, and a frozen process none, so that to count ticks would tell nothing.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #heardAt = 0;
  #askedAt: number | undefined;
  #dueAt = 0;
  #prevent: (() => void) | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    this.heard();
    this.#schedule(this.#options.intervalMs);
  }

  stop(): void {
    this.#prevent?.();
    this.#prevent = undefined;
  }

  /** Asks at once, whenever something came last. What was asked before tells nothing: the answer may have been missed. */
  check(): void {
    if (this.#prevent !== undefined) {
      this.#prevent();
      this.#ask(this.#options.clock.now());
    }
  }

  /** Something came from the peer. */
  heard(now = this.#options.clock.now()): void {
    this.#heardAt = now;
    this.#askedAt = undefined;
  }

  #schedule(exactMs: number): void {
    const { clock } = this.#options;
    // A clock may tell fractions, of which too little can be left for it to go on at all.
    const ms = Math.max(1, Math.ceil(exactMs));
    this.#dueAt = clock.now() + ms;
    this.#prevent = clock.after(ms, () => this.#look());
  }

  #ask(now: number): void {
    this.#askedAt = now;
    // Set before the ping, which may come to nothing and stop the heartbeat.
    this.#schedule(this.#options.intervalMs);
    this.#options.ping();
  }

  #look(): void {
    const { clock, intervalMs, dead } = this.#options;
    const now = clock.now();
    // A clock that was put back tells nothing of the time before.
    this.#heardAt = Math.min(this.#heardAt, now);
    if (this.#askedAt !== undefined) {
      this.#askedAt = Math.min(this.#askedAt, now);
    }
    const silentMs = now - this.#heardAt;
    if (silentMs < intervalMs) {
      this.#schedule(intervalMs - silentMs);
      return;
    }
    // While this process stood still the answer may have come, and is read only after this timer.
    const isLate = now - this.#dueAt > intervalMs / 2;
    const askedAt = isLate ? undefined : this.#askedAt;
    if (askedAt === undefined) {
      this.#ask(now);
    } else if (now - askedAt < intervalMs) {
      this.#schedule(intervalMs - (now - askedAt));
    } else {
      this.stop();
      dead();
    }
  }
}
