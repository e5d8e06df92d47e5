/** The smallest integer that fits 64 bits with sign. */
export const INT64_MIN = -(2n ** 63n);

/** The largest integer that fits 64 bits with sign. */
export const INT64_MAX = 2n ** 63n - 1n;

/** Whether an integer fits 64 bits with sign. */
export function isInt64(value: bigint): boolean {
  return value >= INT64_MIN && value <= INT64_MAX;
}
