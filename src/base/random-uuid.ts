/**
 * Makes a random UUID (version 4). Browsers have `crypto.randomUUID()` on secure pages alone; elsewhere it takes a fraction
 * of the time.
 */
export function randomUuid(): string {
  const { randomUUID } = crypto as Partial<Crypto>;
  return randomUUID === undefined ? makeUuid() : randomUUID.call(crypto);
}

function makeUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
