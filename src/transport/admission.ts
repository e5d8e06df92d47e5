import type { Clock } from "../base/clock.js";
import { deferred } from "../base/deferred.js";
import { consoleLogger } from "../base/logger.js";
import { Code, StatusError } from "../base/status.js";
import type { AcceptOptions, Peer, Principal } from "./transport.js";

/** How long a listener may take to decide on a request to connect, in milliseconds, unless it is told otherwise. */
export const defaultHandshakeTimeoutMs = 10_000;

/** What may end the wait for a decision. */
export interface AdmissionOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** A request to connect that a listener's hook decides on. */
export class Admission {
  readonly #decided = deferred<Principal | undefined>();
  readonly #stopTimer: () => void;

  constructor(admit: NonNullable<AcceptOptions["admit"]>, peer: Peer, { clock, timeoutMs }: AdmissionOptions) {
    this.#stopTimer = clock.after(timeoutMs, () =>
      this.giveUp(new StatusError(Code.UNAVAILABLE, `nobody decided on the request to connect within ${timeoutMs} ms`)),
    );
    void this.#ask(admit, peer);
  }

  /** Who the peer is, once that is decided. Rejects with why it is refused, which is always a status. */
  get decided(): Promise<Principal | undefined> {
    return this.#decided.promise;
  }

  /** Refuses the request, if it isn't decided on. What the hook says later has no effect. */
  giveUp(why: StatusError): void {
    this.#stopTimer();
    this.#decided.reject(why);
  }

  async #ask(admit: NonNullable<AcceptOptions["admit"]>, peer: Peer): Promise<void> {
    try {
      this.#decided.resolve(await admit(peer));
      this.#stopTimer();
    } catch (error) {
      this.giveUp(error instanceof StatusError ? error : failed(peer, error));
    }
  }
}

/** What a peer gets to know of a hook that failed: nothing of the reason, which is the application's. */
function failed(peer: Peer, error: unknown): StatusError {
  consoleLogger.error("admit() failed for a request to connect", { peer: peer.address, error });
  return new StatusError(Code.INTERNAL, "the listener failed to decide on the request to connect", { cause: error });
}

/** The HTTP status that refuses a request to connect. */
export function httpStatusOf(code: Code): number {
  switch (code) {
    case Code.INVALID_ARGUMENT:
      return 400;
    case Code.UNAUTHENTICATED:
      return 401;
    case Code.PERMISSION_DENIED:
      return 403;
    case Code.RESOURCE_EXHAUSTED:
      return 429;
    case Code.UNAVAILABLE:
      return 503;
    default:
      return 500;
  }
}
