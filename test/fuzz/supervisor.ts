import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Finding } from "./finding.js";
import type { Order, Progress, Told } from "./messages.js";
import { readTrying } from "./trying.js";

/** A process that has said nothing for so long, in milliseconds, hangs in an input. */
const silentMs = 20_000;

/** The memory, in MiB, that no input may take more of. */
const maxHeapMiB = 1_024;

/** Who is told what goes on. */
export interface Supervised {
  found(finding: Finding): void;
  progress(progress: Progress, at: string): void;
  replayed?(outcome: string): void;
}

/** How a process ended: with its work done, or within an input. */
type Ending = "done" | "died";

/**
 * Has a process do what it is told, and starts another for the rest of the time when it hangs or dies. Resolves with the
 * figures of all of them.
 */
export async function supervise(
  order: Omit<Order, "trying">,
  told: Supervised,
  signal: AbortSignal,
): Promise<readonly Progress[]> {
  const folder = mkdtempSync(join(tmpdir(), "crossbus-fuzz-"));
  const trying = join(folder, "trying");
  const end = performance.now() + order.seconds * 1_000;
  const all: Progress[] = [];
  try {
    for (let process = 0; process < 10; process++) {
      const seconds = Math.max(0, (end - performance.now()) / 1_000);
      let last: Progress | undefined;
      const ending = await once(
        { ...order, trying, seconds, seed: order.seed + process },
        {
          ...told,
          progress: (progress, at) => {
            last = progress;
            told.progress(progress, at);
          },
        },
        signal,
      );
      if (last !== undefined) {
        all.push(last);
      }
      if (ending === "done" || signal.aborted || order.replay !== undefined || performance.now() >= end) {
        break;
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return all;
}

function once(order: Order, told: Supervised, signal: AbortSignal): Promise<Ending> {
  const child = fork(fileURLToPath(new URL("fuzzer-child.ts", import.meta.url)), {
    execArgv: ["--expose-gc", `--max-old-space-size=${maxHeapMiB}`, "--import=tsx"],
    // What a target writes to the console is nobody's concern; what kills the process is.
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let stderr = "";
  child.stderr?.on("data", (data: Buffer) => {
    stderr = `${stderr}${data}`.slice(-4_000);
  });
  return new Promise((resolve) => {
    let isDone = false;
    let hangs = false;
    const watch = setInterval(() => {
      if (performance.now() - heardAt > silentMs) {
        hangs = true;
        child.kill("SIGKILL");
      }
    }, 500);
    let heardAt = performance.now();
    const stop = () => stopChild(child);
    signal.addEventListener("abort", stop);
    child.on("message", (message: Told) => {
      heardAt = performance.now();
      isDone ||= take(message, told);
    });
    child.on("close", (code, killedBy) => {
      clearInterval(watch);
      signal.removeEventListener("abort", stop);
      if (code === 0 && isDone) {
        resolve("done");
        return;
      }
      const was = readTrying(order.trying);
      if (was !== undefined) {
        const kind = hangs ? "hang" : "crash";
        const how = killedBy ?? `exit code ${code}`;
        const why = hangs ? `nothing was heard for ${silentMs / 1_000} s` : `the process died (${how})\n${stderr}`;
        told.found({ target: was.target, kind, why, input: was.input });
      } else {
        throw new Error(`the process that tries inputs didn't start (exit code ${code}):\n${stderr}`);
      }
      resolve("died");
    });
    child.send(order);
    if (signal.aborted) {
      stop();
    }
  });
}

/** Takes in what a process tells. Returns whether its work is done. */
function take(message: Told, told: Supervised): boolean {
  switch (message.tell) {
    case "finding": {
      const { target, kind, why, base64 } = message;
      told.found({ target, kind, why, input: Uint8Array.from(Buffer.from(base64, "base64")) });
      return false;
    }
    case "replayed":
      told.replayed?.(message.outcome);
      return true;
    case "done":
      told.progress(message.progress, "");
      return true;
    case "progress":
      told.progress(message.progress, message.at);
      return false;
    case "alive":
      return false;
  }
}

function stopChild(child: ChildProcess): void {
  if (child.connected) {
    child.send("stop");
  }
}
