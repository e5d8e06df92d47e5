import { PageWebSockets } from "./page-web-sockets.js";
import type * as inNode from "./web-sockets-of.js";

/** Takes every WebSocket for one of a page. */
export const webSocketsOf: typeof inNode.webSocketsOf = (webSocket, options) => new PageWebSockets(webSocket, options);
