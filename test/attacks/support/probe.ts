/**
 * Loaded into a server before anything else, with `node --expose-gc --import`: tells who has started the server what that
 * costs. Nothing in the server knows of it.
 */
import { readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { getHeapSpaceStatistics } from "node:v8";

/** What a server holds. */
export interface Figures {
  /** Bytes in use, of JavaScript and outside of it, but for compiled code: what runs more often than before is compiled anew. */
  readonly heap: number;
  /** What keeps the process going, by its type, and how many of each there are: sockets, timers, pipes. */
  readonly handles: Readonly<Record<string, number>>;
  /** Open file descriptors; -1 where the system doesn't tell. */
  readonly descriptors: number;
  /** Names that somebody has given to all objects. */
  readonly pollution: readonly string[];
}

/** An answer of the probe's. */
export interface ProbeAnswer {
  readonly probe: number;
  readonly figures: Figures;
}

async function figures(): Promise<Figures> {
  await collect();
  const { heapUsed, external } = process.memoryUsage();
  return {
    heap: heapUsed + external - compiledBytes(),
    handles: countHandles(),
    descriptors: countDescriptors(),
    pollution: Object.keys(Object.prototype),
  };
}

function compiledBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => name.startsWith("code_"))
    .reduce((sum, { space_used_size: used }) => sum + used, 0);
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

process.on("message", async ({ probe }: { readonly probe: number }) => {
  process.send?.({ probe, figures: await figures() } satisfies ProbeAnswer);
});
// Nothing that a run has started outlives it.
process.on("disconnect", () => process.exit());
