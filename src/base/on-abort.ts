/** The callbacks of those who wait for a signal, and what calls them. */
interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const waiting = /*@__PURE__*/ new WeakMap<AbortSignal, Waiting>();

/**
 * Calls back when `signal` aborts, which it has not yet. Returns a function that ends it. The callback must not throw, and
 * each must be a function of its own.
 *
 * However many wait for a signal, it has one listener: Node warns of a leak of memory where there are more than ten, and
 * a thousand tasks may well share a signal.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks, listener } = waiting.get(signal) ?? listen(signal);
  callbacks.add(callback);
  return () => {
    if (callbacks.delete(callback) && callbacks.size === 0) {
      signal.removeEventListener("abort", listener);
      waiting.delete(signal);
    }
  };
}

function listen(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>();
  const listener = () => {
    for (const callback of callbacks) {
      callback();
    }
  };
  const added = { callbacks, listener };
  waiting.set(signal, added);
  signal.addEventListener("abort", listener);
  return added;
}
