import type { WebSocketConstructor } from "./web-socket-like.js";

/** The WebSocket of the platform: that of the package `ws` in Node, the built-in one in browsers. */
export declare const defaultWebSocket: WebSocketConstructor;
