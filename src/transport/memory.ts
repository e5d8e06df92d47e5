import { type Clock, systemClock } from "../base/clock.js";
import { Code, StatusError } from "../base/status.js";
import { acceptConnection } from "./accept.js";
import { checkHeaders, checkPositive, checkProtocols } from "./check-options.js";
import { MemorySocket } from "./memory-socket.js";
import {
  type AcceptOptions,
  type Connection,
  type ConnectOptions,
  defaultMaxMessageBytes,
  type Listener,
  type ServerTransport,
  type Transport,
} from "./transport.js";
import { WebSocketConnection } from "./websocket-connection.js";

/** The options of a `MemoryTransport`. */
export interface MemoryTransportOptions {
  /** Where time comes from. By default the clock of the platform. */
  readonly clock?: Clock;
  /** The largest message to take on both ends, in bytes. By default 1 MiB. A larger one closes the connection. */
  readonly maxMessageBytes?: number;
  /** What the ends know each other by. By default `memory`. */
  readonly address?: string;
}

/** What an attempt to connect in memory can be given. */
export interface MemoryConnectOptions extends ConnectOptions {
  /** What the listener finds in `peer.metadata`, with names in lower case, in place of HTTP headers. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Both ends of a transport in one process: `connect()` reaches whoever called `listen()` on the same object.
 *
 * It takes the place of WebSocket in tests, and of one in a program that bridges buses of its own. Messages
 * arrive in later microtasks, never within `send()`. All else is as over a WebSocket: closing, limits, and what
 * a peer gets to know of a status. What nobody takes stays with the sender, and shows in its `bufferedAmount`.
 * `encrypted` is false: nothing was.
 */
export class MemoryTransport implements Transport, ServerTransport {
  readonly #clock: Clock;
  readonly #maxMessageBytes: number;
  readonly #address: string;
  #accept: ((connection: Connection) => void) | undefined;
  /** The subprotocols that whoever listens speaks. */
  #spoken: readonly string[] = [];
  #clients = 0;

  constructor(options: MemoryTransportOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#maxMessageBytes = checkPositive("maxMessageBytes", options.maxMessageBytes ?? defaultMaxMessageBytes);
    this.#address = options.address ?? "memory";
  }

  /** Starts to listen. One at a time can: a second rejects with ALREADY_EXISTS until the first is closed. */
  async listen(accept: (connection: Connection) => void, { protocols = [] }: AcceptOptions = {}): Promise<Listener> {
    const spoken = checkProtocols(protocols);
    if (this.#accept !== undefined) {
      throw new StatusError(Code.ALREADY_EXISTS, `${this.#address} has a listener already; close it first`);
    }
    // A function of its own, so that one listener can't close the next.
    const own = (connection: Connection): void => accept(connection);
    this.#accept = own;
    this.#spoken = spoken;
    const close = async (): Promise<void> => {
      if (this.#accept === own) {
        this.#accept = undefined;
      }
    };
    return { address: this.#address, close, [Symbol.asyncDispose]: close };
  }

  async connect(options: MemoryConnectOptions = {}): Promise<Connection> {
    const { signal } = options;
    const offered = checkProtocols(options.protocols ?? []);
    const metadata = new Map(
      Object.entries(checkHeaders(options.metadata ?? {})).map(([name, value]) => [name.toLowerCase(), value]),
    );
    // An attempt takes a moment, as over a network: it can be given up after it was made.
    await Promise.resolve();
    if (signal?.aborted === true) {
      throw new StatusError(Code.CANCELLED, `the attempt to connect to ${this.#address} was given up`, {
        cause: signal.reason,
      });
    }
    const accept = this.#accept;
    if (accept === undefined) {
      throw new StatusError(Code.UNAVAILABLE, `${this.#address} can't be reached: nobody listens; call listen() first`);
    }
    const protocol = this.#spoken.find((name) => offered.includes(name)) ?? "";
    if (offered.length > 0 && protocol === "") {
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `${this.#address} speaks none of ${offered.join(", ")}; check what it was told to speak`,
      );
    }
    this.#clients += 1;
    const [client, server] = MemorySocket.pair(this.#maxMessageBytes, protocol);
    const accepted = this.#connection(server, `${this.#address}#${this.#clients}`, metadata);
    const connection = this.#connection(client, this.#address, new Map());
    queueMicrotask(() => void acceptConnection(accept, accepted));
    return connection;
  }

  #connection(socket: MemorySocket, address: string, metadata: ReadonlyMap<string, string>): Connection {
    return new WebSocketConnection(socket, {
      peer: { address, metadata, encrypted: false },
      maxMessageBytes: this.#maxMessageBytes,
      clock: this.#clock,
      stopsReadingAtOnce: true,
    });
  }
}
