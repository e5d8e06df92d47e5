import type { Message } from "@bufbuild/protobuf";
import { explicitPresence, type FieldType, type MessageType } from "./message-type.js";
import * as Scalar from "./scalar.js";

/** Makes an empty message as protobuf-es's `create()` does. */
export function newMessage<M extends Message>(type: MessageType<M>): M {
  const message: Record<string, unknown> = { $typeName: type.typeName };
  for (const member of type.members) {
    if (member.kind === "oneof") {
      message[member.localName] = { case: undefined };
    } else if (member.presence !== explicitPresence) {
      message[member.localName] = zeroOf(member);
    }
  }
  return message as unknown as M;
}

/** What a field without presence holds that isn't set. */
function zeroOf({ fieldKind, scalar }: FieldType): unknown {
  if (fieldKind === "list") {
    return [];
  }
  switch (scalar) {
    case Scalar.string:
      return "";
    case Scalar.bytes:
      return new Uint8Array(0);
    case Scalar.bool:
      return false;
    case Scalar.int64:
    case Scalar.uint64:
    case Scalar.fixed64:
    case Scalar.sint64:
      return 0n;
    default:
      return 0;
  }
}

/** Whether something is a message of this type, at least by its name. */
export function isOfType<M extends Message>(value: unknown, { typeName }: MessageType<M>): value is M {
  return typeof value === "object" && value !== null && (value as Partial<Message>).$typeName === typeName;
}
