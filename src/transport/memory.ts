import { type Clock, systemClock } from "../base/clock.js";
import { asyncDispose } from "../base/dispose.js";
import { Code, StatusError, toStatusError } from "../base/status.js";
import { acceptConnection } from "./accept.js";
import { Admission, defaultHandshakeTimeoutMs, httpStatusOf } from "./admission.js";
import { checkHeaders } from "./check-headers.js";
import { checkPositive, checkProtocols, showProtocols } from "./check-options.js";
import { MemorySocket } from "./memory-socket.js";
import {
  type AcceptOptions,
  type Arrival,
  type Connection,
  type ConnectOptions,
  defaultMaxMessageBytes,
  type Listener,
  type Peer,
  type Principal,
  type ServerTransport,
  type Transport,
} from "./transport.js";
import { WebSocketConnection } from "./websocket-connection.js";
import { WsControl } from "./ws-control.js";
import { refusedError } from "./ws-errors.js";

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

/** Whoever listens. */
interface Listening {
  readonly accept: (connection: Connection) => void;
  readonly admit: AcceptOptions["admit"];
  readonly arrive: AcceptOptions["arrive"];
  /** The subprotocols that it speaks. */
  readonly spoken: readonly string[];
  /** The attempts that it hasn't decided on. */
  readonly pending: Set<Admission>;
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
  #listening: Listening | undefined;
  #clients = 0;

  constructor(options: MemoryTransportOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#maxMessageBytes = checkPositive("maxMessageBytes", options.maxMessageBytes ?? defaultMaxMessageBytes);
    this.#address = options.address ?? "memory";
  }

  /** Starts to listen. One at a time can: a second rejects with ALREADY_EXISTS until the first is closed. */
  async listen(accept: (connection: Connection) => void, options: AcceptOptions = {}): Promise<Listener> {
    const { protocols = [], admit, arrive } = options;
    const listening = { accept, admit, arrive, spoken: checkProtocols(protocols), pending: new Set<Admission>() };
    if (this.#listening !== undefined) {
      throw new StatusError(Code.ALREADY_EXISTS, `${this.#address} has a listener already; close it first`);
    }
    this.#listening = listening;
    const close = async (): Promise<void> => {
      // One listener can't close the next.
      if (this.#listening === listening) {
        this.#listening = undefined;
      }
      for (const admission of listening.pending) {
        admission.giveUp(new StatusError(Code.UNAVAILABLE, `the listener at ${this.#address} has closed`));
      }
    };
    return { address: this.#address, close, [asyncDispose]: close };
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
      throw this.#cancelled(signal);
    }
    const listening = this.#listening;
    if (listening === undefined) {
      throw new StatusError(Code.UNAVAILABLE, `${this.#address} can't be reached: nobody listens; call listen() first`);
    }
    const protocol = listening.spoken.find((name) => offered.includes(name)) ?? "";
    if (offered.length > 0 && protocol === "") {
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `${this.#address} speaks none of ${showProtocols(offered)}; check what it was told to speak`,
      );
    }
    this.#clients += 1;
    const peer = { address: `${this.#address}#${this.#clients}`, metadata, encrypted: false };
    const { arrival, principal } = await this.#letIn(listening, peer, signal);
    const [client, server] = MemorySocket.pair(this.#maxMessageBytes, protocol);
    const accepted = this.#connection(server, principal === undefined ? peer : { ...peer, principal });
    const connection = this.#connection(client, { address: this.#address, metadata: new Map(), encrypted: false });
    queueMicrotask(() => {
      arrival?.settle();
      void acceptConnection(listening.accept, accepted);
    });
    return connection;
  }

  /** Asks the listener's hooks, which may refuse. */
  async #letIn(listening: Listening, peer: Peer, signal: AbortSignal | undefined) {
    let arrival: Arrival | undefined;
    try {
      arrival = listening.arrive?.(peer.address);
      const principal =
        listening.admit === undefined ? undefined : await this.#admit(listening.admit, listening, peer, signal);
      return { arrival, principal };
    } catch (error) {
      const why = toStatusError(error);
      arrival?.settle(why);
      if (signal?.aborted === true) {
        throw this.#cancelled(signal);
      }
      // As over a WebSocket, where an HTTP status tells it. What it says beside the code can be told here.
      const { code } = refusedError(this.#address, httpStatusOf(why.code));
      throw new StatusError(code, why.message, { details: why.details, cause: why.cause });
    }
  }

  /** Has the listener's hook decide on an attempt. */
  async #admit(
    admit: NonNullable<AcceptOptions["admit"]>,
    { pending }: Listening,
    peer: Peer,
    signal: AbortSignal | undefined,
  ): Promise<Principal | undefined> {
    const admission = new Admission(admit, peer, { clock: this.#clock, timeoutMs: defaultHandshakeTimeoutMs });
    const onAbort = (): void => admission.giveUp(this.#cancelled(signal));
    pending.add(admission);
    signal?.addEventListener("abort", onAbort);
    try {
      return await admission.decided;
    } finally {
      pending.delete(admission);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #cancelled(signal: AbortSignal | undefined): StatusError {
    const message = `the attempt to connect to ${this.#address} was given up`;
    return new StatusError(Code.CANCELLED, message, { cause: signal?.reason });
  }

  #connection(socket: MemorySocket, peer: Peer): Connection {
    return new WebSocketConnection(socket, {
      peer,
      maxMessageBytes: this.#maxMessageBytes,
      clock: this.#clock,
      control: (opened, connection) => new WsControl(opened, connection, { stopsReadingAtOnce: true }),
    });
  }
}
