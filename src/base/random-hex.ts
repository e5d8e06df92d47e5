/** Random hexadecimal digits, two for each byte. Not `randomUUID()`, which browsers have on secure pages alone. */
export function randomHex(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
