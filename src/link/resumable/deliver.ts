import type { Peeked } from "../../codec/codec.js";
import { protobufCodec } from "../../codec/protobuf.js";
import { bodyTraits, frameTraits } from "../../message/case-traits.js";
import { Arrived, type Decoder } from "../arrived.js";
import type { LinkConsumer } from "../link.js";
import { unreadable } from "./frame.js";

/**
 * Gives a message that arrived to the consumer. Throws a status for one that can't be read, or that came in a lane that
 * isn't its own. `decoder` is the link's.
 */
export function deliver(message: Uint8Array, inSystemLane: boolean, consumer: LinkConsumer, decoder: Decoder): void {
  const peeked = protobufCodec.peek(message);
  if ("invalid" in peeked) {
    consumer.invalid(peeked.invalid, message.length);
    return;
  }
  const isSystem = isSystemMessage(peeked, consumer);
  if (isSystem !== undefined && isSystem !== inSystemLane) {
    throw unreadable(`a ${peeked.case} message came in the ${inSystemLane ? "system" : "data"} lane`);
  }
  consumer.message(new Arrived(peeked, message, decoder));
}

/** Whether a message belongs into the system lane; undefined where this end can't know. */
export function isSystemMessage(
  { case: body, kind, typeName }: Peeked,
  consumer: LinkConsumer | undefined,
): boolean | undefined {
  switch (body) {
    case "frame":
      return kind !== undefined && frameTraits[kind].system;
    case "custom":
      return typeName === undefined ? undefined : consumer?.isSystemType?.(typeName);
    default:
      return bodyTraits[body].system;
  }
}
