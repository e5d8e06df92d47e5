export {
  WebSocketProxyClientAgent,
  type WebSocketProxyClientAgentOptions,
} from "./proxy/websocket-proxy-client-agent.js";
export type { ClientTls } from "./transport/client-tls.js";
export type { WebSocketConstructor, WebSocketLike, WebSocketOptions } from "./transport/web-socket-like.js";
export { WebSocketTransport, type WebSocketTransportOptions } from "./transport/websocket.js";
