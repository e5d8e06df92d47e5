import { Code, StatusError } from "../base/status.js";

const encoder = /*@__PURE__*/ new TextEncoder();

/** The bytes of what a message event carries, those of text in UTF-8. Nobody changes them later. */
export function bytesOfMessage(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) {
    // Sockets may share one buffer among all messages without bytes.
    return data.byteLength === 0 ? new Uint8Array(0) : new Uint8Array(data);
  }
  if (typeof data === "string") {
    return encoder.encode(data);
  }
  throw new StatusError(Code.INTERNAL, `a WebSocket gave a message that is ${typeof data}`);
}
