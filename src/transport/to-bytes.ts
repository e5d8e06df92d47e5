import { Code, StatusError } from "../base/status.js";

const encoder = new TextEncoder();

/**
 * The bytes of what the message event of a WebSocket carries, those of text in UTF-8. They are nobody else's: a view of
 * what was read from the network would keep all of that alive, which is 64 KiB for a message of 640 bytes.
 */
export function toBytes(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) {
    // Sockets may share one buffer among all messages without bytes.
    return data.byteLength === 0 ? new Uint8Array(0) : new Uint8Array(data);
  }
  if (typeof data === "string") {
    return encoder.encode(data);
  }
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  throw new StatusError(Code.INTERNAL, `a WebSocket gave a message that is ${typeof data}`);
}
