/** Writes bytes as hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reads what `toHex` wrote. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

/** Writes bytes in base64. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** Reads base64 up to its padding, in either alphabet, and passes by what is in neither. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const standard = text
    .replace(/=.*$/s, "")
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .replace(/[^A-Za-z0-9+/]/g, "");
  // A single letter at the end isn't enough for a byte.
  const whole = standard.length % 4 === 1 ? standard.slice(0, -1) : standard;
  return Uint8Array.from(atob(whole), (character) => character.charCodeAt(0));
}

/** Whether two arrays have the same bytes, which takes less time for large ones than a deep comparison. */
export function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return (
    one !== undefined && other !== undefined && one.length === other.length && one.every((byte, i) => byte === other[i])
  );
}

/** Joins arrays to one. */
export function concatBytes(...pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** The same bytes as a platform may hand them over, which read something: in Node a Buffer within larger memory. */
export function asRead(bytes: Uint8Array): Uint8Array {
  const larger = concatBytes(Uint8Array.of(1, 2, 3), bytes, Uint8Array.of(4));
  const { buffer } = larger;
  return typeof Buffer === "undefined" ? larger.subarray(3, -1) : Buffer.from(buffer, 3, bytes.length);
}
