/** Writes an integer as two's complement, most significant byte first, in as few bytes as hold it. */
export function bigIntToBytes(value: bigint): Uint8Array {
  // A negative number needs as many bits as its complement, and either needs one more for the sign, which a digit from 8 on
  // leaves no room for.
  const magnitude = (value < 0n ? ~value : value).toString(16).replace(/^[89a-f]/, "0$&");
  const length = Math.ceil(magnitude.length / 2);
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, "0");
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    bytes[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16);
  }
  return bytes;
}

/** Reads what `bigIntToBytes` wrote. No bytes at all are 0. */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  if (bytes.length === 0) {
    return 0n;
  }
  let hex = "0x";
  for (const byte of bytes) {
    hex += byte.toString(16).padStart(2, "0");
  }
  return BigInt.asIntN(bytes.length * 8, BigInt(hex));
}

/** Whether no shorter run of bytes holds the same integer. */
export function isMinimal(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if (first === undefined) {
    return false;
  }
  return second === undefined || !((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80));
}
