import type { Clock } from "./clock.js";

/**
 * How long to wait at most before the wall clock is looked at again, in milliseconds. Timers don't count the time that a
 * machine sleeps, the platforms' wait for 24 days at most, and clocks are set.
 */
const lookMs = 60_000;

/**
 * Calls `callback` once, when the wall clock shows `at`, in milliseconds since the epoch, or later; never within this call.
 * Returns a function that prevents it.
 */
export function atTime(clock: Clock, at: number, callback: () => void): () => void {
  let prevent = () => {};
  const look = () => {
    const left = at - clock.now();
    if (left <= 0) {
      callback();
    } else {
      schedule(left);
    }
  };
  const schedule = (left: number) => {
    prevent = clock.after(Math.min(lookMs, Math.max(0, Math.ceil(left))), look);
  };
  schedule(at - clock.now());
  return () => prevent();
}
