/** Resolves in the next turn of the event loop, when everything that was to be delivered soon has been. */
export function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves once `condition` holds. The test's timeout is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await idle();
  }
}
