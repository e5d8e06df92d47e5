import type { Clock } from "./clock.js";
import { deferred } from "./deferred.js";
import { onWake } from "./wake.js";

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

/**
 * Resolves `ms` milliseconds after the first `leastMs`, before another attempt at what has failed: sooner where a page goes on
 * after it stood still or was cut off, because then there is reason to hope. Never before `leastMs`, unless `signal` aborts.
 * They add up, because a server asks all its clients to wait for as long, and they mustn't come back as one.
 */
export async function waitToRetry(clock: Clock, ms: number, leastMs: number, signal: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const stop = () => enough.abort();
  const stopListening = onWake(stop);
  signal.addEventListener("abort", stop);
  if (leastMs > 0) {
    await wait(clock, leastMs, signal);
  }
  if (!signal.aborted) {
    await wait(clock, ms, enough.signal);
  }
  signal.removeEventListener("abort", stop);
  stopListening();
}
