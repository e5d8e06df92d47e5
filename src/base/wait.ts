import type { Clock } from "./clock.js";
import { deferred } from "./deferred.js";

/** Resolves after so many milliseconds, or as soon as `signal` aborts. */
export async function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    return;
  }
  const waited = deferred();
  const prevent = clock.after(ms, waited.resolve);
  const stopped = () => waited.resolve();
  signal.addEventListener("abort", stopped);
  await waited.promise;
  signal.removeEventListener("abort", stopped);
  prevent();
}
