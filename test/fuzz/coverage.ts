import { type Profiler, Session } from "node:inspector";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../../scripts/run.js";

/** The code of a function. */
interface FunctionCode {
  /** Of each character, 1 if it has run. */
  readonly ran: Uint8Array;
  /** Where blocks begin and end, as far as that is known: V8 joins neighbours that ran equally often. */
  readonly edges: Set<number>;
}

/** What of the functions has run. */
export type Run = ReadonlyMap<FunctionCode, Uint8Array>;

const ours = ["src", "gen"].map((folder) => `${pathToFileURL(join(root, folder)).href}/`);

/**
 * Which of our code has run, as V8 counts it. Only what is loaded after it has begun is counted block by block. Where
 * functions stand in others, each has its own account: an outer one doesn't say whether an inner one ran.
 */
export class Coverage {
  readonly #session = new Session();
  readonly #functions = new Map<string, FunctionCode>();

  constructor() {
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** What has run since it was asked last, of what hadn't been noted: nothing, or what `note` takes. */
  take(): Run | undefined {
    let scripts: readonly Profiler.ScriptCoverage[] = [];
    // It calls back at once.
    this.#session.post("Profiler.takePreciseCoverage", (error, taken) => {
      if (error !== null) {
        throw error;
      }
      scripts = taken.result;
    });
    const run = new Map<FunctionCode, Uint8Array>();
    for (const { scriptId, url, functions } of scripts) {
      if (ours.some((folder) => url.startsWith(folder))) {
        for (const { ranges } of functions) {
          this.#takeFunction(scriptId, ranges, run);
        }
      }
    }
    return run.size === 0 ? undefined : run;
  }

  /** From now on this is nothing new. */
  note(run: Run): void {
    for (const [{ ran }, runs] of run) {
      for (const [i, hasRun] of runs.entries()) {
        ran[i] = (ran[i] as number) | hasRun;
      }
    }
  }

  /** Forgets what has run. */
  forget(): void {
    this.take();
    for (const { ran } of this.#functions.values()) {
      ran.fill(0);
    }
  }

  /** How many blocks have run, and how many there are in the functions that V8 has told of. */
  blocks(): { readonly covered: number; readonly known: number } {
    let covered = 0;
    let known = 0;
    for (const { ran, edges } of this.#functions.values()) {
      const sorted = [...edges].sort((a, b) => a - b);
      for (const [i, edge] of sorted.slice(0, -1).entries()) {
        known += 1;
        covered += ran.subarray(edge, sorted[i + 1]).includes(1) ? 1 : 0;
      }
    }
    return { covered, known };
  }

  #takeFunction(scriptId: string, ranges: readonly Profiler.CoverageRange[], run: Map<FunctionCode, Uint8Array>): void {
    const [whole] = ranges;
    if (whole === undefined) {
      return;
    }
    const { startOffset: start, endOffset: end } = whole;
    const key = `${scriptId}:${start}:${end}`;
    let code = this.#functions.get(key);
    if (code === undefined) {
      code = { ran: new Uint8Array(end - start), edges: new Set() };
      this.#functions.set(key, code);
    }
    const runs = new Uint8Array(end - start);
    // Inner blocks come after those that they are in.
    for (const { startOffset, endOffset, count } of ranges) {
      runs.fill(count > 0 ? 1 : 0, startOffset - start, endOffset - start);
      code.edges.add(startOffset - start).add(endOffset - start);
    }
    const { ran } = code;
    if (runs.some((hasRun, i) => hasRun > (ran[i] as number))) {
      run.set(code, runs);
    }
  }
}
