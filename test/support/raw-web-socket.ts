import { defaultWebSocket } from "../../src/transport/default-web-socket.js";

/** A WebSocket of the platform with nothing above it. */
export interface RawWebSocket {
  readonly opened: Promise<void>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  send(data: string): void;
}

/** Connects to a listener in the way of whoever knows nothing of this package. */
export function openRaw(url: string): RawWebSocket {
  const socket = new defaultWebSocket(url, []);
  return {
    opened: new Promise((resolve) => socket.addEventListener("open", () => resolve())),
    closed: new Promise((resolve) =>
      socket.addEventListener("close", ({ code = 0, reason = "" }) => resolve({ code, reason })),
    ),
    send: (data) => socket.send(data),
  };
}
