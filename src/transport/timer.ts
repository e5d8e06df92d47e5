import type { Clock } from "../base/clock.js";

/** One timer, which is set or not. */
export class Timer {
  readonly #clock: Clock;
  #prevent: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back `ms` milliseconds from now. Does nothing while the timer is set. */
  set(ms: number, callback: () => void): void {
    this.#prevent ??= this.#clock.after(ms, () => {
      this.#prevent = undefined;
      callback();
    });
  }

  clear(): void {
    this.#prevent?.();
    this.#prevent = undefined;
  }
}
