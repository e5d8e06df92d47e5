import type { Renew } from "../../../gen/crossbus/v1/link_pb.js";
import { type Authenticate, identify, isSamePrincipal } from "../../auth/authenticate.js";
import { whenExpired } from "../../auth/expiry.js";
import { isRefusal } from "../../auth/unauthenticated.js";
import type { Clock } from "../../base/clock.js";
import { Code, type Status, StatusError, toStatusError } from "../../base/status.js";
import type { Peer } from "../../transport/transport.js";
import type { Channel } from "./channel.js";
import { withReason } from "./reset.js";
import type { Renewal } from "./resumable-link.js";

/** What a `ServerRenewal` is told, and whom it tells. */
export interface ServerRenewalOptions {
  readonly clock: Clock;
  readonly authenticate: Authenticate | undefined;
  /** The client has proved anew who it is. */
  renewed(peer: Peer): void;
  /** What the client has proved holds no longer. */
  end(why: Status): void;
}

/** Sees to it that a session lasts no longer than what its client has proved, and has it prove that anew. */
export class ServerRenewal {
  readonly #options: ServerRenewalOptions;
  /** The connection that the client has shaken hands over last. */
  #channel: Channel | undefined;
  #peer: Peer | undefined;
  /** The channel over which the client waits for an answer. */
  #asking: Channel | undefined;
  #preventEnd = () => {};

  constructor(options: ServerRenewalOptions) {
    this.#options = options;
  }

  /** Takes in who the client of a new connection is. */
  identified(channel: Channel, peer: Peer): void {
    this.#channel = channel;
    this.#know(peer);
  }

  /** In how many milliseconds the session ends unless it is renewed, as the client is told it; 0 for never. */
  get expiresAfterMs(): bigint {
    const at = this.#peer?.principal?.expiresAt;
    if (at === undefined) {
      return 0n;
    }
    const left = Math.ceil(at - this.#options.clock.now());
    return BigInt(Math.min(Math.max(1, left), Number.MAX_SAFE_INTEGER));
  }

  /** Takes in what a client has to say. Throws a status for one that doesn't wait for the answer to what it has said before. */
  received(kind: Renewal): void {
    const channel = this.#channel as Channel;
    if (kind.case === "renewed") {
      throw new StatusError(Code.FAILED_PRECONDITION, "the client sent renewed, which is a server's answer");
    }
    if (this.#asking === channel) {
      throw new StatusError(Code.FAILED_PRECONDITION, "the client sent a second renew before the answer to the first");
    }
    this.#asking = channel;
    void this.#judge(kind.value, channel);
  }

  /** The session is over. */
  stop(): void {
    this.#channel = undefined;
    this.#preventEnd();
  }

  async #judge({ credential }: Renew, channel: Channel): Promise<void> {
    const { authenticate, clock, renewed, end } = this.#options;
    const given = credential === undefined ? undefined : { type: credential.type, value: credential.value };
    const { peer } = channel;
    try {
      const principal = await identify(authenticate, { credential: given, peer }, () => clock.now());
      if (channel !== this.#channel) {
        // Another connection has come, whose client has proved who it is since.
        return;
      }
      if (!isSamePrincipal(principal, this.#peer?.principal)) {
        throw new StatusError(Code.PERMISSION_DENIED, "the session is somebody else's");
      }
      const known = principal === undefined ? peer : { ...peer, principal };
      this.#know(known);
      renewed(known);
    } catch (error) {
      const why = toStatusError(error);
      if (channel === this.#channel && isRefusal(why)) {
        end(withReason(why, "denied"));
        return;
      }
      // A server that can't tell at the moment, because what it asks is down say, refuses nobody: what was proved holds on.
    }
    this.#asking = undefined;
    channel.sendControl({ case: "renewed", value: { expiresAfterMs: this.expiresAfterMs } });
  }

  #know(peer: Peer): void {
    const { clock, end } = this.#options;
    this.#peer = peer;
    this.#preventEnd();
    this.#preventEnd = whenExpired(clock, peer.principal, end);
  }
}
