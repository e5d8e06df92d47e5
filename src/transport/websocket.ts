import { type Clock, systemClock } from "../base/clock.js";
import type { Given } from "../base/given.js";
import { Code, invalidArgument, StatusError, toStatusError } from "../base/status.js";
import { checkPositive, checkProtocols, showUrl } from "./check-options.js";
import type { ClientTls } from "./client-tls.js";
import { askForRequest, type ConnectRequest, checkRequest, type GivenRequest } from "./connect-request.js";
import { type Connection, type ConnectOptions, defaultMaxMessageBytes, type Transport } from "./transport.js";
import { warnOfPlainText } from "./warn-of-plain-text.js";
import { makeError, noProtocolError } from "./web-socket-errors.js";
import type { WebSocketConstructor, WebSocketEvent, WebSocketLike } from "./web-socket-like.js";
import type { Opening, WebSockets } from "./web-sockets.js";
import { defaultWebSocket, webSocketsOf } from "./web-sockets-of.js";
import { WebSocketConnection } from "./websocket-connection.js";

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
  /**
   * What makes the WebSocket. By default the package `ws` in Node, the built-in WebSocket in browsers. One whose prototype has
   * `on` is used as that of `ws` is, and takes `headers` and `tls`. A bundle for browsers uses each as a browser's.
   */
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
  readonly #webSockets: WebSockets;
  readonly #clock: Clock;

  constructor(options: WebSocketTransportOptions) {
    const { headers, tls, webSocket = defaultWebSocket } = options;
    this.#maxMessageBytes = checkPositive("maxMessageBytes", options.maxMessageBytes ?? defaultMaxMessageBytes);
    this.#connectTimeoutMs = checkPositive("connectTimeoutMs", options.connectTimeoutMs ?? 10_000);
    if (typeof webSocket !== "function") {
      throw invalidArgument("webSocket", webSocket, "must be a constructor of WebSockets");
    }
    this.#clock = options.clock ?? systemClock;
    this.#webSockets = webSocketsOf(webSocket, { headers, tls, maxMessageBytes: this.#maxMessageBytes });
    this.#given = options;
    this.#request = checkRequest(this.#webSockets, options);
  }

  connect({ signal, protocols = [] }: ConnectOptions = {}): Promise<Connection> {
    checkProtocols(protocols);
    return new Promise((resolve, reject) => {
      let shown = this.#request === undefined ? "the server" : showUrl(this.#request.url);
      if (signal?.aborted === true) {
        throw cancelled(shown, signal);
      }
      let socket: WebSocketLike | undefined;
      let settled = false;
      const settle = (): void => {
        settled = true;
        stopTimer();
        signal?.removeEventListener("abort", onAbort);
      };
      const giveUp = (error: StatusError): void => {
        if (!settled) {
          settle();
          reject(error);
          abandon(socket);
        }
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
        const { url } = request;
        shown = showUrl(url);
        warnOfPlainText(url);
        let opening: Opening;
        try {
          opening = this.#webSockets.open(request, [...new Set([...protocols, ...request.protocols])], giveUp);
        } catch (error) {
          giveUp(makeError(shown, error));
          return;
        }
        const opened = opening.socket;
        socket = opened;
        const failed = ({ error }: WebSocketEvent) => giveUp(this.#webSockets.connectError(shown, error));
        opened.addEventListener("error", failed);
        opened.addEventListener("close", failed);
        opened.addEventListener("open", () => {
          if (settled) {
            abandon(opened);
            return;
          }
          // Firefox connects to a server that has chosen none of what was offered. Others say that it can't be reached.
          if (opened.protocol === "" && protocols.length + request.protocols.length > 0) {
            giveUp(noProtocolError(shown));
            return;
          }
          settle();
          resolve(
            new WebSocketConnection(opened, {
              peer: { address: url.host, metadata: new Map(), encrypted: url.protocol === "wss:" },
              maxMessageBytes: this.#maxMessageBytes,
              clock: this.#clock,
              control: opening.control,
            }),
          );
        });
      };
      if (this.#request !== undefined) {
        begin(this.#request);
        return;
      }
      askForRequest(this.#webSockets, this.#given).then(
        (request) => {
          // Nobody waits for it any more where the attempt was given up meanwhile.
          if (!settled) {
            begin(request);
          }
        },
        (error: unknown) => giveUp(toStatusError(error)),
      );
    });
  }
}

/** Lets go of a socket that isn't needed. Its later events find nobody who listens. */
function abandon(socket: WebSocketLike | undefined): void {
  if (socket?.terminate === undefined) {
    socket?.close();
  } else {
    socket.terminate();
  }
}

function cancelled(url: string, signal: AbortSignal | undefined): StatusError {
  return new StatusError(Code.CANCELLED, `the attempt to connect to ${url} was given up`, { cause: signal?.reason });
}
