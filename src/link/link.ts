import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { Status } from "../base/status.js";
import type { Peeked } from "../codec/codec.js";
import type { Elements } from "../codec/elements.js";
import type { Connection, Peer } from "../transport/transport.js";

/**
 * A channel of bus messages to one peer. Proxies know links by this interface alone: a plain link lives as
 * long as its one connection, a resumable one survives the loss of a connection.
 */
export interface Link {
  readonly peer: Peer;
  /** Whether the peer announces its agents over this link. If not, it counts as announced from the start. */
  readonly announces: boolean;
  /** The name of the dialect that is spoken. What arrives can be forwarded to links with the same. */
  readonly dialect: string;
  /** Whether what arrives may be forwarded after no more than a peek. If not, it has to be decoded first. */
  readonly peekSuffices: boolean;
  /**
   * Resolves with the status at the end of the link. Never rejects. OK means that an end closed it on purpose. That of a
   * resumable link that was reset has an `errorInfo` detail with the reason.
   */
  readonly closed: Promise<Status>;

  /**
   * Encodes and sends a message, and returns its size in bytes. Throws INVALID_ARGUMENT for what can't be
   * encoded, RESOURCE_EXHAUSTED for what is larger than the link carries or finds the link congested, and
   * UNAVAILABLE when the link is down.
   */
  send(message: BusMessage): number;

  /**
   * Sends a message that arrived on another link of the same dialect, byte by byte as it came. Throws like `send`, but
   * for what can't be encoded.
   */
  forward(incoming: Incoming): void;

  /**
   * Resolves once the link can take more without keeping much of it, or is closed, or has kept its senders waiting for
   * too long. Undefined when it can at once, which is the usual case. Who sends data messages should wait for it.
   */
  drained(): Promise<void> | undefined;

  /** Names the one consumer of what arrives. What has arrived before is delivered first. */
  receive(consumer: LinkConsumer): void;

  /** Stops delivering, so that the peer slows down. The link resumes by itself where waiting would kill it. */
  pause(): void;

  /** Delivers again. */
  resume(): void;

  /** Closes the link with a status that the peer gets to know. Resolves like `closed`. */
  close(status: Status): Promise<Status>;
}

/** A connection that may charge its peer for the elements that are read of what comes over it. */
export interface ChargingConnection extends Connection {
  /** Those of the link that goes over it. */
  elements?: Elements | undefined;
  /** Its client is known, and what it may send depends on what it has sent before. */
  identified?(peer: Peer): void;
}

/** A message that arrived, not yet decoded. */
export interface Incoming {
  /** What a policy decides on. */
  readonly peeked: Peeked;
  /** The size of the encoded message. */
  readonly bytes: number;
  /** The encoded message, which nobody changes. */
  readonly encoded: Uint8Array;
  /**
   * Builds the message. Returns undefined for one that proves to be invalid, which the consumer is told of, and for
   * bytes that don't parse; the link has then closed itself.
   */
  decode(): BusMessage | undefined;
}

/** Which agents an end of a link answers for, and what it takes for them. */
export interface Offer {
  readonly agents: readonly string[];
  /** The field numbers of the cases, and of the kinds of frames, that it takes. */
  readonly cases: readonly number[];
  readonly frameKinds: readonly number[];
  /** The names of the types that it takes, the application's and Python's. */
  readonly customTypes: readonly string[];
  readonly pythonTypes: readonly string[];
}

/** Takes what arrives on a link. Its methods must not throw. */
export interface LinkConsumer {
  /** The Python classes beside those of the schema that messages may hold, either way. */
  readonly pythonTypes: ReadonlySet<string>;
  /** Gets one message. */
  message(incoming: Incoming): void;
  /** Is told of a message that parses but that nobody here can know, and that is dropped. */
  invalid(reason: string, bytes: number): void;
  /**
   * Gets a message that was sent and could not be handed over before the link closed, or that expired before it was
   * sent. One of a resumable link wasn't acknowledged, and may have arrived all the same.
   */
  undelivered(message: BusMessage, status: Status): void;
  /** What to tell the peer about this end, where the link has a way to. */
  readonly offer?: Offer;
  /** Whether an application's type takes the system lane; undefined for one that this end doesn't know. */
  isSystemType?(typeName: string): boolean | undefined;
  /** Is told what the peer says about itself. */
  offered?(offer: Offer): void;
  /** The link has lost its connection, and keeps what is sent until there is another. */
  suspended?(why: Status): void;
  /** The link goes on over another connection. `outageMs` is how long it was without one. */
  resumed?(outageMs: number): void;
}
