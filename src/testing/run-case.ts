/**
 * How long a case may take, in milliseconds of the platform's time: longer than any that waits for what a transport does
 * after 10 s. It ends a case that would wait for ever, and says what for: what went missing is missing without a sound.
 */
const caseLimitMs = 20_000;

/** What a case works with. */
export interface Bench {
  /** Which promises were broken so far that no check of the case sees: a consumer can't throw what it finds. */
  readonly broken: readonly string[];
  /** What each end is at, for people. */
  describe(): string;
  /** Closes all that was opened. */
  dispose(): Promise<void>;
}

/**
 * Runs a case, and closes what it had opened. Of several failures the cause is thrown: a promise that was broken towards a
 * consumer, else what the case found, and only then what is left at the end.
 */
export async function runCase(bench: Bench, body: () => Promise<void>, limitMs = caseLimitMs): Promise<void> {
  const found = await failureOf(bench, "the case waits in vain", body, limitMs);
  const left = await failureOf(bench, "what the case had opened doesn't close", () => bench.dispose(), limitMs);
  const [rule] = bench.broken;
  const failure = rule === undefined ? (found ?? left) : new Error(rule, { cause: found ?? left });
  if (failure !== undefined) {
    throw failure;
  }
}

async function failureOf(
  bench: Bench,
  otherwise: string,
  action: () => Promise<void>,
  limitMs: number,
): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise}: ${bench.describe()}`)), limitMs);
  });
  try {
    await Promise.race([action(), limit]);
    return undefined;
  } catch (error) {
    return error ?? new Error("the case failed with nothing");
  } finally {
    clearTimeout(timer);
  }
}
