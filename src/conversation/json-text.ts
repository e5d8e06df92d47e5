import type { Value } from "../../gen/crossbus/v1/value_pb.js";
import { bytesToBigInt } from "../message/big-int-bytes.js";

/**
 * Writes a value as the JSON text that language models get to see, spaced as Python writes it. Integers keep all
 * their digits, a double keeps its point (`3.0`), NaN and infinities are written as Python does, bytes become
 * base64, a typed Python object its content. No value at all is `null`.
 */
export function jsonText(value: Value | undefined): string {
  const kind = value?.kind;
  switch (kind?.case) {
    case "boolValue":
    case "intValue":
      return String(kind.value);
    case "bigIntValue":
      return bytesToBigInt(kind.value).toString();
    case "doubleValue":
      return doubleText(kind.value);
    case "stringValue":
      return JSON.stringify(kind.value);
    case "bytesValue":
      return JSON.stringify(base64(kind.value));
    case "listValue":
      return `[${kind.value.values.map(jsonText).join(", ")}]`;
    case "structValue":
      return `{${kind.value.entries.map((entry) => `${JSON.stringify(entry.key)}: ${jsonText(entry.value)}`).join(", ")}}`;
    case "typedValue":
      return jsonText(kind.value.value);
    default:
      return "null";
  }
}

/** Whether a value says something, as Python sees it: null, false, zero and all that is empty don't. */
export function isTruthy(value: Value | undefined): boolean {
  const kind = value?.kind;
  switch (kind?.case) {
    case "boolValue":
      return kind.value;
    case "intValue":
      return kind.value !== 0n;
    case "doubleValue":
      // Not a number says something, in Python.
      return kind.value !== 0;
    case "stringValue":
    case "bytesValue":
      return kind.value.length > 0;
    case "listValue":
      return kind.value.values.length > 0;
    case "structValue":
      return kind.value.entries.length > 0;
    case "bigIntValue":
    case "typedValue":
      return true;
    default:
      return false;
  }
}

function doubleText(value: number): string {
  const text = Object.is(value, -0) ? "-0" : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary);
}
