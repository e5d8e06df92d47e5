import type { Message } from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import type { Struct, Value } from "../../../gen/crossbus/v1/value_pb.js";
import { bigIntToBytes, bytesToBigInt } from "../../message/big-int-bytes.js";
import { MAX_LEVELS } from "../../message/check-value.js";
import { isInt64 } from "../../message/int64.js";
import { newEntry, newList, newStruct, newValue } from "../../message/new-value.js";
import { formatPath, invalidAt, type Path } from "../../message/path.js";
import { invalidJson } from "./invalid-json.js";
import { type Json, JsonObject, MAX_DIGITS } from "./json.js";
import { UnreadableJson } from "./read-json.js";
import type { TypeRules } from "./type-rules.js";

const TYPE = "__type__";
const DATA = "__data__";
const BYTES = "bytes";

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** As many bytes as hold an integer of `MAX_DIGITS` digits: finding out how many digits more have takes long. */
const MAX_BIG_INT_BYTES = 1_786;

/** A Python object on the wire: the name of its class, and its content. */
export interface TypedJson {
  readonly className: string;
  readonly data: Json;
}

/**
 * Reads a typed object; undefined for what isn't one. Throws INVALID_ARGUMENT for what is one only to Python, which
 * looks for the two keys alone.
 */
export function asTyped(json: Json, path: Path | string): TypedJson | undefined {
  if (!(json instanceof JsonObject)) {
    return undefined;
  }
  const className = json.get(TYPE);
  const data = className === undefined ? undefined : json.get(DATA);
  if (className === undefined || data === undefined) {
    return undefined;
  }
  if (typeof className !== "string" || className === "" || json.entries.length !== 2) {
    throw invalidAt(path, TYPE, `an object with ${TYPE} and ${DATA} must have a class name and no other keys`);
  }
  return { className, data };
}

/** Makes a typed object. */
export function typedJson(className: string, data: Json): JsonObject {
  return new JsonObject([
    [TYPE, className],
    [DATA, data],
  ]);
}

/** Reads bytes. Throws INVALID_ARGUMENT for what isn't a bytes object in the base64 that Python writes. */
export function bytesFromJson(json: Json, path: Path | string): Uint8Array {
  const typed = asTyped(json, path);
  if (typed?.className !== BYTES) {
    throw invalidJson(path, json, "must be bytes");
  }
  if (typeof typed.data !== "string" || typed.data.length % 4 !== 0 || !BASE64.test(typed.data)) {
    throw invalidJson(path, typed.data, "must be bytes in base64 with padding");
  }
  return base64Decode(typed.data);
}

/** Makes a bytes object. */
export function bytesToJson(bytes: Uint8Array): JsonObject {
  return typedJson(BYTES, base64Encode(bytes));
}

/**
 * Reads a structured value that stands at `level`. Throws INVALID_ARGUMENT, with a path, for one that names a class
 * that may not be named, and `UnreadableJson` for one that nests deeper than a `Value` may.
 */
export function valueFromJson(json: Json, rules: TypeRules, path: Path | string, level: number): Value {
  checkLevel(level, path);
  switch (typeof json) {
    case "string":
      return newValue({ case: "stringValue", value: json });
    case "boolean":
      return newValue({ case: "boolValue", value: json });
    case "number":
      return newValue({ case: "doubleValue", value: json });
    case "bigint":
      return isInt64(json)
        ? newValue({ case: "intValue", value: json })
        : newValue({ case: "bigIntValue", value: bigIntToBytes(json) });
    default:
      break;
  }
  if (json === null) {
    return newValue({ case: "nullValue", value: 0 });
  }
  if (!(json instanceof JsonObject)) {
    const values = json.map((item, key) => valueFromJson(item, rules, { parent: path, key }, level + 1));
    return newValue({ case: "listValue", value: newList(values) });
  }
  const typed = asTyped(json, path);
  if (typed === undefined) {
    return newValue({ case: "structValue", value: structFromJson(json, rules, path, level) });
  }
  if (typed.className === BYTES) {
    return newValue({ case: "bytesValue", value: bytesFromJson(json, path) });
  }
  rules.checkKnown(typed.className, formatPath(path));
  rules.saw(typed.className);
  const value = valueFromJson(typed.data, rules, path, level + 1);
  return newValue({
    case: "typedValue",
    value: { $typeName: "crossbus.v1.TypedValue", typeName: typed.className, value },
  });
}

/** Reads a dictionary that stands at `level`, by the rules of `valueFromJson`. */
export function structFromJson(json: Json, rules: TypeRules, path: Path | string, level: number): Struct {
  if (!(json instanceof JsonObject) || asTyped(json, path) !== undefined) {
    throw invalidJson(path, json, "must be a dictionary");
  }
  checkLevel(level, path);
  const entries = json.entries.map(([key, member]) =>
    newEntry(key, valueFromJson(member, rules, { parent: path, key }, level + 1)),
  );
  return newStruct(entries);
}

/**
 * Writes a valid structured value. Throws INVALID_ARGUMENT, with a path, for a class that may not be named, and for
 * user data that Python would take for one.
 */
export function valueToJson(value: Value, rules: TypeRules, path: Path | string): Json {
  refuseUnknown(value, path);
  const { kind } = value;
  switch (kind.case) {
    case "nullValue":
    case undefined:
      return null;
    case "bytesValue":
      return bytesToJson(kind.value);
    case "bigIntValue":
      if (kind.value.length > MAX_BIG_INT_BYTES) {
        throw invalidAt(path, kind.value.length, `must have no more than ${MAX_DIGITS} digits, for Python`);
      }
      return bytesToBigInt(kind.value);
    case "listValue":
      refuseUnknown(kind.value, path);
      return kind.value.values.map((value, key) => valueToJson(value, rules, { parent: path, key }));
    case "structValue":
      return structToJson(kind.value, rules, path);
    case "typedValue": {
      const { typeName, value: content } = kind.value;
      refuseUnknown(kind.value, path);
      if (typeName === BYTES) {
        throw invalidAt(path, typeName, "must not be the class of a typed value");
      }
      rules.checkKnown(typeName, formatPath(path));
      rules.checkPeerHas(typeName);
      return typedJson(typeName, content === undefined ? null : valueToJson(content, rules, path));
    }
    default:
      return kind.value;
  }
}

/** Writes a dictionary, by the rules of `valueToJson`. */
export function structToJson(struct: Struct, rules: TypeRules, path: Path | string): JsonObject {
  refuseUnknown(struct, path);
  const json = new JsonObject(
    struct.entries.map((entry) => {
      const { key, value } = entry;
      const here = { parent: path, key };
      refuseUnknown(entry, here);
      return [key, value === undefined ? null : valueToJson(value, rules, here)];
    }),
  );
  if (json.get(TYPE) !== undefined && json.get(DATA) !== undefined) {
    throw invalidAt(
      path,
      TYPE,
      `a dictionary must not have both ${TYPE} and ${DATA}: Python would take it for an object`,
    );
  }
  return json;
}

/** Throws INVALID_ARGUMENT for fields that came from a newer Crossbus peer, which JSON has no place for. */
export function refuseUnknown(message: Message, path: Path | string): void {
  if ((message.$unknown?.length ?? 0) > 0) {
    throw invalidAt(
      { parent: path, key: "$unknown" },
      message.$unknown,
      "fields that only Protocol Buffers know can't be written as JSON",
    );
  }
}

function checkLevel(level: number, path: Path | string): void {
  if (level > MAX_LEVELS) {
    throw new UnreadableJson(`${formatPath(path)} nests more than ${MAX_LEVELS} levels deep`, "maxLevels");
  }
}
