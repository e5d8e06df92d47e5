import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A program that a demo runs in a process of its own. */
export interface Program {
  /** The command line. */
  readonly command: readonly [program: string, ...args: string[]];
  /** What its lines are shown behind. Default: nothing, it has the terminal to itself. */
  readonly name?: string;
  /** Lines for its standard input, which is empty by default. Only with a name. */
  readonly input?: readonly string[];
  /** Variables for it, beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Takes each line that it prints. Only with a name. */
  readonly onLine?: (line: string) => void;
}

/** The processes of a demo. */
export interface Processes {
  /** Whether the demo is interrupted: its processes were told to end then, and no more are started. */
  readonly interrupted: boolean;
  /**
   * Starts a server, which must print the address that it listens at, then the client that `connect` makes of the
   * address, and stops the server when the client has ended. Resolves with whether both ended well.
   */
  converse(server: Program, connect: (url: string) => Program): Promise<boolean>;
  /**
   * Starts a server, which must print the address that it listens at, and stops it when `use`, which gets the address, is
   * done. Resolves with whether that went well and the server has ended well.
   */
  serve(server: Program, use: (url: string) => Promise<boolean>): Promise<boolean>;
  /** Runs a program to its end. Resolves with whether it ended well. */
  run(program: Program): Promise<boolean>;
}

/** The command that runs a TypeScript file in a process of its own. */
export function typescript(path: string, ...args: readonly string[]): readonly [string, ...string[]] {
  return [process.execPath, "--import=tsx", path, ...args];
}

/** Prepares to run processes. SIGINT, SIGTERM and SIGHUP end them from now on; the caller has to end this one. */
export function runProcesses(): Processes {
  const children = new Set<ChildProcess>();
  let interrupted = false;

  const stop = (): void => {
    for (const child of children) {
      child.kill("SIGTERM");
    }
  };
  // However this process ends, for instance because nobody reads what it prints any more.
  process.on("exit", stop);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      interrupted = true;
      stop();
    });
  }

  function start({ command: [program, ...args], name, input = [], environment, onLine }: Program): Started {
    const alone = name === undefined;
    const child = spawn(program, args, {
      stdio: alone ? "inherit" : "pipe",
      // Ctrl-C on a terminal is for the demo, which tells the others; Python would show where it was.
      detached: !alone,
      env: { ...process.env, ...environment },
    });
    children.add(child);
    // A process that ends early doesn't take its input.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input.map((line) => `${line}\n`).join(""));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) {
        createInterface({ input: stream }).on("line", (line) => {
          console.log(`${name} | ${line}`);
          onLine?.(line);
        });
      }
    }
    const ended = once(child, "close").then(
      () => child.exitCode === 0,
      (error: Error) => {
        console.error(`${name ?? program}: ${error.message}`);
        return false;
      },
    );
    return { child, ended: ended.finally(() => children.delete(child)) };
  }

  /** Starts a server. Resolves with the address that it listens at, or with undefined when it ends before. */
  async function listen(program: Program): Promise<Started & { readonly url: string | undefined }> {
    let found: (url: string) => void = () => {};
    const listening = new Promise<string>((resolve) => {
      found = resolve;
    });
    const started = start({
      ...program,
      onLine: (line) => {
        const url = /^listening on (\S+)$/.exec(line)?.[1];
        if (url !== undefined) {
          found(url);
        }
        program.onLine?.(line);
      },
    });
    return { ...started, url: await Promise.race([listening, started.ended.then(() => undefined)]) };
  }

  async function serve(program: Program, use: (url: string) => Promise<boolean>): Promise<boolean> {
    if (interrupted) {
      return false;
    }
    const server = await listen(program);
    const well = server.url !== undefined && !interrupted && (await use(server.url));
    server.child.kill("SIGTERM");
    return (await server.ended) && well;
  }

  async function run(program: Program): Promise<boolean> {
    return !interrupted && (await start(program).ended);
  }

  return {
    get interrupted() {
      return interrupted;
    },
    converse: (server, connect) => serve(server, (url) => run(connect(url))),
    serve,
    run,
  };
}

interface Started {
  readonly child: ChildProcess;
  /** Resolves when it has ended and all that it printed is shown, with whether it ended well. Never rejects. */
  readonly ended: Promise<boolean>;
}
