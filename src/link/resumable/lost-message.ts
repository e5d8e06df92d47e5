import { newBusMessage } from "../../../gen/crossbus/v1/hot-builders.js";
import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import { protobufCodec } from "../../codec/protobuf.js";

/** The message of bytes that this end has encoded, and couldn't deliver. */
export function lostMessage(encoded: Uint8Array): BusMessage {
  try {
    return protobufCodec.decode(encoded);
  } catch {
    // It was encoded here, so that this doesn't happen; if it does, that something was lost is told all the same.
    return newBusMessage({ case: undefined });
  }
}
