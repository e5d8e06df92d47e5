import { nextTurn } from "../base/next-turn.js";

/** Deliveries in one turn of the event loop, after which input and timers get their chance. */
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
      // With the budget spent, the next turn runs it.
      if (this.#spent < turnBudget) {
        queueMicrotask(this.#run);
      }
    }
  }

  /** Forgets `deliverer`. */
  unschedule(deliverer: Deliverer): void {
    this.#ready.delete(deliverer);
  }

  readonly #run = (): void => {
    if (this.#spent === 0) {
      nextTurn(this.#newTurn);
    }
    for (const deliverer of this.#ready) {
      this.#ready.delete(deliverer);
      // At least one is counted, so that even idle runs come to an end.
      this.#spent += Math.max(1, deliverer.deliver(quantum));
      if (deliverer.runnable) {
        this.#ready.add(deliverer);
      }
      if (this.#spent >= turnBudget && this.#ready.size > 0) {
        return;
      }
    }
    this.#running = false;
  };

  readonly #newTurn = (): void => {
    const paused = this.#spent >= turnBudget && this.#running;
    this.#spent = 0;
    if (paused) {
      this.#run();
    }
  };
}
