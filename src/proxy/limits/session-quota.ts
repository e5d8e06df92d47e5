import { overLimit } from "../../base/over-limit.js";
import type { StatusError } from "../../base/status.js";
import type { Peer } from "../../transport/transport.js";
import { holderOf } from "./holder-of.js";

/** Counts the sessions of each principal, or of each address where there are no principals. */
export class SessionQuota {
  readonly #max: number;
  readonly #counts = new Map<string, number>();

  constructor(maxSessionsPerPrincipal: number) {
    this.#max = maxSessionsPerPrincipal;
  }

  /** Why a client may not begin a session, if it may not. */
  refusal(peer: Peer): StatusError | undefined {
    return (this.#counts.get(holderOf(peer)) ?? 0) < this.#max
      ? undefined
      : overLimit("maxSessionsPerPrincipal", `the client has ${this.#max} sessions already: end one of them first`);
  }

  /** A session of a client begins. Returns what tells that it is over. */
  begin(peer: Peer): () => void {
    const holder = holderOf(peer);
    this.#counts.set(holder, (this.#counts.get(holder) ?? 0) + 1);
    return () => {
      const left = (this.#counts.get(holder) ?? 1) - 1;
      if (left > 0) {
        this.#counts.set(holder, left);
      } else {
        this.#counts.delete(holder);
      }
    };
  }
}
