import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process of its own that does as it is told: one end of what is put to the test. */
export class Remote {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #lastId = 0;

  /** Starts a module next to this one, which calls `answerCalls()`. Aborting `signal` ends the process. */
  constructor(module: string, options: unknown, signal: AbortSignal) {
    signal.throwIfAborted();
    this.#child = fork(fileURLToPath(new URL(module, import.meta.url)), [JSON.stringify(options)], {
      execArgv: ["--import=tsx", "--expose-gc"],
      // What it prints must not get into what the script prints.
      stdio: ["ignore", 2, "inherit", "ipc"],
    });
    this.#child.on("message", ({ id, result, error }: Answer) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      error === undefined ? waiting?.resolve(result) : waiting?.reject(new Error(`${module}: ${error}`));
    });
    this.#child.on("exit", (code, killedBy) => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`${module}: the process ended with ${killedBy ?? code}`));
      }
      this.#waiting.clear();
    });
    signal.addEventListener("abort", () => this.#child.kill("SIGKILL"), { once: true });
  }

  /** Calls a method over there. Rejects with what it throws, and when the process ends. */
  call<T = void>(method: string, ...args: readonly unknown[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve: (value) => resolve(value as T), reject });
      this.#child.send({ id, method, args } satisfies Call, (error) => error !== null && reject(error));
    });
  }

  /** Stops the process where it stands. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  /** Lets a process that was stopped go on. */
  thaw(): void {
    this.#child.kill("SIGCONT");
  }

  /** Ends the process at once. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGKILL");
      await ended;
    }
  }
}

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Has the methods of an object called from the process that has started this one. */
export function answerCalls(target: object): void {
  const methods = target as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
  process.on("message", async ({ id, method, args }: Call) => {
    try {
      process.send?.({ id, result: await methods[method]?.(...args) } satisfies Answer);
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  // Who has started this process ends it, whoever gets the signal.
  process.on("SIGINT", () => {});
  process.on("disconnect", () => process.exit());
}

/** What the process was told to be. */
export function ownOptions<T>(): T {
  return JSON.parse(process.argv[2] ?? "null") as T;
}
