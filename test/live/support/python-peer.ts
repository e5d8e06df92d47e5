import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { root } from "../../../scripts/run.js";
import { type PythonEnv, pythonVariables } from "../../support/python-env.js";
import { eventually } from "./eventually.js";

/** Something that a peer told: `name` says what, and the other fields depend on it. */
export interface PythonEvent {
  readonly event: string;
  readonly session?: string;
  readonly [field: string]: unknown;
}

/** A message or a frame as Python describes it: each field as Python source, a frame within a message like it. */
export interface PythonDescription {
  readonly type: string;
  readonly fields: Readonly<Record<string, string | PythonDescription>>;
}

interface Answer {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How long a peer may take to end by itself, in milliseconds. */
const endTimeoutMs = 5_000;

/** A process of `test/live/peers/peer.py`. */
export class PythonPeer {
  readonly events: PythonEvent[] = [];
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #answers = new Map<number, Answer>();
  readonly #ended: Promise<void>;
  #hasEnded = false;
  #errors = "";
  #nextId = 0;

  private constructor(env: PythonEnv, generation: string) {
    this.#child = spawn(env.python, [join(root, "test/live/peers/peer.py"), generation], {
      env: { ...process.env, ...pythonVariables(), PYTHONPATH: join(root, "python/src") },
      stdio: ["pipe", "pipe", "pipe"],
    });
    // What is written to a peer that is gone is answered below.
    this.#child.stdin.on("error", () => {});
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#take(line));
    this.#child.stderr.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4_000);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#errors += error.message;
        resolve();
      });
      this.#child.once("close", () => resolve());
    });
    void this.#ended.then(() => {
      this.#hasEnded = true;
      for (const { reject } of this.#answers.values()) {
        reject(this.#gone());
      }
    });
  }

  /** Starts a process. It takes seconds, since Python has much to import. */
  static async start(env: PythonEnv, generation: string): Promise<PythonPeer> {
    const peer = new PythonPeer(env, generation);
    await Promise.race([peer.#has("started"), peer.#ended]);
    if (peer.#hasEnded) {
      throw peer.#gone();
    }
    return peer;
  }

  /** Gives a command, and resolves with its result. Rejects with what Python raised. */
  command(name: string, fields: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    if (this.#hasEnded) {
      return Promise.reject(this.#gone());
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ id, do: name, ...fields })}\n`);
    });
  }

  /** Kills the process, as a crash of its machine would. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** Has the process end, and kills it when it doesn't. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    const late = setTimeout(() => this.#child.kill("SIGKILL"), endTimeoutMs);
    await this.#ended;
    clearTimeout(late);
  }

  async #has(event: string): Promise<void> {
    await eventually(() => this.#hasEnded || this.events.some((told) => told.event === event), 60_000);
  }

  #take(line: string): void {
    const told = JSON.parse(line) as PythonEvent & { id?: number; result?: unknown; error?: string };
    const answer = told.id === undefined ? undefined : this.#answers.get(told.id);
    if (told.id === undefined || answer === undefined) {
      this.events.push(told);
      return;
    }
    this.#answers.delete(told.id);
    if (told.error === undefined) {
      answer.resolve(told.result);
    } else {
      answer.reject(new Error(`Python: ${told.error}`));
    }
  }

  #gone(): Error {
    return new Error(`the Python peer ended:\n${this.#errors}`);
  }
}
