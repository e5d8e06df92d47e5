import type { Message } from "@bufbuild/protobuf";
import { aboutLimit } from "../base/over-limit.js";
import { firstLevel } from "../message/check-value.js";
import { fieldByNumber } from "../message/look-up.js";
import type { FieldType, MessageType } from "../message/message-type.js";
import { newMessage } from "../message/new-message.js";
import * as Scalar from "../message/scalar.js";
import { type Elements, tooManyElements } from "./elements.js";
import { checkPayload, isPayload } from "./payload.js";
import { WireReader } from "./wire-reader.js";
import * as WireType from "./wire-type.js";

/** Both protobuf-es and Python's decoder stop here, counted from the outermost message. */
const MAX_DEPTH = 100;

/** A newer peer adds a few fields; each costs an object. More than this in one message is somebody's weapon. */
const MAX_UNKNOWN_FIELDS = 1_000;

/** A message seen as the object that generated types describe. */
type Fields = Record<string, unknown>;

interface UnknownField {
  readonly no: number;
  readonly wireType: number;
  readonly data: Uint8Array;
}

/**
 * Decodes a message as protobuf-es would, from bytes of which it is sure.
 *
 * protobuf-es doesn't look at the wire type of a field that it knows, nor at where the message ends that the
 * field is in, so that bytes made for it can say one thing to it and another to everybody else; and it drops a
 * byte order mark from the start of a text. Here a mistyped field, a field that reaches past its message, a
 * group and invalid UTF-8 are refused, and text is kept as it is. What both can read gives equal messages:
 * fields that occur twice are merged, unknown ones kept.
 *
 * Throws INVALID_ARGUMENT for bytes that it refuses, and RESOURCE_EXHAUSTED where there are more messages in the message,
 * at any depth, than `elements` allows. There they are counted.
 */
export function decodeMessage<M extends Message>(type: MessageType<M>, bytes: Uint8Array, elements?: Elements): M {
  const message = newMessage(type);
  const reader = new WireReader(bytes, elements?.max);
  readFields(reader, type, message as unknown as Fields, 1);
  if (elements !== undefined) {
    elements.count += reader.elements;
  }
  return message;
}

function readFields(reader: WireReader, type: MessageType, message: Fields, depth: number): void {
  if (depth > MAX_DEPTH) {
    throw aboutLimit("maxLevels", reader.unreadable(`messages are nested deeper than ${MAX_DEPTH}`));
  }
  let unknown: UnknownField[] | undefined;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    const field = fieldByNumber(type, tag >>> 3);
    if (field !== undefined) {
      readField(reader, field, tag & 7, message, depth);
    } else {
      if (++reader.unknown > MAX_UNKNOWN_FIELDS) {
        throw reader.unreadable(`there are more than ${MAX_UNKNOWN_FIELDS} unknown fields`);
      }
      const start = reader.pos;
      reader.skip(tag & 7);
      unknown ??= (message["$unknown"] as UnknownField[] | undefined) ?? [];
      unknown.push({ no: tag >>> 3, wireType: tag & 7, data: reader.bytes.subarray(start, reader.pos) });
    }
  }
  if (unknown !== undefined) {
    message["$unknown"] = unknown;
  }
}

function readField(reader: WireReader, field: FieldType, wireType: number, message: Fields, depth: number): void {
  const list = field.fieldKind === "list" ? (message[field.localName] as unknown[]) : undefined;
  const ownType = wireTypeOf(field);
  if (list !== undefined && wireType === WireType.lengthDelimited && ownType !== wireType) {
    const outer = reader.enter();
    while (reader.pos < reader.end) {
      list.push(readScalar(reader, field));
    }
    reader.end = outer;
    return;
  }
  if (wireType !== ownType) {
    throw reader.unreadable(`${nameOf(field)} has wire type ${wireType}`);
  }
  const before = field.message === undefined || list !== undefined ? undefined : present(field, message);
  const value =
    field.message === undefined ? readScalar(reader, field) : readMessage(reader, field.message, before, depth);
  if (isPayload(field)) {
    // Merging would be allowed, but then the whole had to be checked again for each part.
    if (before !== undefined) {
      throw reader.unreadable(`${nameOf(field)} occurs twice`);
    }
    const path = list === undefined ? field.localName : { parent: field.localName, key: list.length };
    checkPayload(field, value, path, firstLevel(depth + 1));
  }
  if (list !== undefined) {
    list.push(value);
  } else {
    set(field, message, value);
  }
}

function readMessage(reader: WireReader, type: MessageType, existing: unknown, depth: number): unknown {
  if (++reader.elements > reader.maxElements) {
    throw tooManyElements(reader.maxElements);
  }
  const message = existing ?? newMessage(type);
  const outer = reader.enter();
  readFields(reader, type, message as Fields, depth + 1);
  reader.end = outer;
  return message;
}

function readScalar(reader: WireReader, field: FieldType): unknown {
  switch (field.scalar) {
    case Scalar.string:
      return reader.string();
    case Scalar.bytes:
      return reader.part();
    case Scalar.bool:
      return reader.uint64() !== 0n;
    case Scalar.double:
      return view(reader).getFloat64(0, true);
    case Scalar.uint32:
      return reader.int32() >>> 0;
    case Scalar.int64:
      return BigInt.asIntN(64, reader.uint64());
    case Scalar.uint64:
      return reader.uint64();
    case Scalar.sint64: {
      const zigzag = reader.uint64();
      return BigInt.asIntN(64, (zigzag >> 1n) ^ -(zigzag & 1n));
    }
    case Scalar.fixed64:
      return view(reader).getBigUint64(0, true);
    default:
      // An int32, or an enum: all of ours are open, so that an unknown number is kept as it is.
      return reader.int32();
  }
}

function view(reader: WireReader): DataView {
  return new DataView(reader.bytes.buffer, reader.bytes.byteOffset + reader.fixed(8), 8);
}

function wireTypeOf(field: FieldType): number {
  switch (field.message === undefined ? field.scalar : Scalar.bytes) {
    case Scalar.string:
    case Scalar.bytes:
      return WireType.lengthDelimited;
    case Scalar.double:
    case Scalar.fixed64:
      return WireType.fixed64;
    default:
      return WireType.varint;
  }
}

function nameOf({ parent, name }: FieldType): string {
  return `${parent.typeName}.${name}`;
}

/** The message that a field holds already, which another occurrence is merged into. */
function present(field: FieldType, message: Fields): unknown {
  if (field.oneof === undefined) {
    return message[field.localName];
  }
  const chosen = message[field.oneof.localName] as { readonly case?: string; readonly value?: unknown };
  return chosen.case === field.localName ? chosen.value : undefined;
}

function set(field: FieldType, message: Fields, value: unknown): void {
  if (field.oneof === undefined) {
    message[field.localName] = value;
  } else {
    message[field.oneof.localName] = { case: field.localName, value };
  }
}
