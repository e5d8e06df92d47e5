import { Code, StatusError } from "../base/status.js";

/** One message that arrived. */
export interface Incoming {
  readonly bytes: Uint8Array;
  readonly isText: boolean;
}

const encoder = new TextEncoder();

/** Reads what the message event of a WebSocket carries. */
export function toIncoming(data: unknown): Incoming {
  if (typeof data === "string") {
    return { bytes: encoder.encode(data), isText: true };
  }
  if (data instanceof ArrayBuffer) {
    // Sockets may share one buffer among all messages without bytes.
    return { bytes: data.byteLength === 0 ? new Uint8Array(0) : new Uint8Array(data), isText: false };
  }
  if (ArrayBuffer.isView(data)) {
    const view = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { bytes: new Uint8Array(view), isText: false };
  }
  throw new StatusError(Code.INTERNAL, `a WebSocket gave a message that is ${typeof data}`);
}
