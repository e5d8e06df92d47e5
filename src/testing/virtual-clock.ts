import { checkMilliseconds } from "../base/check-milliseconds.js";
import type { Clock } from "../base/clock.js";
import { nextTurn } from "../base/next-turn.js";

/** A timer that waits. */
interface Waiting {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until a test moves it. Give it to whatever takes a `Clock`, and ten seconds of waiting
 * take no time at all. The timers of the platform stay as they are.
 *
 * ```ts
 * const clock = new VirtualClock();
 * clock.after(10_000, () => console.log("late"));
 * clock.advance(9_999); // nothing
 * clock.advance(1); // late
 * ```
 */
export class VirtualClock implements Clock {
  #now: number;
  /** By when they are due; those that are due at the same time in the order in which they were set. */
  readonly #waiting: Waiting[] = [];

  /** Starts at `now`, in milliseconds since the epoch. Default: 0, so that times in a test are small numbers. */
  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /**
   * Has `callback` called once the clock was moved by `ms` milliseconds, never at once, not even for 0. Returns a
   * function that prevents it. Throws INVALID_ARGUMENT for what the timers of the platforms couldn't wait for: they
   * would fire at once, and a test would not show it.
   */
  after(ms: number, callback: () => void): () => void {
    const timer: Waiting = { at: this.#now + checkMilliseconds("ms", ms), callback };
    // From the end: most are set to be later than those before.
    let index = this.#waiting.length;
    while (index > 0 && (this.#waiting[index - 1] as Waiting).at > timer.at) {
      index--;
    }
    this.#waiting.splice(index, 0, timer);
    return () => {
      const found = this.#waiting.indexOf(timer);
      if (found >= 0) {
        this.#waiting.splice(found, 1);
      }
    };
  }

  /** Waits that are random elsewhere, such as those between attempts to connect, are as long as they may be. */
  spread(): number {
    return 1;
  }

  /** How many timers wait. 0 at the end of a test says that nothing was left behind. */
  get pending(): number {
    return this.#waiting.length;
  }

  /** In how many milliseconds each timer that waits is due, the soonest first. */
  get dueIn(): readonly number[] {
    return this.#waiting.map(({ at }) => at - this.#now);
  }

  /**
   * Lets `ms` milliseconds pass, and calls back those that are due, in order, each at its time; also those that are
   * set meanwhile. Nothing else runs in between: what a callback resolves is noticed after `advance()` has returned.
   * An exception of a callback is thrown here, and the clock stays where it was then.
   */
  advance(ms: number): void {
    const end = this.#now + checkMilliseconds("ms", ms);
    while (this.#runNext(end)) {
      // One at a time.
    }
    // A callback may have moved the clock further itself.
    this.#now = Math.max(this.#now, end);
  }

  /**
   * Like `advance()`, but lets everything that waits for promises run on before the first timer, between any two, and
   * after the last. Over the memory transport all that is sent arrives meanwhile, and what the agents answer too. It
   * doesn't wait for sockets: those are not in the clock's hands.
   */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#now + checkMilliseconds("ms", ms);
    do {
      await turn();
    } while (this.#runNext(end));
    this.#now = Math.max(this.#now, end);
  }

  /** Calls back the next timer, unless it is due later than at `end`. */
  #runNext(end: number): boolean {
    const [next] = this.#waiting;
    if (next === undefined || next.at > end) {
      return false;
    }
    this.#waiting.shift();
    this.#now = next.at;
    next.callback();
    return true;
  }
}

/** Resolves after all microtasks, those too that others make. */
function turn(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve));
}
