/** The process that tries inputs. Another one, `run.ts`, starts it, tells it what to do, and ends it when it hangs. */
import { Coverage } from "./coverage.js";
import type { Fuzzer as FuzzerType } from "./fuzzer.js";
import type { Figures, Order, Progress, Told } from "./messages.js";
import type { FuzzTarget } from "./target.js";
import type { World as WorldType } from "./world.js";

// What is loaded from here on is counted block by block.
const coverage = new Coverage();
const { readCorpus, readRegressions, writeCorpus } = await import("./corpus.js");
const { Fuzzer } = await import("./fuzzer.js");
const { targets } = await import("./targets/all.js");
const { keepTrying } = await import("./trying.js");
const { World } = await import("./world.js");

/** How long it is one target's turn at most, in milliseconds. */
const longestTurnMs = 5_000;

/** What is checked in is short enough to be read. */
const maxCorpusBytes = 2_000;

/** A target, and what has come of its turns. */
interface Player {
  readonly fuzzer: FuzzerType;
  turns: number;
  seconds: number;
  newBlocks: number;
  heapGrowth: number;
  told: number;
}

let isStopped = false;
let isDone = false;
let saidAt = 0;
const tell = (told: Told) => void process.send?.(told);
// Ctrl-C reaches both processes: the other one says when to stop.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit(isDone ? 0 : 1));
process.on("message", (message: Order | "stop") => {
  if (message === "stop") {
    isStopped = true;
  } else {
    void work(message).then(
      () => {
        isDone = true;
        process.disconnect();
      },
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  }
});

async function work(order: Order): Promise<void> {
  using world = new World();
  const keep = keepTrying(order.trying);
  const players = targets
    .filter(({ name }) => order.targets.includes(name))
    .map((target): Player => {
      const trying = (input: Uint8Array) => {
        keep(target.name, input);
        sayAlive();
      };
      const fuzzer = new Fuzzer({ target, seed: order.seed, world, coverage, trying });
      return { fuzzer, turns: 0, seconds: 0, newBlocks: 0, heapGrowth: 0, told: 0 };
    });
  if (order.replay !== undefined) {
    const { target, base64 } = order.replay;
    const fuzzer = players.find((player) => player.fuzzer.target.name === target)?.fuzzer as FuzzerType;
    const input = Uint8Array.from(Buffer.from(base64, "base64"));
    const finding = await fuzzer.try(input);
    if (finding !== undefined) {
      tell({ tell: "finding", ...finding, base64 });
    }
    tell({ tell: "replayed", outcome: finding === undefined ? await fuzzer.target.run(input) : "" });
    return;
  }
  await fuzz(players, order);
  if (order.keep) {
    for (const { fuzzer } of players) {
      writeCorpus(fuzzer.target.name, await needed(fuzzer.kept, fuzzer.target, world));
    }
  }
}

/** Tells that this process goes on, also where it shortens an input or begins with many: at most once a second. */
function sayAlive(): void {
  const now = performance.now();
  if (now - saidAt > 1_000) {
    saidAt = now;
    tell({ tell: "alive" });
  }
}

/** Gives all targets their turns until the time is over. */
async function fuzz(players: readonly Player[], { seconds }: Order): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  const turnMs = Math.min(longestTurnMs, (seconds * 1_000) / players.length / 2);
  const heap = new Heap();
  for (const { fuzzer } of players) {
    if (isStopped) {
      break;
    }
    const { name } = fuzzer.target;
    // What somebody has thought of comes first: it is what finds something soonest.
    await fuzzer.tryAll([...readRegressions(name).values(), ...fuzzer.target.seeds(), ...readCorpus(name)]);
    report(players, heap, `${name}: what is there already`);
  }
  for (let turn = 0; performance.now() < end && !isStopped; turn++) {
    const player = players[turn % players.length] as Player;
    const { fuzzer } = player;
    const before = coverage.blocks().covered;
    const begun = performance.now();
    const turnEnd = Math.min(end, begun + turnMs);
    let said = 0;
    while (performance.now() < turnEnd && !isStopped) {
      await fuzzer.step();
      if (performance.now() - said > 500) {
        said = performance.now();
        report(players, heap, fuzzer.target.name);
      }
    }
    player.turns += 1;
    player.seconds += (performance.now() - begun) / 1_000;
    player.newBlocks += coverage.blocks().covered - before;
    const kept = players.flatMap((one) => one.fuzzer.kept).reduce((sum, { length }) => sum + length, 0);
    const grown = heap.measure(kept, turn >= players.length);
    // In its first turns a target has its code compiled, and its corpus filled.
    player.heapGrowth += player.turns > 1 ? grown : 0;
    report(players, heap, fuzzer.target.name);
  }
  tell({ tell: "done", progress: progressOf(players, heap) });
}

function report(players: readonly Player[], heap: Heap, at: string): void {
  for (const player of players) {
    const { findings } = player.fuzzer;
    for (const { input, ...finding } of findings.slice(player.told)) {
      tell({ tell: "finding", ...finding, base64: Buffer.from(input).toString("base64") });
    }
    player.told = findings.length;
  }
  tell({ tell: "progress", progress: progressOf(players, heap), at });
}

function progressOf(players: readonly Player[], { sizes }: Heap): Progress {
  const { covered, known } = coverage.blocks();
  const figures = players.map(
    ({ fuzzer, seconds, newBlocks, heapGrowth }): Figures => ({
      target: fuzzer.target.name,
      tried: fuzzer.tried,
      seconds,
      kept: fuzzer.kept.length,
      slowestMs: fuzzer.slowestMs,
      newBlocks,
      heapGrowth,
    }),
  );
  return { figures, coveredBlocks: covered, knownBlocks: known, heap: sizes };
}

/** The memory that is left after collections, without what is kept on purpose. */
class Heap {
  sizes: { readonly first: number; readonly last: number; readonly most: number } | undefined;
  #last = 0;

  /** Measures, and gives by how much it has grown since. From the second round on it counts. */
  measure(kept: number, counts: boolean): number {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    const now = heapUsed + external - kept;
    const grown = now - this.#last;
    this.#last = now;
    if (counts) {
      const { first = now, most = now } = this.sizes ?? {};
      this.sizes = { first, last: now, most: Math.max(most, now) };
    }
    return grown;
  }
}

/** Of inputs those, the shortest first, that together reach what all of them reach, by their outcomes and their code. */
async function needed(
  inputs: readonly Uint8Array[],
  target: FuzzTarget,
  world: WorldType,
): Promise<readonly Uint8Array[]> {
  coverage.forget();
  const fuzzer = new Fuzzer({ target, seed: 0, world, coverage, trying: sayAlive });
  await fuzzer.tryAll([...readRegressions(target.name).values(), ...target.seeds()]);
  const before = new Set(fuzzer.kept);
  await fuzzer.tryAll(inputs.filter(({ length }) => length <= maxCorpusBytes).sort((a, b) => a.length - b.length));
  return fuzzer.kept.filter((input) => !before.has(input));
}
