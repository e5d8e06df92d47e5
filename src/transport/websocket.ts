import { type Clock, systemClock } from "../base/clock.js";
import { Code, invalidArgument, StatusError } from "../base/status.js";
import { checkHeaders, checkPositive, checkProtocols, checkUrl, showUrl } from "./check-options.js";
import { type ClientTls, checkClientTls } from "./client-tls.js";
import { defaultWebSocket } from "./default-web-socket.js";
import { type Connection, type ConnectOptions, defaultMaxMessageBytes, type Transport } from "./transport.js";
import { warnOfPlainText } from "./warn-of-plain-text.js";
import { connectError, refusedError } from "./web-socket-errors.js";
import { type NetworkSocketLike, openState, type WebSocketConstructor, type WebSocketLike } from "./web-socket-like.js";
import { closeTimeoutMs, maxFragments, WebSocketConnection } from "./websocket-connection.js";

/** The options of a `WebSocketTransport`. */
export interface WebSocketTransportOptions {
  /**
   * Where to connect to: `ws://` or `wss://`, without credentials and without a fragment. Error messages show
   * it without its query.
   */
  readonly url: string | URL;
  /**
   * Headers of the request to connect, for instance `authorization`. Browsers can't set any: there the option
   * is refused.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whom to trust, and who to be, at a `wss://` URL, in PEM. By default the server's certificate is checked against the
   * authorities that the platform trusts, and the client shows none. Browsers decide on this themselves: there the option
   * is refused.
   */
  readonly tls?: ClientTls;
  /**
   * The subprotocols to offer. By default none; a peer that knows none of those that are offered fails the
   * attempt to connect.
   */
  readonly protocols?: readonly string[];
  /** The largest message to take, in bytes. By default 1 MiB. A larger one closes the connection. */
  readonly maxMessageBytes?: number;
  /** How long an attempt to connect may take, in milliseconds. By default 10 000. */
  readonly connectTimeoutMs?: number;
  /** What makes the WebSocket. By default the package `ws` in Node, the built-in WebSocket in browsers. */
  readonly webSocket?: WebSocketConstructor;
  /** Where time comes from. By default the clock of the platform. */
  readonly clock?: Clock;
}

/**
 * Connects over a WebSocket, from Node and from browsers. The extension permessage-deflate isn't offered.
 *
 * Throws INVALID_ARGUMENT for options that can't work.
 */
export class WebSocketTransport implements Transport {
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #protocols: readonly string[];
  readonly #maxMessageBytes: number;
  readonly #connectTimeoutMs: number;
  readonly #webSocket: WebSocketConstructor;
  readonly #clock: Clock;
  readonly #tls: ClientTls;

  constructor(options: WebSocketTransportOptions) {
    this.#url = checkUrl(options.url);
    this.#headers = checkHeaders(options.headers ?? {});
    this.#protocols = checkProtocols(options.protocols ?? []);
    this.#maxMessageBytes = checkPositive("maxMessageBytes", options.maxMessageBytes ?? defaultMaxMessageBytes);
    this.#connectTimeoutMs = checkPositive("connectTimeoutMs", options.connectTimeoutMs ?? 10_000);
    this.#webSocket = options.webSocket ?? defaultWebSocket;
    if (typeof this.#webSocket !== "function") {
      throw invalidArgument("webSocket", this.#webSocket, "must be a constructor of WebSockets");
    }
    this.#clock = options.clock ?? systemClock;
    const names = Object.keys(this.#headers);
    if (names.length > 0 && !takesOptions(this.#webSocket)) {
      throw invalidArgument("headers", names.join(", "), "this platform's WebSocket can't set headers");
    }
    this.#tls = options.tls === undefined ? {} : checkClientTls(options.tls, this.#url);
    if (options.tls !== undefined && !takesOptions(this.#webSocket)) {
      throw invalidArgument("tls", options.tls, "this platform's WebSocket decides on certificates itself");
    }
  }

  connect({ signal, protocols = [] }: ConnectOptions = {}): Promise<Connection> {
    warnOfPlainText(this.#url);
    const shown = showUrl(this.#url);
    const offered = [...checkProtocols(protocols), ...this.#protocols.filter((name) => !protocols.includes(name))];
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(cancelled(shown, signal));
        return;
      }
      const socket = this.#open(offered);
      let network: NetworkSocketLike | undefined;
      let settled = false;
      const settle = (action: () => void): void => {
        if (!settled) {
          settled = true;
          stopTimer();
          signal?.removeEventListener("abort", onAbort);
          action();
        }
      };
      const giveUp = (error: StatusError): void => {
        settle(() => {
          reject(error);
          abandon(socket);
        });
      };
      const onAbort = (): void => giveUp(cancelled(shown, signal));
      const stopTimer = this.#clock.after(this.#connectTimeoutMs, () =>
        giveUp(
          new StatusError(
            Code.UNAVAILABLE,
            `${shown} didn't answer within ${this.#connectTimeoutMs} ms; check that it is running`,
          ),
        ),
      );
      signal?.addEventListener("abort", onAbort);
      socket.on?.("unexpected-response", (_request, response) =>
        giveUp(refusedError(shown, response.statusCode ?? 500)),
      );
      socket.on?.("upgrade", (response) => {
        network = response.socket;
      });
      socket.addEventListener("error", ({ error }) => giveUp(connectError(shown, error)));
      socket.addEventListener("close", () => giveUp(connectError(shown, undefined)));
      socket.addEventListener("open", () => {
        if (settled) {
          abandon(socket);
        }
        settle(() => resolve(this.#connection(socket, network)));
      });
    });
  }

  #open(protocols: string[]): WebSocketLike {
    const { href } = this.#url;
    return takesOptions(this.#webSocket)
      ? new this.#webSocket(href, protocols, {
          ...this.#tls,
          headers: this.#headers,
          maxPayload: this.#maxMessageBytes,
          maxFragments,
          perMessageDeflate: false,
          closeTimeout: closeTimeoutMs,
        })
      : new this.#webSocket(href, protocols);
  }

  #connection(socket: WebSocketLike, network: NetworkSocketLike | undefined): Connection {
    return new WebSocketConnection(socket, {
      peer: { address: this.#url.host, metadata: new Map(), encrypted: this.#url.protocol === "wss:" },
      network,
      maxMessageBytes: this.#maxMessageBytes,
      clock: this.#clock,
    });
  }
}

/** Whether a constructor is like that of `ws`, which takes options such as headers. */
function takesOptions(webSocket: WebSocketConstructor): boolean {
  return webSocket.prototype?.terminate !== undefined;
}

/** Lets go of a socket that isn't needed. Its later events find nobody who listens. */
function abandon(socket: WebSocketLike): void {
  if (socket.terminate !== undefined) {
    socket.terminate();
  } else if (socket.readyState <= openState) {
    socket.close();
  }
}

function cancelled(url: string, signal: AbortSignal | undefined): StatusError {
  return new StatusError(Code.CANCELLED, `the attempt to connect to ${url} was given up`, { cause: signal?.reason });
}
