import { setTimeout as sleep } from "node:timers/promises";

/** How long an attack waits for what should come at once on any machine. */
const patienceMs = 10_000;

/** Resolves with whether something has come true before the time was up. */
export async function until(condition: () => boolean, ms = patienceMs): Promise<boolean> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() >= end) {
      return false;
    }
    await sleep(5);
  }
  return true;
}
