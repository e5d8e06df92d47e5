import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { root } from "../../scripts/run.js";

/** A process of an example, and all that it has printed. */
export class ExampleProcess {
  readonly process: ChildProcess;
  stdout = "";
  stderr = "";
  readonly #exited: Promise<unknown>;

  /** Starts it. It knows nothing of a language model that this environment may name. */
  constructor([command = "", ...args]: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const { OPENAI_API_KEY: _, ...inherited } = process.env;
    this.process = spawn(command, args, { cwd: root, env: { ...inherited, ...environment } });
    this.process.stdout?.on("data", (data: Buffer) => {
      this.stdout += data.toString();
    });
    this.process.stderr?.on("data", (data: Buffer) => {
      this.stderr += data.toString();
    });
    this.#exited = once(this.process, "close");
  }

  /** Resolves once the process has printed something that matches. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout + this.stderr);
      if (match !== null) {
        return match;
      }
      const waiting = new AbortController();
      const { stdout, stderr } = this.process;
      const ended = await Promise.race([
        ...[stdout, stderr].map((stream) => once(stream as Readable, "data", waiting).catch(() => undefined)),
        this.#exited.then(() => "ended"),
      ]);
      waiting.abort();
      if (ended === "ended" && !pattern.test(this.stdout + this.stderr)) {
        throw new Error(`the process ended and never printed ${pattern}:\n${this.stdout}${this.stderr}`);
      }
    }
  }

  async exitCode(): Promise<number | null> {
    await this.#exited;
    return this.process.exitCode;
  }
}
