import { nextTurn } from "../../src/base/next-turn.js";

/** Resolves in the next turn of the event loop, when everything that was to be delivered soon has been. */
export function idle(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve));
}

/** Resolves once `condition` holds. The test's timeout is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  // Below the timeout of a test, so that a condition that never comes about fails the test and ends with it.
  const deadline = performance.now() + 9_000;
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new Error(`this never came about: ${condition}`);
    }
    await idle();
  }
}
