import type { Duplex } from "node:stream";
import { Code, type Status, StatusError, toStatusError } from "../base/status.js";
import { Admission, type AdmissionOptions, httpStatusOf } from "./admission.js";
import { refuseUpgrade } from "./refuse-upgrade-node.js";
import type { AcceptOptions, Peer, Principal } from "./transport.js";

/** The requests to upgrade that a listener hasn't decided on. */
export class UpgradeAdmissions {
  readonly #admit: AcceptOptions["admit"];
  readonly #options: AdmissionOptions;
  readonly #pending = new Set<Admission>();
  #isClosed = false;

  constructor(admit: AcceptOptions["admit"], options: AdmissionOptions) {
    this.#admit = admit;
    this.#options = options;
  }

  /** Calls `grant` where the listener's hook has nothing against the peer, else `refused`, and answers with an HTTP status. */
  decide(
    peer: Peer,
    socket: Duplex,
    grant: (principal: Principal | undefined) => void,
    refused: (why: Status) => void,
  ): void {
    if (this.#admit === undefined) {
      grant(undefined);
      return;
    }
    const admission = new Admission(this.#admit, peer, this.#options);
    this.#pending.add(admission);
    const stopWatching = whenGone(socket, () =>
      admission.giveUp(new StatusError(Code.CANCELLED, `${peer.address} is gone`)),
    );
    void admission.decided
      .finally(stopWatching)
      .then(
        (principal) => (this.#isClosed ? refuseUpgrade(socket, 503) : grant(principal)),
        (error) => {
          const why = toStatusError(error);
          refused(why);
          refuseUpgrade(socket, httpStatusOf(why.code));
        },
      )
      .finally(() => this.#pending.delete(admission));
  }

  /** Refuses what isn't decided on, and what may be decided yet. */
  close(): void {
    this.#isClosed = true;
    for (const admission of this.#pending) {
      admission.giveUp(new StatusError(Code.UNAVAILABLE, "the listener has closed"));
    }
  }
}

/** Calls `gone` when a client leaves. Returns what stops that, and resolves once the socket is as it was. */
function whenGone(socket: Duplex, gone: () => void): () => Promise<void> {
  // The end of a stream that nobody reads shows only to who asks. This takes nothing of what stands before it.
  const look = () => socket.read(0);
  socket.on("readable", look).once("end", gone).once("close", gone);
  return () => {
    socket.off("readable", look).off("end", gone).off("close", gone);
    // The stream takes until the next tick to notice that nobody waits for it to be readable.
    return new Promise((resolve) => process.nextTick(resolve));
  };
}
