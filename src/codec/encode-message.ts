import type { Message } from "@bufbuild/protobuf";
import { invalidArgument } from "../base/status.js";
import { caseByName } from "../message/look-up.js";
import { explicitPresence, type FieldType, type MessageType } from "../message/message-type.js";
import * as Scalar from "../message/scalar.js";
import { WireWriter, wireWriter } from "./wire-writer.js";

type Fields = Readonly<Record<string, unknown>>;

interface UnknownField {
  readonly no: number;
  readonly wireType: number;
  readonly data: Uint8Array;
}

/**
 * Encodes a message that was checked, to the bytes that protobuf-es would make of it. `headroom` bytes in front of them are
 * left free.
 *
 * Throws INVALID_ARGUMENT for what can't be written: unknown fields that are none, and messages that change meanwhile.
 */
export function encodeMessage(type: MessageType, message: Message, headroom = 0, writer = wireWriter): Uint8Array {
  const write = (to: WireWriter) => writeFields(to, type, message as unknown as Fields);
  // A message with a getter may be encoded while another is.
  const bytes = writer.encode(write, message, headroom) ?? new WireWriter().encode(write, message, headroom);
  if (bytes === undefined) {
    throw invalidArgument("message", message, "must have unknown fields as they were read, and mustn't change");
  }
  return bytes;
}

/** Writes the fields from the last to the first: those that the schema doesn't know are the last. */
function writeFields(writer: WireWriter, type: MessageType, message: Fields): void {
  const unknown = (message["$unknown"] ?? []) as readonly UnknownField[];
  for (let i = unknown.length - 1; i >= 0; i--) {
    const { no, wireType, data } = unknown[i] as UnknownField;
    writer.raw(((no << 3) | wireType) >>> 0, data);
  }
  for (const [field, value] of fieldsSet(type, message)) {
    writeField(writer, field, value);
  }
}

/** The fields that are set, the one with the highest number first. */
function fieldsSet(type: MessageType, message: Fields): readonly (readonly [FieldType, unknown])[] {
  const set: [FieldType, unknown][] = [];
  for (const member of type.members) {
    const value = message[member.localName];
    if (member.kind === "field") {
      if (member.presence === explicitPresence ? value !== undefined : !isZero(value)) {
        set.push([member, value]);
      }
    } else {
      const chosen = value as { readonly case: unknown; readonly value: unknown };
      const field = caseByName(member, chosen.case);
      if (field !== undefined) {
        set.push([field, chosen.value]);
      }
    }
  }
  return set.sort(([a], [b]) => b.number - a.number);
}

/** Whether a field without presence isn't set. -0 is another number than 0. */
function isZero(value: unknown): boolean {
  return typeof value === "object" ? (value as ArrayLike<unknown>).length === 0 : !value && !Object.is(value, -0);
}

function writeField(writer: WireWriter, field: FieldType, value: unknown): void {
  if (field.fieldKind !== "list") {
    writeItem(writer, field, value);
    return;
  }
  const items = value as readonly unknown[];
  // Lists of scalars that may be packed are lists of uint32 in the schema.
  const isPacked = field.scalar === Scalar.uint32;
  const mark = writer.mark();
  for (let i = items.length - 1; i >= 0; i--) {
    if (isPacked) {
      writer.item(items[i] as number);
    } else {
      writeItem(writer, field, items[i]);
    }
  }
  if (isPacked) {
    writer.nested(field.number * 8 + 2, mark);
  }
}

function writeItem(writer: WireWriter, field: FieldType, value: unknown): void {
  const tag = field.number * 8;
  if (field.message !== undefined) {
    const mark = writer.mark();
    writeFields(writer, field.message, value as Fields);
    writer.nested(tag + 2, mark);
    return;
  }
  switch (field.scalar) {
    case Scalar.string:
      writer.text(tag + 2, value as string);
      break;
    case Scalar.bytes:
      writer.bytes(tag + 2, value as Uint8Array);
      break;
    case Scalar.bool:
      writer.bool(tag, value as boolean);
      break;
    case Scalar.double:
      writer.double(tag + 1, value as number);
      break;
    case Scalar.uint32:
      writer.uint32(tag, value as number);
      break;
    case Scalar.int64:
      writer.int64(tag, value as bigint);
      break;
    case Scalar.sint64:
      writer.sint64(tag, value as bigint);
      break;
    case Scalar.uint64:
      writer.uint64(tag, value as bigint);
      break;
    case Scalar.fixed64:
      writer.fixed64(tag + 1, value as bigint);
      break;
    default:
      // An int32, or an enum. The schema has no other scalars.
      writer.int32(tag, value as number);
  }
}
