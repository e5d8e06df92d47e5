import type { Clock } from "../../base/clock.js";

/** How often it is looked at within the time that a session may be idle. */
const looks = 4;

/**
 * Calls `idle` once `count` hasn't changed for so long: within a quarter of that, so that a message costs nothing and a
 * session one timer. Returns what prevents it.
 */
export function endWhenIdle(clock: Clock, idleMs: number, count: () => number, idle: () => void): () => void {
  if (idleMs === Number.POSITIVE_INFINITY) {
    return () => {};
  }
  let last = count();
  let quiet = 0;
  let prevent = () => {};
  const look = () => {
    const now = count();
    quiet = now === last ? quiet + 1 : 0;
    last = now;
    if (quiet >= looks) {
      idle();
    } else {
      watch();
    }
  };
  const watch = () => {
    prevent = clock.after(Math.ceil(idleMs / looks), look);
  };
  watch();
  return () => prevent();
}
