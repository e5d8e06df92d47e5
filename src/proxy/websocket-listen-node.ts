import { WebSocketServerTransport, type WebSocketServerTransportOptions } from "../transport/websocket-server-node.js";
import { transportOptions } from "./link-options.js";
import { ProxyServerAgent } from "./proxy-server-agent.js";
import { type ServeOptions, type Server, type SessionHandler, serve } from "./serve.js";

/** What can be said about a server of WebSockets. */
export interface ListenOptions extends ServeOptions, WebSocketServerTransportOptions {
  /** The largest message, in bytes, to send and to take. A larger one is undelivered, or closes the connection. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
}

/**
 * Listens for WebSockets, and calls `handler` with each client's session.
 *
 * Rejects with INVALID_ARGUMENT for a bad option, ALREADY_EXISTS for a port that is taken, and PERMISSION_DENIED for
 * one that this process may not use.
 */
export async function listen(options: ListenOptions, handler: SessionHandler): Promise<Server> {
  return serve(new WebSocketServerTransport(transportOptions(options)), handler, options);
}

/** A server proxy whose session came over a WebSocket. */
export class WebSocketProxyServerAgent extends ProxyServerAgent {}
