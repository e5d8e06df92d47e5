/**
 * A process of a contestant. The first argument names the module that it runs, the second is what the module's
 * `open()` takes, as JSON. Then the other end of the IPC channel calls the methods of what `open()` gave.
 */
import { PerformanceObserver } from "node:perf_hooks";
import { setImmediate, setTimeout } from "node:timers/promises";

/** A call that came over the channel. */
export interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What a call has come to. */
export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

type Methods = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** When the processes' bytes were last marked, and when the last collection began. */
let marked = 0;
let collected = 0;

/** What every process can tell about itself. */
const own: Methods = {
  /** Microseconds of CPU time, of all threads. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  /** Bytes in use, after a collection: needs --expose-gc. */
  async used() {
    await collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  /** Starts to count what is allocated: needs --expose-gc, and a young generation that takes it all. */
  async mark() {
    await collect();
    marked = performance.now();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  },
  /** What is in use and was allocated since; undefined when something has been collected. */
  async allocated() {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    // Observers are told in a turn of their own.
    await setTimeout(10);
    return collected < marked ? heapUsed + arrayBuffers : undefined;
  },
};

async function collect(): Promise<void> {
  const { gc } = globalThis as { readonly gc?: () => void };
  // Finalizers run in between, and let go of more.
  for (let i = 0; i < 3; i++) {
    gc?.();
    await setImmediate();
  }
}

async function main(path: string, argument: unknown): Promise<void> {
  const { open } = (await import(path)) as { readonly open: (argument: unknown) => Promise<Methods> };
  const end = await open(argument);
  process.on("message", async ({ id, method, args }: Call) => {
    const target = Object.hasOwn(own, method) ? own : end;
    try {
      answer({ id, result: await target[method]?.(...args) });
    } catch (error) {
      answer({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  answer({ id: 0, result: undefined });
}

function answer(what: Answer): void {
  process.send?.(what);
}

new PerformanceObserver((list) => {
  for (const { startTime } of list.getEntries()) {
    collected = Math.max(collected, startTime);
  }
}).observe({ entryTypes: ["gc"] });
// The parent ends its children, whoever gets the signal; without a parent there is nothing to do.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
await main(process.argv[2] ?? "", JSON.parse(process.argv[3] ?? "null"));
