import { Code, StatusError } from "../../base/status.js";
import { countDigits, type Json, JsonObject, MAX_DIGITS } from "./json.js";

/** Text that stands in JSON as it is, and is short enough to find that out faster than it is written. */
const PLAIN = /^[\w .,:/+-]{0,64}$/;

/**
 * Writes JSON as Python reads it: an integer without a point, any other number with one, `NaN` and infinities by name.
 * Throws INVALID_ARGUMENT for an integer of more digits than Python reads.
 */
export function writeJson(value: Json): string {
  switch (typeof value) {
    case "string":
      return writeText(value);
    case "bigint":
      return writeInteger(value);
    case "number":
      return writeFloat(value);
    case "boolean":
      return value ? "true" : "false";
    default:
      break;
  }
  if (value === null) {
    return "null";
  }
  if (value instanceof JsonObject) {
    let members = "";
    for (const [key, member] of value.entries) {
      members += `${members === "" ? "" : ","}${writeText(key)}:${writeJson(member)}`;
    }
    return `{${members}}`;
  }
  let items = "";
  for (const [index, item] of value.entries()) {
    items += `${index === 0 ? "" : ","}${writeJson(item)}`;
  }
  return `[${items}]`;
}

function writeText(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

function writeInteger(value: bigint): string {
  const text = value.toString();
  if (countDigits(text) > MAX_DIGITS) {
    throw new StatusError(
      Code.INVALID_ARGUMENT,
      `an integer has ${countDigits(text)} digits; Python reads no more than ${MAX_DIGITS}`,
    );
  }
  return text;
}

function writeFloat(value: number): string {
  if (!Number.isFinite(value)) {
    return String(value);
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
