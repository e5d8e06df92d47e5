import {
  create,
  type DescEnum,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  type MessageShape,
  ScalarType,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect, type ScalarValue } from "@bufbuild/protobuf/reflect";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { type Struct, StructSchema, type Value, ValueSchema } from "../../gen/crossbus/v1/value_pb.js";
import { checkSet } from "./check-set.js";
import { checkValue } from "./check-value.js";
import { integerRanges, isFloat, scalarRule, wellKnownRule } from "./field-rules.js";
import { invalidAt, type Path } from "./path.js";
import { type JsValue, toJs, toStruct, toValue } from "./value.js";

/**
 * Reads a message from plain values under its `.proto` field names, the reverse of `messageToValue`. Integers may come
 * as doubles without a fraction, enums by number, and null means that a field isn't set. Names that the schema
 * doesn't have are left out, as a newer peer may send them.
 *
 * Throws INVALID_ARGUMENT, with a path such as `payload.items[3].count`, for values of a wrong type or out of range, for
 * required fields that aren't set, and for the key `__proto__` in a map.
 */
export function valueToMessage<Desc extends DescMessage>(
  schema: Desc,
  value: Value | undefined,
  path: Path | string,
): MessageShape<Desc> {
  if (value === undefined) {
    const empty = reflect(schema, create(schema));
    checkRequired(empty, path);
    return empty.message as MessageShape<Desc>;
  }
  checkValue(value, path);
  return readMessage(schema, value, path) as MessageShape<Desc>;
}

function readMessage(schema: DescMessage, value: Value, path: Path | string): Message {
  if (schema.typeName === ValueSchema.typeName) {
    return value;
  }
  if (isWrapperDesc(schema)) {
    const wrapper = reflect(schema);
    readField(wrapper, schema.field["value"] as DescField, value, path);
    return wrapper.message as Message;
  }
  if (schema.typeName.startsWith("google.protobuf.")) {
    return readWellKnown(schema, value, path);
  }
  const struct = structOf(value);
  if (struct === undefined) {
    throw invalidAt(path, content(value), `must be an object with the fields of ${schema.typeName}`);
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
      throw invalidAt(here, content(member), `must not be set beside ${other.name}`);
    }
    readField(message, field, member, here);
  }
  checkRequired(message, path);
  return message.message as Message;
}

/** Looks for the required fields, once all that there is was read. */
function checkRequired(message: ReflectMessage, path: Path | string): void {
  for (const field of message.fields) {
    checkSet(message, field, path);
  }
}

function takesNull(field: DescField): boolean {
  return (
    field.fieldKind === "message" &&
    (field.message.typeName === ValueSchema.typeName || field.message.typeName === "google.protobuf.Value")
  );
}

function readField(message: ReflectMessage, field: DescField, value: Value, path: Path | string): void {
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
        throw invalidAt(path, content(value), "must be a list");
      }
      for (const [key, item] of list.values.entries()) {
        message.get(field).add(readItem(field, item, { parent: path, key }));
      }
      return;
    }
    case "map": {
      const struct = structOf(value);
      if (struct === undefined) {
        throw invalidAt(path, content(value), "must be an object");
      }
      for (const { key, value: item } of struct.entries) {
        if (item !== undefined) {
          const here = { parent: path, key };
          checkKey(key, here);
          message.get(field).set(readMapKey(field.mapKey, key, here), readItem(field, item, here));
        }
      }
    }
  }
}

function readItem(field: DescField & { readonly fieldKind: "list" | "map" }, item: Value, path: Path | string): never {
  const read =
    field.message !== undefined
      ? reflect(field.message, readMessage(field.message, item, path))
      : field.enum !== undefined
        ? readEnum(field.enum, item, path)
        : readScalar(field.scalar as ScalarType, item, path);
  // Its type follows from the field, which the compiler can't see.
  return read as never;
}

function readScalar(type: ScalarType, value: Value, path: Path | string): ScalarValue {
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
  throw invalidAt(path, content(value), `must be ${rule}`);
}

function integerOf(value: Value): bigint | undefined {
  const read = content(value);
  return typeof read === "bigint" || (typeof read === "number" && Number.isInteger(read)) ? BigInt(read) : undefined;
}

function readEnum(desc: DescEnum, value: Value, path: Path | string): number {
  const read = content(value);
  const number =
    typeof read === "string"
      ? desc.values.find(({ name }) => name === read)?.number
      : typeof read === "number" &&
          (desc.value[read] !== undefined || (desc.open && Number.isInteger(read) && read === (read | 0)))
        ? read
        : undefined;
  if (number === undefined) {
    throw invalidAt(path, read, `must be a value of ${desc.typeName}`);
  }
  return number;
}

function readMapKey(type: ScalarType, key: string, path: Path | string): never {
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
    throw invalidAt(path, key, `the key must be ${scalarRule(type)}`);
  }
  return read as never;
}

function readWellKnown(schema: DescMessage, value: Value, path: Path | string): Message {
  const json = toJs(value, path);
  checkKeys(json, path);
  try {
    return fromJson(schema, json as JsonValue);
  } catch (error) {
    throw invalidAt(path, content(value), wellKnownRule(schema, error));
  }
}

/** Looks for the key that what `google.protobuf.Struct` is in JavaScript would lose. */
function checkKeys(json: JsValue, path: Path | string): void {
  if (typeof json !== "object" || json === null || json instanceof Uint8Array) {
    return;
  }
  for (const [key, member] of Object.entries(json)) {
    const here = { parent: path, key: Array.isArray(json) ? Number(key) : key };
    checkKey(key, here);
    checkKeys(member as JsValue, here);
  }
}

function checkKey(key: string, path: Path): void {
  if (key === "__proto__") {
    throw invalidAt(path, key, "must not be a key: a map in JavaScript would lose it");
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
