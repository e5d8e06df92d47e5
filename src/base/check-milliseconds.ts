import { invalidArgument } from "./status.js";

/** More than that, and the timers of the platforms fire at once. */
export const longestMs = 2_147_483_647;

/** Checks an option that is a time in milliseconds, 0 or more. Throws INVALID_ARGUMENT that names it. */
export function checkMilliseconds(field: string, value: number): number {
  if (typeof value !== "number" || !(value >= 0 && value <= longestMs)) {
    throw invalidArgument(field, value, `must be a number of milliseconds up to ${longestMs}`);
  }
  return value;
}
