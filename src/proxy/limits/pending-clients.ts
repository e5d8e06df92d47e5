import { overLimit } from "../../base/over-limit.js";
import { Code, type StatusError } from "../../base/status.js";
import type { Arrival } from "../../transport/transport.js";
import { clientNetwork } from "./client-network.js";
import type { LimitCounters } from "./limit-counters.js";
import type { CheckedLimits } from "./server-limits.js";

/** Counts the clients that aren't let in yet, and turns away those that are too many. */
export class PendingClients {
  readonly #limits: Pick<CheckedLimits, "maxPending" | "maxPendingPerAddress">;
  readonly #counters: LimitCounters;
  readonly #perNetwork = new Map<string, number>();
  /** Made once: a storm of clients must be cheap to turn away. */
  readonly #tooMany: StatusError;
  readonly #tooManyOfOne: StatusError;
  #count = 0;

  constructor(limits: Pick<CheckedLimits, "maxPending" | "maxPendingPerAddress">, counters: LimitCounters) {
    this.#limits = limits;
    this.#counters = counters;
    const message = "too many clients are connecting; try again later";
    this.#tooMany = overLimit("maxPending", message, Code.UNAVAILABLE);
    this.#tooManyOfOne = overLimit("maxPendingPerAddress", "too many connections of this address; try again later");
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** Takes in that a client begins to connect. Throws a status for one that is too many. */
  arrive(address: string): Arrival {
    const network = clientNetwork(address);
    const ofNetwork = this.#perNetwork.get(network) ?? 0;
    if (ofNetwork >= this.#limits.maxPendingPerAddress) {
      this.#counters.count("maxPendingPerAddress", address);
      throw this.#tooManyOfOne;
    }
    if (this.#count >= this.#limits.maxPending) {
      this.#counters.count("maxPending", address);
      throw this.#tooMany;
    }
    this.#count++;
    this.#perNetwork.set(network, ofNetwork + 1);
    let isPending = true;
    return {
      settle: (why) => {
        if (isPending) {
          isPending = false;
          this.#leave(network);
          if (why !== undefined) {
            this.#counters.ended(why, address);
            this.#counters.turnedAway(why, address);
          }
        }
      },
    };
  }

  #leave(network: string): void {
    this.#count--;
    const left = (this.#perNetwork.get(network) ?? 1) - 1;
    if (left > 0) {
      this.#perNetwork.set(network, left);
    } else {
      this.#perNetwork.delete(network);
    }
  }
}
