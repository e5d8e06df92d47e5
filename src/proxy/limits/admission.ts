import { overLimit } from "../../base/over-limit.js";
import { Code, type StatusError } from "../../base/status.js";
import type { Arrival } from "../../transport/transport.js";
import { clientNetwork } from "./client-network.js";
import type { LimitCounters } from "./limit-counters.js";
import type { CheckedLimits } from "./server-limits.js";

/** Counts the clients that aren't let in yet, and turns away those that are too many. */
export class Admission {
  readonly #limits: Pick<CheckedLimits, "maxPending" | "maxPendingPerAddress">;
  readonly #counters: LimitCounters;
  readonly #perNetwork = new Map<string, number>();
  /** Made once: a storm of clients must be cheap to turn away. */
  readonly #tooMany: StatusError;
  readonly #tooManyOfOne: StatusError;
  #pending = 0;

  constructor(limits: Pick<CheckedLimits, "maxPending" | "maxPendingPerAddress">, counters: LimitCounters) {
    this.#limits = limits;
    this.#counters = counters;
    const message = "too many clients are connecting; try again later";
    this.#tooMany = overLimit("maxPending", message, Code.UNAVAILABLE);
    this.#tooManyOfOne = overLimit("maxPendingPerAddress", "too many connections of this address; try again later");
  }

  /** How many clients aren't let in yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Takes in that a client begins to connect. Throws a status for one that is too many. */
  arrive(address: string): Arrival {
    const network = clientNetwork(address);
    const count = this.#perNetwork.get(network) ?? 0;
    if (count >= this.#limits.maxPendingPerAddress) {
      this.#counters.count("maxPendingPerAddress", address);
      throw this.#tooManyOfOne;
    }
    if (this.#pending >= this.#limits.maxPending) {
      this.#counters.count("maxPending", address);
      throw this.#tooMany;
    }
    this.#pending++;
    this.#perNetwork.set(network, count + 1);
    let isPending = true;
    return {
      settle: (why) => {
        if (isPending) {
          isPending = false;
          this.#leave(network);
          if (why !== undefined) {
            this.#counters.ended(why, address);
          }
        }
      },
    };
  }

  #leave(network: string): void {
    this.#pending--;
    const left = (this.#perNetwork.get(network) ?? 1) - 1;
    if (left > 0) {
      this.#perNetwork.set(network, left);
    } else {
      this.#perNetwork.delete(network);
    }
  }
}
