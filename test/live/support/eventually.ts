import { setTimeout as sleep } from "node:timers/promises";

/** How often a condition is looked at, in milliseconds. What waits leaves the processor to Python meanwhile. */
const pollMs = 2;

/** Resolves once `condition` holds. Rejects when that takes longer than the limit, below that of a test. */
export async function eventually(condition: () => boolean, timeoutMs = 8_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new Error(`this never came about: ${condition}`);
    }
    await sleep(pollMs);
  }
}
