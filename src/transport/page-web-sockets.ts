import { invalidArgument, type StatusError } from "../base/status.js";
import { checkUrl, headerNames } from "./check-options.js";
import type { ConnectRequest } from "./connect-request.js";
import { reachError } from "./web-socket-errors.js";
import type { WebSocketConstructor } from "./web-socket-like.js";
import type { Opening, RequestOptions, TakeControl, WebSockets } from "./web-sockets.js";

/** WebSockets as pages have them: told a URL and subprotocols, and nothing else. */
export class PageWebSockets implements WebSockets {
  readonly checkUrl = checkUrl;
  readonly connectError = reachError;
  readonly #webSocket: WebSocketConstructor;
  readonly #control: TakeControl | undefined;

  constructor(webSocket: WebSocketConstructor, { headers, tls }: RequestOptions, control?: TakeControl) {
    if (typeof headers === "function") {
      throw cantSet(headers);
    }
    if (tls !== undefined) {
      throw invalidArgument("tls", tls, "this platform's WebSocket decides on certificates itself");
    }
    this.#webSocket = webSocket;
    this.#control = control;
  }

  checkHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const names = headerNames(headers);
    if (names.length > 0) {
      throw cantSet(names.join(", "));
    }
    return headers;
  }

  open({ url }: ConnectRequest, protocols: string[]): Opening {
    return { socket: new this.#webSocket(url.href, protocols), control: this.#control };
  }
}

function cantSet(headers: unknown): StatusError {
  return invalidArgument("headers", headers, "this platform's WebSocket can't set headers");
}
