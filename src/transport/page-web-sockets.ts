import { invalidArgument, type StatusError } from "../base/status.js";
import { checkUrl, headerNames } from "./check-options.js";
import { reachError } from "./web-socket-errors.js";
import type { WebSocketConstructor } from "./web-socket-like.js";
import type { RequestOptions, TakeControl, WebSockets } from "./web-sockets.js";

/**
 * Makes WebSockets as pages have them: told a URL and subprotocols, and nothing else. Throws INVALID_ARGUMENT where there is
 * more to tell.
 */
export function pageWebSockets(
  webSocket: WebSocketConstructor,
  { headers, tls }: RequestOptions,
  control?: TakeControl,
): WebSockets {
  if (typeof headers === "function") {
    throw cantSet(headers);
  }
  if (tls !== undefined) {
    throw invalidArgument("tls", tls, "this platform's WebSocket decides on certificates itself");
  }
  return {
    checkUrl,
    checkHeaders(given) {
      const names = headerNames(given);
      if (names.length > 0) {
        throw cantSet(names.join(", "));
      }
      return given;
    },
    open: ({ url }, protocols) => ({ socket: new webSocket(url.href, protocols), control }),
    connectError: reachError,
  };
}

function cantSet(headers: unknown): StatusError {
  return invalidArgument("headers", headers, "this platform's WebSocket can't set headers");
}
