import { type Authenticate, isSamePrincipal } from "../../auth/authenticate.js";
import type { Clock } from "../../base/clock.js";
import { Code, type Status, status } from "../../base/status.js";
import type { Elements } from "../../codec/elements.js";
import type { Connection, Peer } from "../../transport/transport.js";
import type { ChargingConnection } from "../link.js";
import { linkProtocol } from "./limits.js";
import type { CheckedResumableOptions } from "./options.js";
import { type ResetReasonName, resetStatus } from "./reset.js";
import { ResumableLink } from "./resumable-link.js";
import { isSecret, makeEpoch, makeSecret, makeSessionId, toKey } from "./secret.js";
import { awaitHello, type Greeted, termsFor, welcome } from "./server-handshake.js";
import { ServerRenewal } from "./server-renewal.js";

/** What a server of resumable links is told. */
export interface ResumableServerOptions extends CheckedResumableOptions {
  readonly clock: Clock;
  readonly maxMessageBytes: number;
  /** How many elements a message may have that is read. Default: any number. */
  readonly maxElements?: number | undefined;
  readonly heartbeatMs: number;
  readonly graceMs: number;
  readonly authenticate: Authenticate | undefined;
  /** Why a client that has shaken hands may not begin a session, if it may not. */
  refusal?(peer: Peer): Status | undefined;
  /** A client has begun a session. */
  accept(link: ResumableLink): void;
}

/** A session: a link, and what it takes to resume it. */
interface Held {
  readonly id: Uint8Array;
  readonly link: ResumableLink;
  readonly greeted: Greeted;
  readonly renewal: ServerRenewal;
  /** What was read of its messages, for whichever connection it has to charge for. */
  readonly elements: Elements;
  secret: Uint8Array;
  /** The number of the client's attempt that has resumed the session last. */
  attempt: number;
  /** The secret before, until the client has shown that it knows the new one. */
  previous: Uint8Array | undefined;
  /** Ends the wait for another connection. */
  prevent: () => void;
}

/** Shakes hands with clients, and knows their sessions. */
export class ResumableServer {
  readonly #options: ResumableServerOptions;
  readonly #epoch = makeEpoch();
  readonly #sessions = new Map<string, Held>();
  /** The connections whose handshake isn't done. */
  readonly #pending = new Set<Connection>();
  /** Why no more clients are taken. */
  #closedWith: Status | undefined;

  constructor(options: ResumableServerOptions) {
    this.#options = options;
  }

  /** Takes a new connection. Calls `settled` as soon as its client has shaken hands. */
  connected(connection: ChargingConnection, settled = () => {}): void {
    if (connection.protocol !== linkProtocol) {
      const message = `only ${linkProtocol} is spoken here; a plain link needs a dialect at both ends`;
      void connection.close(status(Code.FAILED_PRECONDITION, message));
    } else {
      void this.#shakeHands(connection, settled);
    }
  }

  /** Takes no more clients, and closes the connections whose handshake isn't done. */
  close(why: Status): void {
    this.#closedWith = why;
    for (const connection of this.#pending) {
      void connection.close(why);
    }
  }

  async #shakeHands(connection: ChargingConnection, settled: () => void): Promise<void> {
    this.#pending.add(connection);
    const { clock, authenticate } = this.#options;
    const greeted = await awaitHello(connection, clock, authenticate);
    this.#pending.delete(connection);
    if (greeted === undefined) {
      // It counts until it is closed.
      return;
    }
    settled();
    if (this.#closedWith !== undefined) {
      greeted.channel.close(this.#closedWith);
    } else if (greeted.hello.resume !== undefined) {
      this.#resume(greeted, greeted.hello.resume);
    } else {
      this.#open(greeted);
    }
  }

  #open(greeted: Greeted): void {
    const refusal = this.#options.refusal?.(greeted.peer);
    if (refusal !== undefined) {
      greeted.channel.close(refusal);
      return;
    }
    const id = makeSessionId();
    const key = toKey(id);
    const elements = { max: this.#options.maxElements ?? Number.POSITIVE_INFINITY, count: 0 };
    const link = new ResumableLink({
      ...this.#options,
      side: "server",
      elements,
      suspended: () => this.#waitFor(held),
      confirmed: () => {
        held.previous = undefined;
      },
      renewal: (kind) => renewal.received(kind),
    });
    const renewal = new ServerRenewal({
      ...this.#options,
      renewed: (peer) => link.identified(peer),
      end: (why) => link.end(why),
    });
    const held: Held = {
      id,
      link,
      greeted,
      renewal,
      elements,
      secret: makeSecret(),
      attempt: 0,
      previous: undefined,
      prevent: () => {},
    };
    if (!link.rewind(greeted.cursors)) {
      refuse(greeted, "gap", "a new session begins with nothing received");
      return;
    }
    this.#sessions.set(key, held);
    void link.closed.then(() => {
      held.prevent();
      renewal.stop();
      this.#sessions.delete(key);
    });
    this.#attach(held, greeted, false);
    this.#options.accept(link);
  }

  #resume(greeted: Greeted, resume: NonNullable<Greeted["hello"]["resume"]>): void {
    if (resume.serverEpoch !== this.#epoch) {
      refuse(greeted, "restarted", "the server was restarted since");
      return;
    }
    const held = this.#sessions.get(toKey(resume.sessionId));
    if (held === undefined || held.link.isClosed) {
      refuse(greeted, "unknownSession", "the session is over");
      return;
    }
    const isKnown = isSecret(held.secret, resume.secret) || isSecret(held.previous, resume.secret);
    const { hello, peer } = held.greeted;
    if (!isKnown || !isSamePrincipal(peer.principal, greeted.peer.principal) || hello.epoch !== greeted.hello.epoch) {
      refuse(greeted, "denied", "the session is somebody else's", Code.PERMISSION_DENIED);
      return;
    }
    if (resume.attempt <= held.attempt) {
      // Its client has given it up, or somebody plays it back: the connection that came after it goes on.
      refuse(greeted, "denied", "a later attempt has resumed the session", Code.ABORTED);
      return;
    }
    held.attempt = resume.attempt;
    held.link.drop(status(Code.ABORTED, "another connection has resumed the session"), false);
    if (held.link.isClosed) {
      refuse(greeted, "unknownSession", "the session is over");
      return;
    }
    held.prevent();
    if (!held.link.rewind(greeted.cursors)) {
      const why = resetStatus("gap", "the client's cursors don't fit to what was sent");
      held.link.end(why);
      refuse(greeted, "gap", why.message);
      return;
    }
    // Whichever of the two the client has shown is the one that it may have to show again.
    held.previous = resume.secret;
    held.secret = makeSecret();
    this.#attach(held, greeted, true);
  }

  #attach(held: Held, { connection, channel, hello, peer }: Greeted, resumed: boolean): void {
    const { heartbeatMs, graceMs, maxMessageBytes } = this.#options;
    const { id, link, secret, renewal } = held;
    connection.elements = held.elements;
    connection.identified?.(peer);
    renewal.identified(channel, peer);
    const { expiresAfterMs } = renewal;
    const known = { epoch: this.#epoch, sessionId: id, secret, resumed, expiresAfterMs };
    const value = welcome(known, link.cursors(), { heartbeatMs, graceMs, maxMessageBytes });
    channel.sendControl({ case: "welcome", value });
    link.attach(channel, peer, termsFor(hello, heartbeatMs, graceMs));
  }

  /** Keeps a session without a connection for a while. */
  #waitFor(held: Held): void {
    const { clock, graceMs } = this.#options;
    held.prevent();
    held.prevent = clock.after(graceMs, () => {
      held.link.end(resetStatus("expired", `the client didn't come back within ${graceMs} ms`));
    });
  }
}

function refuse({ channel }: Greeted, reason: ResetReasonName, message: string, code = Code.UNAVAILABLE): void {
  channel.close(resetStatus(reason, message, code));
}
