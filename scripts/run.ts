import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** How a command is run. */
export interface RunOptions {
  /** The folder to run in. Default: the project's. */
  readonly cwd?: string;
  /** Kills the command when it aborts. */
  readonly signal?: AbortSignal;
}

/** What became of a command. */
export interface RunResult {
  readonly ok: boolean;
  /** Its standard output and its standard error, as they came. */
  readonly output: string;
}

/** Runs a command to its end and keeps what it prints. Tools that npm installed are found by name. Never rejects. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { cwd = root, signal } = options;
  const path = [join(root, "node_modules/.bin"), process.env["PATH"] ?? ""].join(delimiter);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, PATH: path },
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal && { signal }),
    });
    const chunks: Buffer[] = [];
    const keep = (chunk: Buffer) => chunks.push(chunk);
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const output = () => Buffer.concat(chunks).toString();
    child.on("error", (error) => resolve({ ok: false, output: `${output()}${command}: ${error.message}\n` }));
    child.on("close", (code, killedBy) => {
      const end = killedBy === null ? "" : `${command}: ended by ${killedBy}\n`;
      resolve({ ok: code === 0, output: output() + end });
    });
  });
}

/**
 * Runs commands one after the other, until one fails. Never rejects.
 */
export async function runAll(
  commands: readonly (readonly [command: string, ...args: string[]])[],
  options: RunOptions = {},
): Promise<RunResult> {
  let output = "";
  for (const [command, ...args] of commands) {
    const result = await run(command, args, options);
    output += result.output;
    if (!result.ok) {
      return { ok: false, output };
    }
  }
  return { ok: true, output };
}

/**
 * The TypeScript compiler of the project as a command. The name `tsc` is not safe: several versions of TypeScript
 * are installed, for the tests, and npm gives the name to any of them.
 */
export const tsc = [process.execPath, join(root, "node_modules/typescript/bin/tsc")] as const;
