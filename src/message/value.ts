import type { Struct, StructEntry, Value } from "../../gen/crossbus/v1/value_pb.js";
import { invalidArgument } from "../base/status.js";
import { bigIntToBytes, bytesToBigInt } from "./big-int-bytes.js";
import { checkStruct, checkValue, MAX_LEVELS } from "./check-value.js";
import { isInt64 } from "./int64.js";
import { isOfType } from "./new-message.js";
import { newEntry, newList, newStruct, newValue } from "./new-value.js";
import { invalidAt, type Path } from "./path.js";
import { isPlainObject } from "./plain-object.js";
import { structType, valueType } from "./schema.js";
import { isWellFormed } from "./well-formed.js";

/**
 * What a `Value` reads as. An integer is a number where that is exact, else a bigint. A typed Python object
 * reads as its content; its type name stays in the `Value`.
 */
export type JsValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly JsValue[]
  | { readonly [key: string]: JsValue };

/**
 * What a `Value` is made of: plain JavaScript, in which a member that is `undefined` is left out, and at any
 * depth a `Value`, which keeps its types.
 */
export type ValueInit =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Value
  | readonly ValueInit[]
  | { readonly [key: string]: ValueInit | undefined };

/** What a `Struct` is made of: a plain object, or a `Struct`. */
export type StructInit = Struct | { readonly [key: string]: ValueInit | undefined };

/**
 * Makes a `Value` of plain JavaScript. A safe integer becomes an int, any other number (-0, NaN and infinities
 * too) a double, a bigint an int where 64 bits hold it. `undefined` members of objects are left out. Bytes are
 * kept by reference. A `Value`, at the top or anywhere below, is checked and used as it is; it is told by its
 * `$typeName`, so drop that key from data of unknown origin.
 *
 * Throws INVALID_ARGUMENT, with a path that begins with `path`, for what has no plain form: strings and keys
 * with lone surrogates, cycles, holes and `undefined` in arrays, functions, symbols, and objects of any class
 * (`Date`, `Map`, `Set`…), and for more than `MAX_LEVELS` levels. `level` says at which level the value stands
 * that is made, 1 by default.
 */
export function toValue(init: ValueInit, path: Path | string = "value", level = 1): Value {
  return buildValue(init, path, level, []);
}

/** Makes a `Struct` of a plain object, by the rules of `toValue`. A `Struct` is used as it is. */
export function toStruct(init: StructInit, path: Path | string = "value", level = 1): Struct {
  if (isOfType(init, structType)) {
    checkStruct(init, path, level);
    return init;
  }
  if (!isPlainObject(init)) {
    throw invalidAt(path, init, "must be a plain object or a Struct");
  }
  return buildStruct(init, path, level, []);
}

/** Makes a `Value` that is a double even where the number is an integer: Python's `3.0`, not `3`. */
export function double(value: number): Value {
  if (typeof value !== "number") {
    throw invalidArgument("double", value, "must be a number");
  }
  return newValue({ case: "doubleValue", value });
}

/**
 * Reads a `Value` as plain JavaScript. Bytes are not copied. Throws INVALID_ARGUMENT, with a path that begins
 * with `path`, for a value that `checkValue` refuses.
 */
export function toJs(value: Value, path?: Path | string): JsValue;
export function toJs(value: Value | undefined, path?: Path | string): JsValue | undefined;
export function toJs(value: Value | undefined, path: Path | string = "value"): JsValue | undefined {
  if (value === undefined) {
    return undefined;
  }
  checkValue(value, path);
  return readValue(value);
}

/** Reads a `Struct` as a plain object, as `toJs` does. */
export function structToJs(struct: Struct, path?: Path | string): { readonly [key: string]: JsValue };
export function structToJs(
  struct: Struct | undefined,
  path?: Path | string,
): { readonly [key: string]: JsValue } | undefined;
export function structToJs(
  struct: Struct | undefined,
  path: Path | string = "value",
): { readonly [key: string]: JsValue } | undefined {
  if (struct === undefined) {
    return undefined;
  }
  checkStruct(struct, path);
  return readStruct(struct);
}

function buildValue(init: unknown, path: Path | string, level: number, ancestors: object[]): Value {
  if (level > MAX_LEVELS) {
    throw invalidAt(path, init, `must be nested at most ${MAX_LEVELS} levels deep`);
  }
  switch (typeof init) {
    case "boolean":
      return newValue({ case: "boolValue", value: init });
    case "number":
      return Number.isSafeInteger(init) && !Object.is(init, -0)
        ? newValue({ case: "intValue", value: BigInt(init) })
        : newValue({ case: "doubleValue", value: init });
    case "bigint":
      return isInt64(init)
        ? newValue({ case: "intValue", value: init })
        : newValue({ case: "bigIntValue", value: bigIntToBytes(init) });
    case "string":
      if (!isWellFormed(init)) {
        throw invalidAt(path, init, "must be a string without lone surrogates");
      }
      return newValue({ case: "stringValue", value: init });
    case "object":
      return init === null ? newValue({ case: "nullValue", value: 0 }) : buildObject(init, path, level, ancestors);
    default:
      throw invalidAt(path, init, "must be plain data");
  }
}

function buildObject(init: object, path: Path | string, level: number, ancestors: object[]): Value {
  if (init instanceof Uint8Array) {
    return newValue({ case: "bytesValue", value: init });
  }
  if (isOfType(init, valueType)) {
    checkValue(init, path, level);
    return init;
  }
  if (Array.isArray(init)) {
    return newValue({ case: "listValue", value: buildList(init, path, level, ancestors) });
  }
  if (isPlainObject(init)) {
    return newValue({ case: "structValue", value: buildStruct(init, path, level, ancestors) });
  }
  throw invalidAt(path, init, "must be plain data, not an object of a class");
}

function buildList(init: readonly unknown[], path: Path | string, level: number, ancestors: object[]) {
  enter(init, path, ancestors);
  const values: Value[] = [];
  for (let i = 0; i < init.length; i++) {
    if (init[i] === undefined) {
      throw invalidAt({ parent: path, key: i }, undefined, "must be plain data, or null for none");
    }
    values.push(buildValue(init[i], { parent: path, key: i }, level + 1, ancestors));
  }
  ancestors.pop();
  return newList(values);
}

function buildStruct(
  init: Readonly<Record<string, unknown>>,
  path: Path | string,
  level: number,
  ancestors: object[],
): Struct {
  enter(init, path, ancestors);
  const entries: StructEntry[] = [];
  const [symbol] = Object.getOwnPropertySymbols(init);
  if (symbol !== undefined) {
    throw invalidAt(path, symbol, "must have strings as keys");
  }
  for (const key of Object.keys(init)) {
    const member = init[key];
    if (member === undefined) {
      continue;
    }
    if (!isWellFormed(key)) {
      throw invalidAt({ parent: path, key }, key, "a key must be a string without lone surrogates");
    }
    const value = buildValue(member, { parent: path, key }, level + 1, ancestors);
    entries.push(newEntry(key, value));
  }
  ancestors.pop();
  return newStruct(entries);
}

/** Notes that the walk is inside `container`, and refuses to go round in circles. */
function enter(container: object, path: Path | string, ancestors: object[]): void {
  if (ancestors.includes(container)) {
    throw invalidAt(path, container, "must not contain itself");
  }
  ancestors.push(container);
}

function readValue({ kind }: Value): JsValue {
  switch (kind.case) {
    case "intValue": {
      const number = Number(kind.value);
      return Number.isSafeInteger(number) ? number : kind.value;
    }
    case "bigIntValue":
      return bytesToBigInt(kind.value);
    case "listValue":
      return kind.value.values.map(readValue);
    case "structValue":
      return readStruct(kind.value);
    case "typedValue":
      return kind.value.value === undefined ? null : readValue(kind.value.value);
    case "nullValue":
    case undefined:
      return null;
    default:
      return kind.value;
  }
}

function readStruct(struct: Struct): { readonly [key: string]: JsValue } {
  const object: { [key: string]: JsValue } = {};
  for (const { key, value: member } of struct.entries) {
    const value = member === undefined ? null : readValue(member);
    if (key in object) {
      // The name of something inherited, `__proto__` above all: assigning could call a setter.
      Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
    } else {
      object[key] = value;
    }
  }
  return object;
}
