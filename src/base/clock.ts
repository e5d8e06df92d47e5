/**
 * Where time comes from. Everything in this package that waits takes a clock, so that a test can hold time in
 * its hands.
 */
export interface Clock {
  /** The wall clock, in milliseconds since the epoch. */
  now(): number;
  /** Calls `callback` once, `ms` milliseconds from now. Returns a function that prevents it. */
  after(ms: number, callback: () => void): () => void;
  /**
   * How long a wait is that is different for each client, so that they don't come back as one: from 0 for the shortest to 1
   * for the longest. Without this method it is random. A clock for tests has it, so that they go the same way each time.
   */
  spread?(): number;
}

/** The clock of the platform. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
