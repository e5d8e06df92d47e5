import { invalidArgument, type StatusError } from "../base/status.js";
import { checkHeaders } from "./check-headers.js";
import { checkUrl, showUrl } from "./check-options.js";
import { type ClientTls, checkClientTls } from "./client-tls.js";
import type { ConnectRequest } from "./connect-request.js";
import type { NetworkSocketLike, WebSocketConstructor } from "./web-socket-like.js";
import type { Opening, RequestOptions, WebSockets } from "./web-sockets.js";
import { closeTimeoutMs } from "./websocket-connection.js";
import { maxFragments, WsControl } from "./ws-control.js";
import { connectError, refusedError } from "./ws-errors.js";

/** WebSockets like those of the package `ws`: told headers, TLS and limits, and telling why they can't connect. */
export class WsWebSockets implements WebSockets {
  readonly checkHeaders = checkHeaders;
  readonly connectError = connectError;
  readonly #webSocket: WebSocketConstructor;
  readonly #tls: ClientTls | undefined;
  readonly #maxMessageBytes: number;

  constructor(webSocket: WebSocketConstructor, { tls, maxMessageBytes }: RequestOptions) {
    this.#webSocket = webSocket;
    this.#tls = tls === undefined ? undefined : checkClientTls(tls);
    this.#maxMessageBytes = maxMessageBytes;
  }

  checkUrl(given: string | URL): URL {
    const url = checkUrl(given);
    if (this.#tls !== undefined && url.protocol !== "wss:") {
      throw invalidArgument("tls", url.protocol, "needs a url that starts with wss://");
    }
    return url;
  }

  open({ url, headers }: ConnectRequest, protocols: string[], refused: (why: StatusError) => void): Opening {
    const socket = new this.#webSocket(url.href, protocols, {
      ...this.#tls,
      headers,
      maxPayload: this.#maxMessageBytes,
      maxFragments,
      perMessageDeflate: false,
      closeTimeout: closeTimeoutMs,
    });
    let network: NetworkSocketLike | undefined;
    socket.on?.("unexpected-response", (_request, response) =>
      refused(refusedError(showUrl(url), response.statusCode ?? 500)),
    );
    socket.on?.("upgrade", (response) => {
      network = response.socket;
    });
    return {
      socket,
      control: (opened, connection) => new WsControl(opened, connection, { network }),
    };
  }
}
