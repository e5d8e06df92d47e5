import { nextTurn } from "../../src/base/next-turn.js";

/** Resolves in the next turn of the event loop, when everything that was to be delivered soon has been. */
export function idle(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve));
}

/** How long `until()` looks in each turn of the event loop, in milliseconds. */
const eagerMs = 50;

/** Resolves once `condition` holds. The test's timeout is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  const start = performance.now();
  // Below the timeout of a test, so that a condition that never comes about fails the test and ends with it.
  const deadline = start + 9_000;
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new Error(`this never came about: ${condition}`);
    }
    // What takes long is done by another process, or never: it isn't to be held up by one that looks all the time.
    await (performance.now() < start + eagerMs ? idle() : sleep());
  }
}

function sleep(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
