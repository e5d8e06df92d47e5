import { pageWebSockets } from "./page-web-sockets.js";
import type * as inNode from "./web-sockets-of.js";

/** The platform's. There is none in what isn't a page, such as an old Node: then one has to be given. */
export const defaultWebSocket: typeof inNode.defaultWebSocket = globalThis.WebSocket;

/** Takes every WebSocket for one of a page. */
export const webSocketsOf: typeof inNode.webSocketsOf = (webSocket, options) => pageWebSockets(webSocket, options);
