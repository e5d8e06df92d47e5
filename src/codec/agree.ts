import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { Peeked } from "./codec.js";

/** Whether a message says what was peeked from its bytes, in all that a policy decides on. */
export function agree(peeked: Peeked, message: BusMessage): boolean {
  return (
    message.source === peeked.source &&
    message.target === peeked.target &&
    message.body.case === peeked.case &&
    kindOf(message) === peeked.kind &&
    typeNameOf(message) === peeked.typeName
  );
}

function kindOf(message: BusMessage): string | undefined {
  return message.body.case === "frame" ? message.body.value.frame?.kind.case : undefined;
}

function typeNameOf(message: BusMessage): string | undefined {
  const body = message.body;
  switch (body.case) {
    case "frame": {
      const kind = body.value.frame?.kind;
      return kind?.case === "other" ? kind.value.typeName : undefined;
    }
    case "custom":
      return body.value.message?.typeUrl.slice("type.googleapis.com/".length);
    case "other":
      return body.value.typeName;
    default:
      return undefined;
  }
}
