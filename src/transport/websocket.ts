import { type Clock, systemClock } from "../base/clock.js";
import type { Given } from "../base/given.js";
import { Code, invalidArgument, StatusError, toStatusError } from "../base/status.js";
import { checkPositive, checkProtocols, showUrl } from "./check-options.js";
import { type ClientTls, checkClientTls } from "./client-tls.js";
import { askForRequest, type ConnectRequest, checkRequest, type GivenRequest } from "./connect-request.js";
import { defaultWebSocket } from "./default-web-socket.js";
import { type Connection, type ConnectOptions, defaultMaxMessageBytes, type Transport } from "./transport.js";
import { warnOfPlainText } from "./warn-of-plain-text.js";
import { connectError, makeError, noProtocolError, reachError, refusedError } from "./web-socket-errors.js";
import { type NetworkSocketLike, openState, type WebSocketConstructor, type WebSocketLike } from "./web-socket-like.js";
import { closeTimeoutMs, maxFragments, WebSocketConnection } from "./websocket-connection.js";

/**
 * The options of a `WebSocketTransport`. What may expire, such as a token, is given as a function: it is called for each
 * connection, within its time. What it throws is what the attempt fails with: a StatusError of UNAVAILABLE is tried again,
 * anything else is not.
 */
export interface WebSocketTransportOptions {
  /**
   * Where to connect to, or what gives it for each connection: `ws://` or `wss://`, without credentials and without a
   * fragment. Error messages show it without its query.
   */
  readonly url: Given<string | URL>;
  /**
   * Headers of the request to connect, for instance `authorization`, or what gives them for each connection. Browsers can't
   * set any: there the option is refused.
   */
  readonly headers?: Given<Readonly<Record<string, string>>>;
  /**
   * Whom to trust, and who to be, at a `wss://` URL, in PEM. By default the server's certificate is checked against the
   * authorities that the platform trusts, and the client shows none. Browsers decide on this themselves: there the option
   * is refused.
   */
  readonly tls?: ClientTls;
  /**
   * The subprotocols to offer, or what gives them for each connection. By default none; a peer that knows none of those
   * that are offered fails the attempt to connect.
   */
  readonly protocols?: Given<readonly string[]>;
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
  readonly #given: GivenRequest;
  /** What is said when connecting, unless a part of it is asked for each time. */
  readonly #request: ConnectRequest | undefined;
  readonly #maxMessageBytes: number;
  readonly #connectTimeoutMs: number;
  readonly #webSocket: WebSocketConstructor;
  readonly #clock: Clock;
  readonly #tls: ClientTls | undefined;

  constructor(options: WebSocketTransportOptions) {
    this.#given = options;
    this.#request = checkRequest(options);
    this.#maxMessageBytes = checkPositive("maxMessageBytes", options.maxMessageBytes ?? defaultMaxMessageBytes);
    this.#connectTimeoutMs = checkPositive("connectTimeoutMs", options.connectTimeoutMs ?? 10_000);
    this.#webSocket = options.webSocket ?? defaultWebSocket;
    if (typeof this.#webSocket !== "function") {
      throw invalidArgument("webSocket", this.#webSocket, "must be a constructor of WebSockets");
    }
    this.#clock = options.clock ?? systemClock;
    this.#tls = options.tls === undefined ? undefined : checkClientTls(options.tls);
    if (typeof options.headers === "function" && !takesOptions(this.#webSocket)) {
      throw invalidArgument("headers", options.headers, "this platform's WebSocket can't set headers");
    }
    if (options.tls !== undefined && !takesOptions(this.#webSocket)) {
      throw invalidArgument("tls", options.tls, "this platform's WebSocket decides on certificates itself");
    }
    if (this.#request !== undefined) {
      this.#check(this.#request);
    }
  }

  connect({ signal, protocols = [] }: ConnectOptions = {}): Promise<Connection> {
    checkProtocols(protocols);
    return new Promise((resolve, reject) => {
      let shown = this.#request === undefined ? "the server" : showUrl(this.#request.url);
      if (signal?.aborted === true) {
        reject(cancelled(shown, signal));
        return;
      }
      let socket: WebSocketLike | undefined;
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
      const stopTimer = this.#clock.after(this.#connectTimeoutMs, () => {
        const what =
          socket === undefined
            ? `what to connect with wasn't given within ${this.#connectTimeoutMs} ms; check the functions in the options`
            : `${shown} didn't answer within ${this.#connectTimeoutMs} ms; check that it is running`;
        giveUp(new StatusError(Code.UNAVAILABLE, what));
      });
      signal?.addEventListener("abort", onAbort);
      const begin = (request: ConnectRequest): void => {
        shown = showUrl(request.url);
        const opened = this.#open(request, protocols);
        socket = opened;
        let network: NetworkSocketLike | undefined;
        opened.on?.("unexpected-response", (_request, response) =>
          giveUp(refusedError(shown, response.statusCode ?? 500)),
        );
        opened.on?.("upgrade", (response) => {
          network = response.socket;
        });
        opened.addEventListener("error", ({ error }) =>
          // What the platform's own says of an error has no code, and tells no sort of error from another.
          giveUp(opened.on === undefined ? reachError(shown, error) : connectError(shown, error)),
        );
        opened.addEventListener("close", () => giveUp(reachError(shown, undefined)));
        opened.addEventListener("open", () => {
          if (settled) {
            abandon(opened);
          }
          // Firefox connects to a server that has chosen none of what was offered. Others say that it can't be reached.
          if (opened.protocol === "" && protocols.length + request.protocols.length > 0) {
            giveUp(noProtocolError(shown));
          }
          settle(() => resolve(this.#connection(opened, request.url, network)));
        });
      };
      const beginOrGiveUp = (request: ConnectRequest): void => {
        try {
          begin(request);
        } catch (error) {
          giveUp(makeError(shown, error));
        }
      };
      if (this.#request !== undefined) {
        beginOrGiveUp(this.#request);
        return;
      }
      this.#ask().then(
        (request) => {
          // Nobody waits for it any more where the attempt was given up meanwhile.
          if (!settled) {
            beginOrGiveUp(request);
          }
        },
        (error: unknown) => giveUp(toStatusError(error)),
      );
    });
  }

  async #ask(): Promise<ConnectRequest> {
    const request = await askForRequest(this.#given);
    this.#check(request);
    return request;
  }

  /** Checks whether this platform can connect like that. Throws INVALID_ARGUMENT. */
  #check({ url, headers }: ConnectRequest): void {
    const names = Object.keys(headers);
    if (names.length > 0 && !takesOptions(this.#webSocket)) {
      throw invalidArgument("headers", names.join(", "), "this platform's WebSocket can't set headers");
    }
    if (this.#tls !== undefined && url.protocol !== "wss:") {
      throw invalidArgument("tls", url.protocol, "needs a url that starts with wss://");
    }
  }

  #open({ url, headers, protocols: given }: ConnectRequest, protocols: readonly string[]): WebSocketLike {
    warnOfPlainText(url);
    const offered = [...protocols, ...given.filter((name) => !protocols.includes(name))];
    return takesOptions(this.#webSocket)
      ? new this.#webSocket(url.href, offered, {
          ...this.#tls,
          headers,
          maxPayload: this.#maxMessageBytes,
          maxFragments,
          perMessageDeflate: false,
          closeTimeout: closeTimeoutMs,
        })
      : new this.#webSocket(url.href, offered);
  }

  #connection(socket: WebSocketLike, url: URL, network: NetworkSocketLike | undefined): Connection {
    return new WebSocketConnection(socket, {
      peer: { address: url.host, metadata: new Map(), encrypted: url.protocol === "wss:" },
      network,
      maxMessageBytes: this.#maxMessageBytes,
      clock: this.#clock,
    });
  }
}

/** Whether a constructor is like that of `ws`, which takes options such as headers. */
function takesOptions(webSocket: WebSocketConstructor): boolean {
  return webSocket.prototype?.on !== undefined;
}

/** Lets go of a socket that isn't needed. Its later events find nobody who listens. */
function abandon(socket: WebSocketLike | undefined): void {
  if (socket?.terminate !== undefined) {
    socket.terminate();
  } else if (socket !== undefined && socket.readyState <= openState) {
    socket.close();
  }
}

function cancelled(url: string, signal: AbortSignal | undefined): StatusError {
  return new StatusError(Code.CANCELLED, `the attempt to connect to ${url} was given up`, { cause: signal?.reason });
}
