import { type Writer, writeBusMessage } from "../../gen/crossbus/v1/hot-messages.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { isWhole } from "./is-whole.js";
import { wireWriter } from "./wire-writer.js";

/**
 * Encodes a message that is nothing unusual. Gives undefined for one that isn't hot, is invalid, or has unknown fields:
 * it may be fine all the same.
 *
 * The bytes are a part of a larger buffer, which lives as long as one of its parts does. `headroom` bytes in front of the
 * message are left free, for who puts it in a frame.
 */
export function encodeHot(message: BusMessage, headroom = 0, writer = wireWriter): Uint8Array | undefined {
  return writer.encode(write, message, headroom);
}

function write(writer: Writer, message: BusMessage): void {
  if (!isWhole(message)) {
    writer.leave();
  }
  writeBusMessage(writer, message);
}
