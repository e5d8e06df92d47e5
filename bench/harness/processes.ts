import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { Answer, Call } from "./child.js";
import { benchFolder, buildFolder } from "./folders.js";

/** A process that does as it is told. */
export interface Remote {
  /** Calls a method over there. Rejects with what it throws, and when the process ends. */
  call<T = void>(method: string, ...args: readonly unknown[]): Promise<T>;
  /** Ends the process. */
  end(): Promise<void>;
}

/** How long a call may take, in milliseconds. What takes longer has lost a message. */
export const callTimeoutMs = 60_000;

/** How long a process may take to exit by itself, in milliseconds. */
const exitTimeoutMs = 5_000;

/** What lets a process count what it allocates: nothing is collected but when it says so. */
const countingFlags = ["--expose-gc", "--min-semi-space-size=256", "--max-semi-space-size=256"];

/** What has `ws` mask messages with the package bufferutil, where that is installed. Otherwise processes do without. */
export const withBufferUtil = { WS_NO_BUFFER_UTIL: "" };

/** Starts a process that runs a module of bench/, and resolves once it is ready. Aborting `signal` ends it. */
export async function startNode(
  module: string,
  argument: unknown,
  signal: AbortSignal,
  counting = false,
  variables: Readonly<Record<string, string>> = {},
): Promise<Remote> {
  signal.throwIfAborted();
  const built = (path: string) => join(buildFolder, path.replace(/ts$/, "js"));
  const flags = counting ? countingFlags : ["--expose-gc"];
  const child = fork(built("harness/child.ts"), [pathToFileURL(built(module)).href, JSON.stringify(argument ?? null)], {
    // What it prints must not get into what the bench prints.
    stdio: ["ignore", 2, "inherit", "ipc"],
    env: { ...process.env, WS_NO_BUFFER_UTIL: "1", ...variables },
    // A profiler is passed on.
    execArgv: [...process.execArgv.filter((flag) => flag.startsWith("--cpu-prof")), ...flags],
  });
  const remote = new ChildRemote(module, child, (call) => child.send(call));
  child.on("message", (answer: Answer) => remote.answered(answer));
  return begin(remote, child, signal);
}

/** Starts a Python program of bench/, which reads calls and writes answers, a line of JSON each. */
export async function startPython(
  python: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Remote> {
  signal.throwIfAborted();
  const child = spawn(python, [join(benchFolder, program), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  const remote = new ChildRemote(program, child, (call) => child.stdin.write(`${JSON.stringify(call)}\n`));
  createInterface({ input: child.stdout }).on("line", (line) => remote.answered(JSON.parse(line)));
  // That it has ended, the calls are told.
  child.stdin.on("error", () => {});
  return begin(remote, child, signal);
}

async function begin(remote: ChildRemote, child: ChildProcess, signal: AbortSignal): Promise<Remote> {
  signal.addEventListener("abort", () => child.kill("SIGKILL"), { once: true });
  try {
    await remote.ready;
    return remote;
  } catch (error) {
    await remote.end();
    throw error;
  }
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

class ChildRemote implements Remote {
  readonly ready: Promise<void>;
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #send: (call: Call) => void;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(name: string, child: ChildProcess, send: (call: Call) => void) {
    this.#name = name;
    this.#child = child;
    this.#send = send;
    this.ready = this.#answer<void>(0);
    child.on("error", (error) => this.#fail(error.message));
    child.on("exit", (code, killedBy) => this.#fail(`the process ended with ${killedBy ?? code}`));
  }

  answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("error" in answer) {
      waiting?.reject(new Error(`${this.#name}: ${answer.error}`));
    } else {
      waiting?.resolve(answer.result);
    }
  }

  call<T = void>(method: string, ...args: readonly unknown[]): Promise<T> {
    const id = ++this.#lastId;
    const answer = this.#answer<T>(id, method);
    this.#send({ id, method, args });
    return answer;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, "exit");
      if (this.#child.connected) {
        // It exits by itself then, and writes what a profiler has found.
        this.#child.disconnect();
        await Promise.race([exited, delay(exitTimeoutMs, undefined, { ref: false })]);
      }
      this.#child.kill("SIGKILL");
      await exited;
    }
  }

  #fail(why: string): void {
    for (const { reject } of this.#waiting.values()) {
      reject(new Error(`${this.#name}: ${why}`));
    }
    this.#waiting.clear();
  }

  #answer<T>(id: number, method = "open"): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timeout = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${this.#name}: ${method}() takes longer than ${callTimeoutMs / 1000} s`));
      }, callTimeoutMs);
      this.#waiting.set(id, {
        resolve(result) {
          clearTimeout(timeout);
          resolve(result as T);
        },
        reject(error) {
          clearTimeout(timeout);
          reject(error);
        },
      });
    });
  }
}
