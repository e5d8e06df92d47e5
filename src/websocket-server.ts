export { type ListenOptions, listen, WebSocketProxyServerAgent } from "./proxy/websocket-listen-node.js";
export type { ListenerTls } from "./transport/listener-tls-node.js";
export { WebSocketServerTransport, type WebSocketServerTransportOptions } from "./transport/websocket-server-node.js";
