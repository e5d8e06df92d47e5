/**
 * Where time comes from. Everything in this package that waits takes a clock, so that a test can hold time in
 * its hands.
 */
export interface Clock {
  /** The wall clock, in milliseconds since the epoch. */
  now(): number;
  /** Calls `callback` once, `ms` milliseconds from now. Returns a function that prevents it. */
  after(ms: number, callback: () => void): () => void;
}

/** The clock of the platform. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
