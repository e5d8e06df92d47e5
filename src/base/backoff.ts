import type { Clock } from "./clock.js";

/** How long to wait between attempts. */
export interface Delays {
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}

/** After so many the delay is beyond any maximum. */
const maxDoublings = 40;

/**
 * How long to wait before another attempt, in milliseconds: twice as long each time, up to a maximum. Between half of
 * that and all of it, so that clients of one server don't come back as one.
 */
export function backoff({ initialDelayMs, maxDelayMs }: Delays, attempt: number, clock: Clock): number {
  const delay = Math.min(maxDelayMs, initialDelayMs * 2 ** Math.min(attempt, maxDoublings));
  return delay * (0.5 + (clock.spread?.() ?? Math.random()) / 2);
}
