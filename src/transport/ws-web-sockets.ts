import { invalidArgument } from "../base/status.js";
import { checkHeaders } from "./check-headers.js";
import { checkUrl, showUrl } from "./check-options.js";
import { checkClientTls } from "./client-tls.js";
import type { NetworkSocketLike, WebSocketConstructor } from "./web-socket-like.js";
import type { RequestOptions, WebSockets } from "./web-sockets.js";
import { closeTimeoutMs } from "./websocket-connection.js";
import { maxFragments, WsControl } from "./ws-control.js";
import { connectError, refusedError } from "./ws-errors.js";

/**
 * Makes WebSockets like those of the package `ws`: told headers, TLS and limits, and telling why they can't connect. Throws
 * INVALID_ARGUMENT.
 */
export function wsWebSockets(webSocket: WebSocketConstructor, options: RequestOptions): WebSockets {
  const tls = options.tls === undefined ? undefined : checkClientTls(options.tls);
  return {
    checkUrl(given) {
      const url = checkUrl(given);
      if (tls !== undefined && url.protocol !== "wss:") {
        throw invalidArgument("tls", url.protocol, "needs a url that starts with wss://");
      }
      return url;
    },
    checkHeaders,
    open({ url, headers }, protocols, refused) {
      const socket = new webSocket(url.href, protocols, {
        ...tls,
        headers,
        maxPayload: options.maxMessageBytes,
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
      return { socket, control: (opened, connection) => new WsControl(opened, connection, { network }) };
    },
    connectError,
  };
}
