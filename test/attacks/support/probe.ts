/**
 * Loaded into a server before anything else, with `node --expose-gc --import`: tells who has started the server what that
 * costs. Nothing in the server knows of it.
 */
import { readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

/** What a server holds. */
export interface Figures {
  /** Bytes in use, of JavaScript and outside of it. */
  readonly heap: number;
  /** What keeps the process going, by its type, and how many of each there are: sockets, timers, pipes. */
  readonly handles: Readonly<Record<string, number>>;
  /** Open file descriptors; -1 where the system doesn't tell. */
  readonly descriptors: number;
  /** Names that somebody has given to all objects. */
  readonly pollution: readonly string[];
}

/** What a server is asked: what it holds after a collection, or how many bytes it uses at the moment. */
export type Question = "figures" | "memory";

/** An answer of the probe's. */
export interface ProbeAnswer {
  readonly probe: number;
  readonly result: unknown;
}

const answers: Readonly<Record<Question, () => unknown>> = {
  figures: async (): Promise<Figures> => {
    await collect();
    return {
      heap: used(),
      handles: countHandles(),
      descriptors: countDescriptors(),
      pollution: Object.keys(Object.prototype),
    };
  },
  memory: used,
};

function used(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function collect(): Promise<void> {
  const { gc } = globalThis as { readonly gc?: () => void };
  // Finalizers run in between, and let go of more.
  for (let i = 0; i < 3; i++) {
    gc?.();
    await setImmediate();
  }
}

function countHandles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const type of process.getActiveResourcesInfo().sort()) {
    // What runs in this very turn isn't open.
    if (type !== "Immediate" && type !== "TickObject" && !type.endsWith("Req") && !type.endsWith("ReqWrap")) {
      counts[type] = (counts[type] ?? 0) + 1;
    }
  }
  return counts;
}

function countDescriptors(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return -1;
  }
}

process.on("message", async ({ probe, question }: { probe: number; question: Question }) => {
  process.send?.({ probe, result: await answers[question]() } satisfies ProbeAnswer);
});
// Nothing that a run has started outlives it.
process.on("disconnect", () => process.exit());
