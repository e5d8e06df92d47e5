import type { Clock } from "../base/clock.js";
import { Timer } from "./timer.js";

/**
 * How long a peer may be silent, in milliseconds, before it is sent a ping, and how long it may take to answer. Python
 * peers do the same from their side.
 */
const pingMs = 20_000;

/** What liveness needs. */
export interface LivenessOptions {
  readonly clock: Clock;
  /** Whether anything has come from the peer since it was asked last. Messages set it and know no more of this than that. */
  hasHeard(): boolean;
  /** Sends a ping. */
  ping(): void;
  /** Is told, once, that the peer doesn't answer. */
  dead(): void;
}

/** Sends pings to a peer that is silent, and notices when it doesn't answer. */
export class Liveness {
  readonly #options: LivenessOptions;
  readonly #timer: Timer;
  /** Whether it has just started. */
  #isFresh = true;
  #hasAsked = false;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#timer = new Timer(options.clock);
  }

  /** Starts, or starts over: what was silent because nobody read is not dead. */
  start(): void {
    this.#isFresh = true;
    this.#watch();
  }

  /** Stops: nothing is read, so that nothing can be heard. */
  stop(): void {
    this.#timer.clear();
  }

  #watch(): void {
    this.#timer.set(pingMs, () => {
      const hasHeard = this.#options.hasHeard() || this.#isFresh;
      if (!hasHeard && this.#hasAsked) {
        this.#options.dead();
        return;
      }
      this.#hasAsked = !hasHeard;
      if (this.#hasAsked) {
        this.#options.ping();
      }
      this.#isFresh = false;
      this.#watch();
    });
  }
}
