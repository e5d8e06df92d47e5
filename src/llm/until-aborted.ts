/**
 * Iterates a stream until a signal aborts, and then stops at once: also when the stream itself, such as that of a
 * model's provider, doesn't listen to the signal.
 */
export async function* untilAborted<T>(stream: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  const iterator = stream[Symbol.asyncIterator]();
  let abort = () => {};
  const aborted = new Promise<"aborted">((resolve) => {
    abort = () => resolve("aborted");
    signal.addEventListener("abort", abort, { once: true });
  });
  let ended = false;
  try {
    while (!signal.aborted) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next === "aborted") {
        return;
      }
      if (next.done === true) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } catch (error) {
    ended = true;
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    if (!ended) {
      // Not awaited: it may wait for the very read that is given up. What it throws concerns nobody any more.
      iterator.return?.().catch(() => {});
    }
  }
}
