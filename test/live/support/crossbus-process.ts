import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { DialectOptions } from "../../../src/index.js";
import { eventually } from "./eventually.js";

const program = fileURLToPath(new URL("crossbus-peer.ts", import.meta.url));

/** One end of a bridge in a process of its own, to be killed. */
export class CrossbusProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<void>;
  readonly #told: { readonly address?: string; readonly connected?: boolean }[] = [];

  /** Starts the process, which then waits to be told what to do. */
  constructor() {
    this.#child = spawn(process.execPath, ["--import=tsx", program], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdin.on("error", () => {});
    this.#ended = new Promise((resolve) => void this.#child.once("close", () => resolve()));
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#told.push(JSON.parse(line)));
  }

  /** Has it connect to a URL, or listen where there is none. Gives its address. */
  async begin(dialect: DialectOptions, url: string | undefined): Promise<string> {
    this.#child.stdin.write(`${JSON.stringify({ dialect, url })}\n`);
    const address = () => this.#told.find((line) => line.address !== undefined)?.address;
    if (url === undefined) {
      await eventually(() => address() !== undefined);
    }
    return address() ?? "";
  }

  /** Waits until it knows Python's agent. */
  async connected(): Promise<void> {
    await eventually(() => this.#told.some((line) => line.connected === true));
  }

  /** Kills it, as a crash of its machine would. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
