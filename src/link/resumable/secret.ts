import { isSameBytes } from "../../base/same-bytes.js";

/** How many bytes a session's id and its secret have. */
const idBytes = 16;
const secretBytes = 32;

/** Makes the id of a session. */
export function makeSessionId(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(idBytes));
}

/** Makes a secret. */
export function makeSecret(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(secretBytes));
}

/** Makes the number that tells one instance of a program from the next. */
export function makeEpoch(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0] as bigint;
}

/** An id as the key of a map. */
export function toKey(id: Uint8Array): string {
  return Array.from(id, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Compares a secret in a time that doesn't tell how much of it is right. */
export function isSecret(secret: Uint8Array | undefined, given: Uint8Array): boolean {
  return secret !== undefined && isSameBytes(secret, given);
}
