import {
  create,
  type DescEnum,
  type DescField,
  type DescMessage,
  fromJson,
  isMessage,
  type JsonValue,
  type Message,
  type MessageShape,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect, type ScalarValue } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { type Struct, StructSchema, type Value, ValueSchema } from "../../gen/crossbus/v1/value_pb.js";
import { invalidArgument } from "../base/status.js";
import { checkValue, MAX_LEVELS } from "./check-value.js";
import { formatPath, type Path } from "./path.js";
import { double, structToJs, toJs, toStruct, toValue, type ValueInit } from "./value.js";

/** The types of protobuf's own have a JSON form that people know: a timestamp is a string, a wrapper its content. */
const WELL_KNOWN = "google.protobuf.";

/**
 * Writes a message as plain values under its `.proto` field names, as a Python handler wants to read it: enums by
 * name, 64-bit integers as integers, bytes as bytes, `google.protobuf` types in their JSON form. Fields without
 * presence are always there, others when they are set. Unknown fields are left out.
 *
 * Throws INVALID_ARGUMENT, with a path that begins with `path`, for fields of a wrong type and what `toValue` refuses.
 */
export function messageToValue<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
  path: Path | string,
): Value {
  return toValue(writeMessage(reflect(schema, message), path, 1), path);
}

/**
 * Reads a message from plain values under its `.proto` field names, the reverse of `messageToValue`. Integers may come
 * as doubles without a fraction, enums by number, and null means that a field isn't set. Names that the schema
 * doesn't have are left out, as a newer peer may send them.
 *
 * Throws INVALID_ARGUMENT, with a path such as `payload.items[3].count`, for values of a wrong type or out of range.
 */
export function valueToMessage<Desc extends DescMessage>(
  schema: Desc,
  value: Value | undefined,
  path: Path | string,
): MessageShape<Desc> {
  if (value === undefined) {
    return create(schema);
  }
  checkValue(value, path);
  return readMessage(schema, value, path) as MessageShape<Desc>;
}

function writeMessage(message: ReflectMessage, path: Path | string, level: number): ValueInit {
  const { desc } = message;
  if (isMessage(message.message, ValueSchema)) {
    return message.message;
  }
  if (isMessage(message.message, StructSchema)) {
    return toValue(structToJs(message.message, path), path, level);
  }
  if (desc.typeName.startsWith(WELL_KNOWN)) {
    try {
      return toJson(desc, message.message as Message) as ValueInit;
    } catch (error) {
      throw invalidArgument(formatPath(path), message.message, `must be a valid ${desc.typeName} (${reason(error)})`);
    }
  }
  if (level > MAX_LEVELS) {
    throw invalidArgument(formatPath(path), message.message, `must be nested at most ${MAX_LEVELS} levels deep`);
  }
  const entries: [string, ValueInit][] = [];
  for (const field of desc.fields) {
    if (message.isSet(field) || field.presence === FeatureSet_FieldPresence.IMPLICIT) {
      const here = { parent: path, key: field.name };
      const problem = checkField(message, field);
      if (problem !== undefined) {
        throw invalidArgument(formatPath(here), problem.value, problem.rule);
      }
      entries.push([field.name, writeField(message, field, here, level)]);
    }
  }
  return asObject(entries);
}

/** What is wrong with the type of a field's content, if anything: whoever made the message may have cast. */
function checkField(message: ReflectMessage, field: DescField): { value: unknown; rule: string } | undefined {
  try {
    const content: unknown = message.get(field as never);
    if (field.fieldKind === "scalar" || field.fieldKind === "enum") {
      // Setting checks what getting doesn't.
      message.set(field, content as never);
    }
    return undefined;
  } catch (error) {
    const { value } = readRaw(message.message as Message, field);
    return { value, rule: `must be ${typeOf(field)} (${reason(error)})` };
  }
}

function readRaw(message: Message, field: DescField): { readonly value: unknown } {
  const fields = message as unknown as Readonly<Record<string, unknown>>;
  return field.oneof === undefined
    ? { value: fields[field.localName] }
    : (fields[field.oneof.localName] as { readonly value: unknown });
}

function writeField(message: ReflectMessage, field: DescField, path: Path, level: number): ValueInit {
  switch (field.fieldKind) {
    case "scalar":
      return writeScalar(field.scalar, message.get(field) as ScalarValue);
    case "enum":
      return writeEnum(field.enum, message.get(field) as number);
    case "message":
      return writeMessage(message.get(field), path, level + 1);
    case "list":
      return Array.from(message.get(field), (item, key) => writeItem(field, item, { parent: path, key }, level + 2));
    case "map":
      return asObject(
        Array.from(message.get(field), ([key, item]): [string, ValueInit] => [
          String(key),
          writeItem(field, item, { parent: path, key: String(key) }, level + 2),
        ]),
      );
  }
}

function writeItem(
  field: DescField & { readonly fieldKind: "list" | "map" },
  item: unknown,
  path: Path,
  level: number,
): ValueInit {
  if (field.message !== undefined) {
    return writeMessage(item as ReflectMessage, path, level);
  }
  return field.enum === undefined
    ? writeScalar(field.scalar as ScalarType, item as ScalarValue)
    : writeEnum(field.enum, item as number);
}

function writeScalar(type: ScalarType, value: ScalarValue): ValueInit {
  // A float stays one, also where it has no fraction: Python tells 3.0 from 3.
  return type === ScalarType.DOUBLE || type === ScalarType.FLOAT ? double(value as number) : value;
}

function writeEnum(desc: DescEnum, number: number): ValueInit {
  return desc.value[number]?.name ?? number;
}

/** An object with these members, whatever their names are. */
function asObject(entries: readonly (readonly [string, ValueInit])[]): { readonly [key: string]: ValueInit } {
  return Object.fromEntries(entries);
}

function readMessage(schema: DescMessage, value: Value, path: Path | string): Message {
  if (schema.typeName === ValueSchema.typeName) {
    return value;
  }
  if (schema.typeName.startsWith(WELL_KNOWN)) {
    return readWellKnown(schema, value, path);
  }
  const struct = structOf(value);
  if (struct === undefined) {
    throw invalidArgument(formatPath(path), content(value), `must be an object with the fields of ${schema.typeName}`);
  }
  if (schema.typeName === StructSchema.typeName) {
    return toStruct(struct, path);
  }
  const message = reflect(schema);
  for (const { key, value: member } of struct.entries) {
    const field = schema.fields.find(({ name }) => name === key);
    if (field === undefined || member === undefined || (member.kind.case === "nullValue" && !takesNull(field))) {
      continue;
    }
    const here = { parent: path, key };
    const other = field.oneof?.fields.find((sibling) => message.isSet(sibling));
    if (other !== undefined) {
      throw invalidArgument(formatPath(here), content(member), `must not be set beside ${other.name}`);
    }
    readField(message, field, member, here);
  }
  return message.message as Message;
}

function takesNull(field: DescField): boolean {
  return (
    field.fieldKind === "message" &&
    (field.message.typeName === ValueSchema.typeName || field.message.typeName === "google.protobuf.Value")
  );
}

function readField(message: ReflectMessage, field: DescField, value: Value, path: Path): void {
  switch (field.fieldKind) {
    case "scalar":
      message.set(field, readScalar(field.scalar, value, path));
      return;
    case "enum":
      message.set(field, readEnum(field.enum, value, path));
      return;
    case "message":
      message.set(field, reflect(field.message, readMessage(field.message, value, path)));
      return;
    case "list": {
      const list = value.kind.case === "listValue" ? value.kind.value : undefined;
      if (list === undefined) {
        throw invalidArgument(formatPath(path), content(value), "must be a list");
      }
      for (const [key, item] of list.values.entries()) {
        message.get(field).add(readItem(field, item, { parent: path, key }));
      }
      return;
    }
    case "map": {
      const struct = structOf(value);
      if (struct === undefined) {
        throw invalidArgument(formatPath(path), content(value), "must be an object");
      }
      for (const { key, value: item } of struct.entries) {
        if (item !== undefined) {
          const here = { parent: path, key };
          message.get(field).set(readMapKey(field.mapKey, key, here), readItem(field, item, here));
        }
      }
    }
  }
}

function readItem(field: DescField & { readonly fieldKind: "list" | "map" }, item: Value, path: Path): never {
  const read =
    field.message !== undefined
      ? reflect(field.message, readMessage(field.message, item, path))
      : field.enum !== undefined
        ? readEnum(field.enum, item, path)
        : readScalar(field.scalar as ScalarType, item, path);
  // Its type follows from the field, which the compiler can't see.
  return read as never;
}

function readScalar(type: ScalarType, value: Value, path: Path): ScalarValue {
  const { kind } = value;
  const rule = scalarRule(type);
  switch (type) {
    case ScalarType.STRING:
      if (kind.case === "stringValue") {
        return kind.value;
      }
      break;
    case ScalarType.BYTES:
      if (kind.case === "bytesValue") {
        return kind.value;
      }
      break;
    case ScalarType.BOOL:
      if (kind.case === "boolValue") {
        return kind.value;
      }
      break;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT: {
      const number =
        kind.case === "intValue" ? Number(kind.value) : kind.case === "doubleValue" ? kind.value : undefined;
      if (number !== undefined && (type === ScalarType.DOUBLE || isFloat(number))) {
        return number;
      }
      break;
    }
    default: {
      const integer = integerOf(value);
      const range = integerRanges[type];
      if (integer !== undefined && range !== undefined && integer >= range[0] && integer <= range[1]) {
        return range[1] > 2n ** 32n ? integer : Number(integer);
      }
    }
  }
  throw invalidArgument(formatPath(path), content(value), `must be ${rule}`);
}

function isFloat(number: number): boolean {
  return Number.isFinite(Math.fround(number)) || !Number.isFinite(number);
}

function integerOf(value: Value): bigint | undefined {
  const read = content(value);
  return typeof read === "bigint" || (typeof read === "number" && Number.isInteger(read)) ? BigInt(read) : undefined;
}

const int32 = [-(2n ** 31n), 2n ** 31n - 1n] as const;
const uint32 = [0n, 2n ** 32n - 1n] as const;
const int64 = [-(2n ** 63n), 2n ** 63n - 1n] as const;
const uint64 = [0n, 2n ** 64n - 1n] as const;

const integerRanges: { readonly [Type in ScalarType]?: readonly [bigint, bigint] } = {
  [ScalarType.INT32]: int32,
  [ScalarType.SINT32]: int32,
  [ScalarType.SFIXED32]: int32,
  [ScalarType.UINT32]: uint32,
  [ScalarType.FIXED32]: uint32,
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.SFIXED64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
};

function scalarRule(type: ScalarType): string {
  switch (type) {
    case ScalarType.STRING:
      return "a string";
    case ScalarType.BYTES:
      return "bytes";
    case ScalarType.BOOL:
      return "a boolean";
    case ScalarType.DOUBLE:
      return "a number";
    case ScalarType.FLOAT:
      return "a number that 32 bits hold";
    default: {
      const [min, max] = integerRanges[type] ?? int64;
      return `an integer from ${min} to ${max}`;
    }
  }
}

function typeOf(field: DescField): string {
  switch (field.fieldKind) {
    case "scalar":
      return scalarRule(field.scalar);
    case "enum":
      return `a value of ${field.enum.typeName}`;
    case "message":
      return `a ${field.message.typeName}`;
    default:
      return `a ${field.fieldKind}`;
  }
}

function readEnum(desc: DescEnum, value: Value, path: Path): number {
  const read = content(value);
  const number =
    typeof read === "string"
      ? desc.values.find(({ name }) => name === read)?.number
      : typeof read === "number" &&
          (desc.value[read] !== undefined || (desc.open && Number.isInteger(read) && read === (read | 0)))
        ? read
        : undefined;
  if (number === undefined) {
    throw invalidArgument(formatPath(path), read, `must be a value of ${desc.typeName}`);
  }
  return number;
}

function readMapKey(type: ScalarType, key: string, path: Path): never {
  const read =
    type === ScalarType.STRING
      ? key
      : type === ScalarType.BOOL
        ? key === "true" || key === "false"
          ? key === "true"
          : undefined
        : /^-?\d{1,20}$/.test(key)
          ? readScalar(type, toValue(BigInt(key)), path)
          : undefined;
  if (read === undefined) {
    throw invalidArgument(formatPath(path), key, `the key must be ${scalarRule(type)}`);
  }
  return read as never;
}

function readWellKnown(schema: DescMessage, value: Value, path: Path | string): Message {
  try {
    return fromJson(schema, toJs(value, path) as JsonValue);
  } catch (error) {
    throw invalidArgument(formatPath(path), content(value), `must be a ${schema.typeName} (${reason(error)})`);
  }
}

/** The members of a value that has some. Of a typed Python object those it is made of. */
function structOf({ kind }: Value): Struct | undefined {
  if (kind.case === "typedValue") {
    return kind.value.value === undefined ? undefined : structOf(kind.value.value);
  }
  return kind.case === "structValue" ? kind.value : undefined;
}

/** What a value reads as, for scalars and messages about it. */
function content(value: Value): unknown {
  return toJs(value);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
