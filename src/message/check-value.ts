import type { Struct, StructEntry, Value } from "../../gen/crossbus/v1/value_pb.js";
import { aboutLimit } from "../base/over-limit.js";
import { isMinimal } from "./big-int-bytes.js";
import { isInt64 } from "./int64.js";
import { invalidAt, type Path } from "./path.js";
import { isText } from "./well-formed.js";

/**
 * How deep values may nest. A value without content of its own is one level, and so is an empty list or
 * object; a list, an object and a typed object are one level more than the deepest value in them. A level of
 * objects takes three levels of Protocol Buffers messages, of which both runtimes read 100.
 */
export const MAX_LEVELS = 32;

/**
 * How many messages may stand around a `Value`, itself included, for it to have all its levels: 32 levels of
 * three messages each stay within the 100 that the runtimes read. Deeper down a value has one level less.
 */
const FULL_DEPTH = 6;

/** Up to so many keys it takes less to compare each with those before it than to remember them. */
const FEW_KEYS = 8;

/** The level at which a `Value` begins that is the `depth`th message, counted from the outermost. */
export function firstLevel(depth: number): number {
  return depth > FULL_DEPTH ? 2 : 1;
}

/**
 * Checks that a `Value`, however it was made or received, is one that `toValue` could have made: every value
 * has a kind and content of that kind, no key occurs twice, strings have no lone surrogates, a big integer
 * needs more than 64 bits and takes no more bytes than it needs, and nothing nests deeper than `MAX_LEVELS`.
 * Throws INVALID_ARGUMENT with a path that begins with `path`. `level` says at which level the value stands.
 */
export function checkValue(value: Value | undefined, path: Path | string = "value", level = 1): void {
  if (level > MAX_LEVELS) {
    const rule = `must be nested at most ${MAX_LEVELS} levels deep`;
    throw aboutLimit("maxLevels", invalidAt(path, value, rule));
  }
  if (value?.$typeName !== "crossbus.v1.Value") {
    throw invalidAt(path, value, "must be a Value");
  }
  const problem = checkKind(value, path, level);
  if (problem !== undefined) {
    throw invalidAt(path, value.kind?.value, problem);
  }
}

/** Checks a `Struct` as `checkValue` does a `Value`. */
export function checkStruct(struct: Struct, path: Path | string = "value", level = 1): void {
  if (struct?.$typeName !== "crossbus.v1.Struct" || !Array.isArray(struct.entries)) {
    throw invalidAt(path, struct, "must be a Struct");
  }
  const { entries } = struct;
  const keys = entries.length > FEW_KEYS ? new Set<string>() : undefined;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    const key: unknown = entry?.key;
    if (entry?.$typeName !== "crossbus.v1.StructEntry" || !isText(key)) {
      throw invalidAt(path, key, "a key must be a string without lone surrogates");
    }
    if (keys === undefined ? hasKey(entries, i, key) : isKnown(keys, key)) {
      throw invalidAt({ parent: path, key }, key, "a key must occur once");
    }
    checkValue(entry.value, { parent: path, key }, level + 1);
  }
}

/** Whether one of the first `count` entries has that key. */
function hasKey(entries: readonly StructEntry[], count: number, key: string): boolean {
  for (let i = 0; i < count; i++) {
    if (entries[i]?.key === key) {
      return true;
    }
  }
  return false;
}

/** Whether a key was met before. It is from now on. */
function isKnown(keys: Set<string>, key: string): boolean {
  // With a letter before it no key reads as an integer: older V8 don't seed the hashes of those, so that a peer could
  // choose keys that all collide.
  const before = keys.size;
  return keys.add(`k${key}`).size === before;
}

/** What is wrong with the kind of a value, if anything; problems deeper down are thrown. */
function checkKind({ kind }: Value, path: Path | string, level: number): string | undefined {
  // A value from outside TypeScript may have any type, whatever its case says.
  const content: unknown = kind?.value;
  switch (kind?.case) {
    case "nullValue":
      return content === 0 ? undefined : "a null must be 0";
    case "boolValue":
      return typeof content === "boolean" ? undefined : "must be a boolean";
    case "intValue":
      return typeof content === "bigint" && isInt64(content) ? undefined : "must be a bigint of 64 bits";
    case "doubleValue":
      return typeof content === "number" ? undefined : "must be a number";
    case "stringValue":
      return isText(content) ? undefined : "must be a string without lone surrogates";
    case "bytesValue":
      return content instanceof Uint8Array ? undefined : "must be a Uint8Array";
    case "bigIntValue":
      // Eight bytes or fewer are 64 bits or fewer.
      return content instanceof Uint8Array && content.length > 8 && isMinimal(content)
        ? undefined
        : "a big integer must need more than 64 bits, in as few bytes as hold it";
    case "listValue": {
      if (kind.value?.$typeName !== "crossbus.v1.ListValue" || !Array.isArray(kind.value.values)) {
        return "must be a ListValue";
      }
      for (const [key, value] of kind.value.values.entries()) {
        checkValue(value, { parent: path, key }, level + 1);
      }
      return undefined;
    }
    case "structValue":
      checkStruct(kind.value, path, level);
      return undefined;
    case "typedValue": {
      const name: unknown = kind.value?.typeName;
      if (kind.value?.$typeName !== "crossbus.v1.TypedValue" || name === "" || !isText(name)) {
        return "a typed value must have a type name";
      }
      // The content is a level deeper, but has the same path: it is what the value reads as.
      checkValue(kind.value.value, path, level + 1);
      return undefined;
    }
    default:
      return "must have a kind";
  }
}
