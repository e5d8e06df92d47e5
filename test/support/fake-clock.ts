import FakeTimers from "@sinonjs/fake-timers";
import type { Clock } from "../../src/base/clock.js";

/** A clock that only goes on when a test says so. The timers of the platform stay as they are. */
export class FakeClock implements Clock {
  readonly #clock: ReturnType<typeof FakeTimers.createClock>;

  constructor(now = 0) {
    this.#clock = FakeTimers.createClock(now);
  }

  now(): number {
    return this.#clock.now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = this.#clock.setTimeout(callback, ms);
    return () => this.#clock.clearTimeout(timer);
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#clock.countTimers();
  }

  /** Lets `ms` milliseconds pass, and runs the timers that are due. */
  advance(ms: number): void {
    this.#clock.tick(ms);
  }
}
