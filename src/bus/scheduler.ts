import { nextTurn } from "../base/next-turn.js";
import { soon } from "../base/soon.js";

/**
 * Deliveries after which input and timers get their chance. They may have been made in several turns of the event loop:
 * to ask for the next turn in each, only to count anew, would take longer than a delivery.
 */
const turnBudget = 1_000;

/** Deliveries to one subscriber before the next has its turn. */
const quantum = 32;

/**
 * Something that has deliveries to make. Those that are to run are a list, which is in themselves: a set that becomes
 * empty again and again makes a new table each time, which takes longer than a delivery.
 */
export interface Deliverer {
  /** Makes at most `limit` deliveries, and returns how many it made. */
  deliver(limit: number): number;
  /** Whether a delivery could be made now. */
  readonly runnable: boolean;
  /** The scheduler's: whether it is in the list, and who comes after it there. */
  isScheduled: boolean;
  following: Deliverer | undefined;
}

/**
 * Runs deliveries soon, never within the call that causes them, round robin among subscribers. Two agents
 * that answer each other without end share the event loop with everything else.
 */
export class Scheduler {
  #first: Deliverer | undefined;
  #last: Deliverer | undefined;
  #running = false;
  #spent = 0;

  /** Has `deliverer` run soon. One that isn't runnable by then makes no delivery. */
  schedule(deliverer: Deliverer): void {
    if (deliverer.isScheduled) {
      return;
    }
    deliverer.isScheduled = true;
    if (this.#last === undefined) {
      this.#first = deliverer;
    } else {
      this.#last.following = deliverer;
    }
    this.#last = deliverer;
    if (!this.#running) {
      this.#running = true;
      soon(this.#run);
    }
  }

  readonly #run = (): void => {
    for (let deliverer = this.#first; deliverer !== undefined; deliverer = this.#first) {
      if (this.#spent >= turnBudget) {
        this.#spent = 0;
        nextTurn(this.#run);
        return;
      }
      this.#remove(deliverer);
      // At least one is counted, so that even idle runs come to an end.
      this.#spent++;
      try {
        this.#spent += Math.max(0, deliverer.deliver(quantum) - 1);
      } catch (error) {
        // The errors of handlers are dealt with: this is one of those who are told of them, a logger say.
        throwApart(error);
      }
      if (deliverer.runnable) {
        this.schedule(deliverer);
      }
    }
    this.#running = false;
  };

  /** Takes the first of the list out of it. */
  #remove(first: Deliverer): void {
    this.#first = first.following;
    if (this.#first === undefined) {
      this.#last = undefined;
    }
    first.following = undefined;
    first.isScheduled = false;
  }
}

/** Throws an error where it keeps nothing else from being done. */
function throwApart(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
