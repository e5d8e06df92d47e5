import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../../scripts/run.js";
import type { Figures, ProbeAnswer } from "./probe.js";
import { until } from "./until.js";

/** How long a server may take to start, in milliseconds. */
const startMs = 30_000;

/** The parts of a server: what runs before it, and its own module. */
export interface Program {
  /** Options of Node that load what has to be there first. */
  readonly options: readonly string[];
  readonly main: string;
}

/** The demo's server as `npm run demo:server` starts it, with a probe in it. */
export const demoServer: Program = {
  options: ["--import=tsx", "--import=./test/attacks/support/probe.ts"],
  main: "examples/remote-assistant/server.ts",
};

/** A process that serves the demo's assistant. */
export class DemoServer implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #output: { stderr: string };
  readonly #asked = new Map<number, (figures: Figures | undefined) => void>();
  #lastProbe = 0;

  private constructor(child: ChildProcess, port: number, output: { stderr: string }) {
    this.#child = child;
    this.port = port;
    this.#output = output;
    child.on("message", ({ probe, figures }: ProbeAnswer) => {
      this.#asked.get(probe)?.(figures);
      this.#asked.delete(probe);
    });
    child.on("exit", () => {
      for (const settle of this.#asked.values()) {
        settle(undefined);
      }
      this.#asked.clear();
    });
  }

  /** Starts one. Aborting `signal` kills it. */
  static async start({ options, main }: Program, args: readonly string[], signal: AbortSignal): Promise<DemoServer> {
    signal.throwIfAborted();
    const { OPENAI_API_KEY: _, ...environment } = process.env;
    const child = spawn(process.execPath, ["--expose-gc", ...options, main, "--port", "0", ...args], {
      cwd: root,
      env: environment,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Ctrl-C is for this process alone to handle.
      detached: true,
    });
    const kill = () => child.kill("SIGKILL");
    signal.addEventListener("abort", kill, { once: true });
    child.once("exit", () => signal.removeEventListener("abort", kill));
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
      });
    }
    const listening = () => /^listening on ws:\/\/[^:]+:(\d+)/m.exec(output.stdout);
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    await until(() => listening() !== null || hasEnded(), startMs);
    const port = Number(listening()?.[1]);
    if (!(port > 0)) {
      kill();
      signal.throwIfAborted();
      throw new Error(`the server didn't start:\n${output.stderr}`);
    }
    return new DemoServer(child, port, output);
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** All that it has written on its standard error. */
  get stderr(): string {
    return this.#output.stderr;
  }

  /** What it has written since there were `from` characters, once nothing more comes. */
  async written(from: number): Promise<string> {
    for (let before = -1; before !== this.stderr.length; ) {
      before = this.stderr.length;
      await sleep(50);
    }
    return this.stderr.slice(from);
  }

  /** What it holds, after a collection. Rejects when it has died. */
  async figures(): Promise<Figures> {
    const figures = await this.ask();
    if (figures === undefined) {
      throw new Error(`the server has ended:\n${this.stderr.slice(-2_000)}`);
    }
    return figures;
  }

  /** What it holds, after a collection; undefined when it has died. */
  ask(): Promise<Figures | undefined> {
    return new Promise((resolve) => {
      if (!this.isAlive) {
        resolve(undefined);
        return;
      }
      const probe = ++this.#lastProbe;
      this.#asked.set(probe, resolve);
      this.#child.send({ probe }, (error) => {
        if (error !== null) {
          this.#asked.delete(probe);
          resolve(undefined);
        }
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isAlive) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGKILL");
      await ended;
    }
  }
}
