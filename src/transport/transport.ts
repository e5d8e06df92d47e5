import type { Status } from "../base/status.js";

/**
 * Makes connections to a peer. A transport moves bytes and knows nothing of messages.
 *
 * The conformance suite in `crossbus/testing` checks an implementation against what is written here.
 */
export interface Transport {
  /**
   * Makes one connection. Rejects with a StatusError:
   *
   * - UNAVAILABLE when the peer can't be reached, or doesn't answer in time. Trying again may help.
   * - UNAUTHENTICATED, PERMISSION_DENIED or FAILED_PRECONDITION when the peer refuses. Trying again doesn't
   *   help. A refusal that may pass, such as one for too many requests, is UNAVAILABLE.
   * - CANCELLED when `signal` aborts. The attempt leaves nothing behind.
   */
  connect(options?: ConnectOptions): Promise<Connection>;
}

/** What one attempt to connect can be given. */
export interface ConnectOptions {
  /**
   * The subprotocols to offer, beside those that the transport offers anyway. A peer that knows none of those that are
   * offered fails the attempt with FAILED_PRECONDITION.
   */
  readonly protocols?: readonly string[];
  /** Gives the attempt up. It has no effect on a connection that was made. */
  readonly signal?: AbortSignal;
}

/** What a listener can be given. */
export interface AcceptOptions {
  /**
   * The subprotocols that are spoken, the best one first. Of those that a peer offers the first one here is selected. By
   * default none is, whatever peers offer.
   */
  readonly protocols?: readonly string[];
  /**
   * Decides on a request to connect before it is granted. What it returns is the `principal` of the connection's peer. A
   * status that it throws, or rejects with, refuses the request, and is what `connect()` rejects with at the other end, as
   * far as the transport can tell it. By default every request is granted.
   */
  readonly admit?: (peer: Peer) => Principal | undefined | Promise<Principal | undefined>;
  /**
   * Is told of each peer as soon as it begins to connect, before anything is read of it where the transport can tell, with
   * an address as in `Peer.address`. A status that it throws turns the peer away, as one of `admit` does if that is
   * possible so early. By default nobody counts.
   */
  readonly arrive?: (address: string) => Arrival;
}

/** A peer that has begun to connect, as whoever listens counts it. */
export interface Arrival {
  /**
   * It counts no more: it is just about to be given to `accept`, or it is gone; `why` says why it was cut or refused, if
   * it was. Calling it twice is the same as calling it once.
   */
  settle(why?: Status): void;
}

/** Accepts connections from peers. */
export interface ServerTransport {
  /**
   * Starts to listen, and calls `accept` with each new connection. What a peer sends is kept until
   * `receive()` is called on its connection. When `accept` throws, or returns a promise that rejects, that is
   * logged and the connection closes with INTERNAL; the listener goes on.
   *
   * Rejects with a StatusError that names the address when it can't listen there: ALREADY_EXISTS when it is
   * taken, PERMISSION_DENIED when it isn't allowed, else UNAVAILABLE.
   */
  listen(accept: (connection: Connection) => void, options?: AcceptOptions): Promise<Listener>;
}

/** Something that accepts connections until it is closed. */
export interface Listener extends AsyncDisposable {
  /** Where clients connect to, for instance `ws://127.0.0.1:8765/ws`. */
  readonly address: string;
  /**
   * Stops accepting, and resolves once nothing of the listener is left. Connections that it has accepted live
   * on: they belong to whom `accept` gave them to. Closing twice is the same as closing once.
   */
  close(): Promise<void>;
}

/** Who a peer is, as the application's authentication found. */
export interface Principal {
  readonly name: string;
  /** What the principal may do, by a name of the application's: a link isn't resumed under another one. */
  readonly policy?: string;
  /** Until when this holds, in milliseconds since the epoch. By default for as long as the peer is there. */
  readonly expiresAt?: number;
}

/** The certificate that a peer has shown, and that an authority which the listener trusts has signed. */
export interface PeerCertificate {
  /** The common name of its subject; empty without one. */
  readonly commonName: string;
  /** The names and addresses that it is for, such as `DNS:client.example`. */
  readonly alternativeNames: readonly string[];
  /** The SHA-256 of the certificate, in lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /** Until when it is valid, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What is known of the other end of a connection. */
export interface Peer {
  /** Where the peer is, as far as the transport can tell, for instance `127.0.0.1:51234`. */
  readonly address: string;
  /** What came with the request to connect: header names in lower case, and their values. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Whether others on the way can't read the bytes. */
  readonly encrypted: boolean;
  /** What the peer has asked for, with its query, which may hold a secret: for instance `/ws?ticket=…`. Of listeners only. */
  readonly url?: string;
  /** The client certificate, where one was asked for and shown. */
  readonly certificate?: PeerCertificate;
  /** Who the peer is, where that was found out. */
  readonly principal?: Principal;
}

/**
 * An ordered pipe of binary messages to one peer. It keeps the borders of messages, and is reliable until it
 * is closed: a message arrives once, or the connection closes.
 */
export interface Connection {
  /** The subprotocol that both ends agreed on; empty without one. */
  readonly protocol: string;
  readonly peer: Peer;
  /** The bytes that were sent and have not been handed to the operating system, or to the peer. */
  readonly bufferedAmount: number;
  /**
   * Resolves with the status at the end of the connection, whoever closed it. Never rejects. OK means that an
   * end closed it on purpose.
   *
   * Where the peer closed or the connection broke, it resolves once the consumer has taken what arrived before.
   * A connection that is paused with messages to deliver, or waits for `receive()` with such, is given 10 s from
   * the end on; then they are dropped, and it resolves.
   */
  readonly closed: Promise<Status>;

  /**
   * Sends one message. The connection may keep `bytes` until they are handed over: they must not change.
   * Throws UNAVAILABLE once the connection is closing or closed.
   */
  send(bytes: Uint8Array): void;

  /** Resolves once `bufferedAmount` is at most `amount` bytes, or the connection is closed. */
  drained(amount: number): Promise<void>;

  /**
   * Names the one consumer of what arrives; what has arrived before is delivered first. Throws
   * FAILED_PRECONDITION when there is a consumer already. Call it soon: what has arrived is dropped 10 s after the
   * end of the connection, and until it is called that end may be noticed minutes late. Nothing is delivered once `closed` has resolved, nor
   * after this end has called `close()`; only what was sent and not handed over is told later still, to a
   * consumer that comes after the end.
   */
  receive(consumer: Consumer): void;

  /**
   * Stops delivering to the consumer, so that a peer that sends faster than it is read is slowed down. Use it
   * briefly: a WebSocket that has messages to deliver and is paused doesn't answer pings either, and peers take
   * it for dead. It may notice its own end minutes late, and what it hasn't delivered 10 s after that is dropped.
   * Browsers can't stop reading: there what arrives meanwhile is kept, up to a limit that closes
   * the connection with RESOURCE_EXHAUSTED.
   */
  pause(): void;

  /** Delivers again, from the next microtask on. */
  resume(): void;

  /**
   * Names who is told of each frame of the peer's that is no message, such as a ping of WebSocket, where the transport has
   * such frames and can tell.
   */
  onControl?(listener: () => void): void;

  /**
   * Closes the connection with a status that the peer gets to know, as far as the transport can tell it.
   * What was sent before is still delivered, if the peer reads it within a few seconds. Resolves like
   * `closed`. Closing twice is the same as closing once.
   */
  close(status: Status): Promise<Status>;
}

/**
 * Takes what arrives on a connection. Its methods must not throw: an exception of `message` or `text` is logged and
 * closes the connection with INTERNAL, one of `undelivered` is logged and changes nothing else.
 */
export interface Consumer {
  /**
   * Gets one message. Nobody changes the bytes later. They may be a view of up to 8 KiB in which other messages of the
   * same connection stand: copy what is kept for long.
   */
  message(bytes: Uint8Array): void;
  /**
   * Gets a text message, encoded in UTF-8, where the transport tells text from bytes. Without this method a
   * text message closes the connection with INVALID_ARGUMENT.
   */
  text?(bytes: Uint8Array): void;
  /**
   * Gets each message that was sent and could not be handed over before the connection closed, in order and
   * before `closed` resolves. `status` says why, and is never OK. A message may have been handed over in part
   * when the connection broke, even as a whole: that it is told here doesn't prove that it never arrived. Nor
   * does silence prove that it did: what the operating system took may be lost with the connection.
   */
  undelivered?(bytes: Uint8Array, status: Status): void;
}

/** The largest message, in bytes, that transports accept by default: 1 MiB, as much as a Python client does. */
export const defaultMaxMessageBytes = 1_048_576;
