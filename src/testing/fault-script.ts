import type { Clock } from "../base/clock.js";
import type { Fault, FaultStep } from "./fault.js";

/** Counts what passes one connection, and says when the steps of its script are due. */
export class FaultScript {
  readonly #clock: Clock;
  readonly #fire: (fault: Fault) => void;
  #waiting: readonly FaultStep[];
  readonly #prevents = new Set<() => void>();
  #sent = 0;
  #received = 0;

  constructor(steps: readonly FaultStep[], clock: Clock, fire: (fault: Fault) => void) {
    this.#clock = clock;
    this.#fire = fire;
    this.#waiting = steps;
  }

  /** Begins, with the steps that count nothing. */
  start(): void {
    this.#check();
  }

  /** A message is about to be sent. */
  sent(): void {
    this.#sent += 1;
    this.#check();
  }

  /** A message is about to arrive. */
  received(): void {
    this.#received += 1;
    this.#check();
  }

  /** Calls nothing any more. */
  stop(): void {
    this.#waiting = [];
    for (const prevent of this.#prevents) {
      prevent();
    }
    this.#prevents.clear();
  }

  #check(): void {
    if (this.#waiting.length === 0) {
      return;
    }
    const due = this.#waiting.filter((step) => this.#isReached(step));
    if (due.length > 0) {
      this.#waiting = this.#waiting.filter((step) => !due.includes(step));
      for (const step of due) {
        this.#arm(step);
      }
    }
  }

  #isReached({ afterSent = 0, afterReceived = 0 }: FaultStep): boolean {
    return this.#sent >= afterSent && this.#received >= afterReceived;
  }

  #arm(step: FaultStep): void {
    if ((step.afterMs ?? 0) === 0) {
      this.#fire(step);
      return;
    }
    const prevent = this.#clock.after(step.afterMs ?? 0, () => {
      this.#prevents.delete(prevent);
      this.#fire(step);
    });
    this.#prevents.add(prevent);
  }
}
