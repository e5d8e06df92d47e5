import { type CheckedLimits, defaultLimits } from "../../src/proxy/limits/server-limits.js";

/** No limits at all, for a test of something else that does more than an honest client. */
export const unlimited = Object.fromEntries(
  Object.keys(defaultLimits).map((name) => [name, Number.POSITIVE_INFINITY]),
) as CheckedLimits;
