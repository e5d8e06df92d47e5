import type { Clock } from "../base/clock.js";
import type { Given } from "../base/given.js";
import type { Status, StatusError } from "../base/status.js";
import type { ClientTls } from "./client-tls.js";
import type { ConnectRequest, RequestChecks } from "./connect-request.js";
import type { Peer } from "./transport.js";
import type { WebSocketLike } from "./web-socket-like.js";

/**
 * Makes the WebSockets of a transport. There are two sorts: `pageWebSockets` are those of pages, and `wsWebSockets` those like
 * the package `ws` has, which can do more. `webSocketsOf` tells which sort a constructor makes.
 */
export interface WebSockets extends RequestChecks {
  /**
   * Makes one, which begins to connect, and offers these subprotocols. `refused` is told when the peer refuses, where such
   * WebSockets tell of it.
   */
  open(request: ConnectRequest, protocols: string[], refused: (why: StatusError) => void): Opening;
  /** Makes the error for one that can't connect to `url`, of what its `error` event carries. */
  connectError(url: string, error: unknown): StatusError;
}

/** What of a transport's options not every WebSocket takes. */
export interface RequestOptions {
  readonly headers?: Given<Readonly<Record<string, string>>> | undefined;
  readonly tls?: ClientTls | undefined;
  readonly maxMessageBytes: number;
}

/** A WebSocket that connects. */
export interface Opening {
  readonly socket: WebSocketLike;
  /** Takes control of the socket, once it is open, where it can do more than one of a page. */
  readonly control?: TakeControl | undefined;
}

/** Has a connection's socket do what it can do beyond one of a page. */
export type TakeControl = (socket: WebSocketLike, connection: Controlled) => SocketControl;

/** What whoever controls its socket knows of a connection, and tells it. */
export interface Controlled {
  readonly peer: Peer;
  readonly maxMessageBytes: number;
  readonly clock: Clock;
  /** A message has arrived. */
  message(bytes: Uint8Array, isText: boolean): void;
  /** The socket is about to close, with `ending` if that is known. */
  closing(ending?: Status): void;
}

/** What a connection's socket can do beyond one of a page. */
export interface SocketControl {
  /** Writes to the socket, and reads from it too. Without it the connection does that as in a page. */
  readonly writer?: MessageWriter | undefined;
  /** Whether reading can be stopped, so that nothing need be kept. */
  readonly canPause: boolean;
  /** Reads or stops reading, by whether a message waits to be taken, and whether the next one would be taken at once. */
  inboxChanged(isEmpty: boolean, isFlowing: boolean): void;
  /** Sets no timer any more and asks nothing of the peer: the socket closes, or has closed. */
  stop(): void;
  /** Closes the socket at once. */
  cut(): void;
  /** Has `listener` called whenever the peer has sent a ping or a pong. */
  onControl(listener: () => void): void;
}

/** Writes messages to a WebSocket, and knows which were not handed over. */
export interface MessageWriter {
  /** The bytes that were sent and have not been handed over. */
  readonly bufferedAmount: number;
  /** Sends a message, over a socket that is open. */
  send(message: Uint8Array): void;
  /** Writes what waits for the end of the turn, where that is awaited. */
  flush?(): void;
  /** Resolves once at most `amount` bytes are left, or the writer has ended. */
  drained(amount: number): Promise<void>;
  /** The socket has closed, `broken` or not. Returns what was not handed over, or may not have been. */
  end(broken: boolean): Uint8Array[];
}
