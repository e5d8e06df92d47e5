import { WebSocketTransport, type WebSocketTransportOptions } from "../transport/websocket.js";
import { transportOptions } from "./link-options.js";
import { type BridgeClientOptions, ProxyClientAgent } from "./proxy-client-agent.js";

/** What a client proxy over a WebSocket is told. */
export interface WebSocketProxyClientAgentOptions
  extends BridgeClientOptions,
    Pick<WebSocketTransportOptions, "url" | "headers" | "protocols" | "tls" | "webSocket" | "connectTimeoutMs"> {
  /** The largest message, in bytes, to send and to take. A larger one is undelivered, or closes the connection. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
}

/** A client proxy whose connections are WebSockets. */
export class WebSocketProxyClientAgent extends ProxyClientAgent {
  /** Throws INVALID_ARGUMENT that names the option and its value. */
  constructor(name: string, options: WebSocketProxyClientAgentOptions) {
    super(name, { ...options, transport: new WebSocketTransport(transportOptions(options)) });
  }
}
