/**
 * Makes a name of a prefix and eight random hexadecimal digits. Not of `crypto.randomUUID()`, which browsers have
 * on secure pages alone.
 */
export function randomName(prefix: string): string {
  const digits = [...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, "0"));
  return `${prefix}-${digits.join("")}`;
}
