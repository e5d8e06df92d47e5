import { nextTurn } from "../base/next-turn.js";
import { soon } from "../base/soon.js";

/**
 * Deliveries after which input and timers get their chance. They may have been made in several turns of the event loop:
 * to ask for the next turn in each, only to count anew, would take longer than a delivery.
 */
const turnBudget = 1_000;

/** Deliveries to one subscriber before the next has its turn. */
const quantum = 32;

/** Something that has deliveries to make. */
export interface Deliverer {
  /** Makes at most `limit` deliveries, and returns how many it made. */
  deliver(limit: number): number;
  /** Whether a delivery could be made now. */
  readonly runnable: boolean;
}

/**
 * Runs deliveries soon, never within the call that causes them, round robin among subscribers. Two agents
 * that answer each other without end share the event loop with everything else.
 */
export class Scheduler {
  #ready = new Set<Deliverer>();
  #running = false;
  #spent = 0;

  /** Has `deliverer` run soon. */
  schedule(deliverer: Deliverer): void {
    this.#ready.add(deliverer);
    if (!this.#running) {
      this.#running = true;
      soon(this.#run);
    }
  }

  /** Forgets `deliverer`. */
  unschedule(deliverer: Deliverer): void {
    this.#ready.delete(deliverer);
  }

  readonly #run = (): void => {
    for (const deliverer of this.#ready) {
      if (this.#spent >= turnBudget) {
        this.#spent = 0;
        nextTurn(this.#run);
        return;
      }
      this.#ready.delete(deliverer);
      // At least one is counted, so that even idle runs come to an end.
      this.#spent++;
      try {
        this.#spent += Math.max(0, deliverer.deliver(quantum) - 1);
      } catch (error) {
        // The errors of handlers are dealt with: this is one of those who are told of them, a logger say.
        throwApart(error);
      }
      if (deliverer.runnable) {
        this.#ready.add(deliverer);
      }
    }
    this.#running = false;
  };
}

/** Throws an error where it keeps nothing else from being done. */
function throwApart(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
