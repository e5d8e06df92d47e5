import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build, transform } from "esbuild";
import { root } from "../run.js";

/** What the tests need of the project. */
const copied = ["src", "gen", "test", "scripts", "package.json", "tsconfig.json"];

/** What they need of it that nobody breaks. */
const shared = ["node_modules", ".python"];

/** What one asynchronous test may take, in milliseconds. */
const testTimeoutMs = 4_000;

/** What a run may take, in milliseconds: a mutant may loop for ever, and no timeout of mocha's ends that. */
const runTimeoutMs = 60_000;

/**
 * How tests ended: all passed, one failed, which also a hang is, or they could not be run, for instance because a
 * file could not be loaded.
 */
export type TestRun =
  | { readonly outcome: "passed"; readonly count: number }
  | { readonly outcome: "failed"; readonly test: string; readonly error: string }
  | { readonly outcome: "broken"; readonly output: string };

/** How TypeScript becomes what Node runs. A loader that does it in each run would take longer than most tests. */
const compiled = { format: "esm", target: "node20", logLevel: "silent" } as const;

/** A copy of the project, compiled, that may be broken, since nobody works in it. */
export class Workspace implements AsyncDisposable {
  readonly #folder: string;
  readonly #signal: AbortSignal;

  private constructor(folder: string, signal: AbortSignal) {
    this.#folder = folder;
    this.#signal = signal;
  }

  /** Makes a copy. What runs in it is killed when `signal` aborts. */
  static async create(signal: AbortSignal): Promise<Workspace> {
    const folder = await mkdtemp(join(tmpdir(), "crossbus-mutate-"));
    const workspace = new Workspace(folder, signal);
    try {
      for (const name of copied) {
        await cp(join(root, name), join(folder, name), { recursive: true });
      }
      for (const name of shared.filter((name) => existsSync(join(root, name)))) {
        await symlink(join(root, name), join(folder, name));
      }
      const files = await readdir(folder, { recursive: true });
      const entryPoints = files.filter((file) => /^(src|gen|test|scripts)\/.*(?<!\.d)\.ts$/.test(file));
      await build({ ...compiled, absWorkingDir: folder, entryPoints, outdir: ".", outbase: "." });
    } catch (error) {
      await workspace[Symbol.asyncDispose]();
      throw error;
    }
    return workspace;
  }

  /** Writes a source file of the copy. */
  async write(file: string, content: string): Promise<void> {
    const path = join(this.#folder, file);
    await writeFile(path, content);
    if (file.endsWith(".ts")) {
      const { code } = await transform(content, { ...compiled, loader: "ts" });
      await writeFile(toJs(path), code);
    }
  }

  /** Runs the tests in files of the copy whose names match `grep`, up to the first that fails. Never rejects. */
  test(files: readonly string[], grep = ""): Promise<TestRun> {
    const mocha = join(root, "node_modules/mocha/bin/mocha.js");
    const options = [
      "--no-config",
      "--bail",
      "--exit",
      `--timeout=${testTimeoutMs}`,
      "--reporter=json-stream",
      `--grep=${grep}`,
    ];
    // The group is its own, so that Ctrl-C is for this process alone to handle, and nothing that tests start outlives
    // them.
    const child = spawn(process.execPath, [mocha, ...options, ...files.map(toJs)], {
      cwd: this.#folder,
      env: { ...process.env, NODE_ENV: "test" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const kill = () => {
      try {
        process.kill(-(child.pid as number), "SIGKILL");
      } catch {
        // It has ended already.
      }
    };
    return new Promise((resolve) => {
      let result: TestRun | undefined;
      let count = 0;
      let ended = false;
      let output = "";
      const timeout = setTimeout(() => {
        result ??= { outcome: "failed", test: "(none ended)", error: `no end after ${runTimeoutMs} ms` };
        kill();
      }, runTimeoutMs);
      const keep = (text: string) => {
        output = (output + text).slice(-4_000);
      };
      createInterface(child.stdout).on("line", (line) => {
        const event = parseEvent(line);
        if (event?.name === "pass") {
          count++;
        } else if (event?.name === "fail") {
          result ??= { outcome: "failed", test: event.fullTitle, error: event.err };
          kill();
        } else if (event?.name === "end") {
          ended = true;
        } else if (event === undefined) {
          keep(`${line}\n`);
        }
      });
      child.stderr.setEncoding("utf8").on("data", keep);
      this.#signal.addEventListener("abort", kill);
      child.on("error", (error) => keep(error.message));
      child.on("close", (code) => {
        clearTimeout(timeout);
        this.#signal.removeEventListener("abort", kill);
        const passed = code === 0 && ended && count > 0;
        result ??= passed ? { outcome: "passed", count } : { outcome: "broken", output };
        resolve(result);
      });
      if (this.#signal.aborted) {
        kill();
      }
    });
  }

  /** Removes the copy. */
  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function toJs(file: string): string {
  return file.replace(/\.ts$/, ".js");
}

interface TestEvent {
  readonly name: string;
  readonly fullTitle: string;
  readonly err: string;
}

/** Reads a line of mocha's reporter `json-stream`; undefined for one that something else printed. */
function parseEvent(line: string): TestEvent | undefined {
  try {
    const [name, { fullTitle = "", err = "" }] = JSON.parse(line) as [string, Partial<TestEvent>];
    return { name, fullTitle, err };
  } catch {
    return undefined;
  }
}
