import { pageWebSockets } from "./page-web-sockets.js";
import type { WebSocketConstructor } from "./web-socket-like.js";
import type { RequestOptions, WebSockets } from "./web-sockets.js";
import { WsControl } from "./ws-control.js";
import { wsWebSockets } from "./ws-web-sockets.js";

export { defaultWebSocket } from "./default-web-socket.js";

/**
 * What makes the WebSockets of a constructor, by what those can do. Bundles for pages have `web-sockets-of-browser.js` in its
 * place, as the field `browser` of package.json says: so they leave out what only sockets like those of `ws` can.
 */
export function webSocketsOf(webSocket: WebSocketConstructor, options: RequestOptions): WebSockets {
  const { on, terminate } = webSocket.prototype ?? {};
  if (on !== undefined) {
    return wsWebSockets(webSocket, options);
  }
  // Bun's own has more than a page's, and is made like that all the same.
  return terminate === undefined
    ? pageWebSockets(webSocket, options)
    : pageWebSockets(webSocket, options, (socket, connection) => new WsControl(socket, connection));
}
