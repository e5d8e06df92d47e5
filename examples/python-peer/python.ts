import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Code, StatusError } from "crossbus";

/** A Python that has Pipecat. */
export interface Python {
  /** The release of pipecat-ai that it has. */
  readonly pipecatVersion: string;
  /** The command that runs a program of this folder. */
  command(file: string, ...args: readonly string[]): readonly [string, ...string[]];
  /** What its variables must be. */
  readonly environment: Readonly<Record<string, string>>;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Finds the Python that `npm run python:env` makes. Throws FAILED_PRECONDITION when it isn't there, or is broken. */
export async function findPython(): Promise<Python> {
  const folder = path("../../.python/pipecat");
  const program = `${folder}/bin/python`;
  // What is written last: without it the rest may not be all there.
  if (!existsSync(program) || !existsSync(`${folder}/pinned`)) {
    throw new StatusError(
      Code.FAILED_PRECONDITION,
      "there is no Python environment with Pipecat: npm run python:env -- pipecat makes it",
    );
  }
  return {
    pipecatVersion: await askVersion(program),
    command: (file, ...args) => [program, path(file), ...args],
    environment: {
      PYTHONPATH: path("../../python/src"),
      PYTHONWARNINGS: "ignore::DeprecationWarning",
      // Before the programs can say what to log, Pipecat says hello.
      LOGURU_LEVEL: "WARNING",
    },
  };
}

async function askVersion(program: string): Promise<string> {
  const question = 'from importlib.metadata import version; print(version("pipecat-ai"))';
  try {
    const { stdout } = await promisify(execFile)(program, ["-c", question]);
    return stdout.trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim() : String(error);
    throw new StatusError(Code.FAILED_PRECONDITION, `the Python environment doesn't work: ${reason}`, { cause: error });
  }
}
