import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import { bodyTraits, frameTraits } from "../../../gen/crossbus/v1/traits.js";
import { type StatusError, toStatusError } from "../../base/status.js";
import type { Peeked } from "../../codec/codec.js";
import { protobufCodec } from "../../codec/protobuf.js";
import type { Incoming, LinkConsumer } from "../link.js";
import { unreadable } from "./frame.js";

/**
 * Gives a message that arrived to the consumer. Throws a status for one that can't be read, or that came in a lane that
 * isn't its own; `failed` is told when it turns out later that it can't be read.
 */
export function deliver(
  message: Uint8Array,
  inSystemLane: boolean,
  consumer: LinkConsumer,
  failed: (why: StatusError) => void,
): void {
  const peeked = protobufCodec.peek(message);
  if ("invalid" in peeked) {
    consumer.invalid(peeked.invalid, message.length);
    return;
  }
  const isSystem = isSystemMessage(peeked, consumer);
  if (isSystem !== undefined && isSystem !== inSystemLane) {
    throw unreadable(`a ${peeked.case} message came in the ${inSystemLane ? "system" : "data"} lane`);
  }
  consumer.message(new IncomingMessage(peeked, message, failed));
}

/** Whether a message belongs into the system lane; undefined where this end can't know. */
function isSystemMessage({ case: body, kind, typeName }: Peeked, consumer: LinkConsumer): boolean | undefined {
  switch (body) {
    case "frame":
      return kind !== undefined && frameTraits[kind].system;
    case "custom":
      return typeName === undefined ? undefined : consumer.isSystemType?.(typeName);
    default:
      return bodyTraits[body].system;
  }
}

/** A message that came over a resumable link, not yet decoded. */
class IncomingMessage implements Incoming {
  readonly peeked: Peeked;
  readonly #encoded: Uint8Array;
  readonly #failed: (why: StatusError) => void;

  constructor(peeked: Peeked, encoded: Uint8Array, failed: (why: StatusError) => void) {
    this.peeked = peeked;
    this.#encoded = encoded;
    this.#failed = failed;
  }

  get bytes(): number {
    return this.#encoded.length;
  }

  decode(): BusMessage | undefined {
    try {
      return protobufCodec.decode(this.#encoded);
    } catch (error) {
      this.#failed(toStatusError(error));
      return undefined;
    }
  }
}
