import { invalidArgument } from "../base/status.js";
import { isWellFormed } from "./well-formed.js";

/** How long the name of an agent may be, in bytes of UTF-8. */
const MAX_NAME_BYTES = 256;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const encoder = new TextEncoder();

/**
 * Whether a value can be the name of an agent: a string of 1 to 256 bytes of UTF-8, without control characters,
 * line separators or lone surrogates.
 */
export function isAgentName(name: unknown): name is string {
  return (
    typeof name === "string" &&
    name !== "" &&
    // No string has fewer bytes than code units: this spares encoding what is far too long.
    name.length <= MAX_NAME_BYTES &&
    !CONTROL.test(name) &&
    isWellFormed(name) &&
    // A code unit has three bytes at most: most names needn't be encoded to know.
    (3 * name.length <= MAX_NAME_BYTES || encoder.encode(name).length <= MAX_NAME_BYTES)
  );
}

/** Throws INVALID_ARGUMENT, naming `field`, unless `name` can be the name of an agent. */
export function checkAgentName(field: string, name: unknown): asserts name is string {
  if (!isAgentName(name)) {
    const rule = `must be a non-empty string of at most ${MAX_NAME_BYTES} bytes of UTF-8 without control characters`;
    throw invalidArgument(field, name, rule);
  }
}
