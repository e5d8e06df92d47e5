/** The part of a page, or of a worker, that tells when it goes on after it stood still or was cut off. */
interface Page {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
  readonly document?: Page & { readonly visibilityState?: string };
}

/**
 * Calls back whenever time may have been lost: when a page is shown again, thawed, or taken out of the cache for going
 * back, and when the network is there again. Timers were late until then, or didn't run at all, and a peer may be gone.
 * Where the platform tells nothing of that, as in Node, it never calls. Returns a function that ends it.
 */
export function onWake(callback: () => void): () => void {
  const page = globalThis as unknown as Page;
  const { document } = page;
  const shown = (): void => {
    if (document?.visibilityState === "visible") {
      callback();
    }
  };
  const events = [
    [page, "online", callback],
    [page, "pageshow", callback],
    [document, "resume", callback],
    [document, "visibilitychange", shown],
  ] as const;
  for (const [target, type, listener] of events) {
    target?.addEventListener?.(type, listener);
  }
  return () => {
    for (const [target, type, listener] of events) {
      target?.removeEventListener?.(type, listener);
    }
  };
}
