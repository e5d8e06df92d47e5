import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/run.js";

/** The environments that `npm run python:env` makes: what is installed in them is in `test/live/requirements`. */
export const pythonEnvNames = ["pipecat", "pipecat-oldest", "pipecat-subagents"] as const;

/** The name of an environment. */
export type PythonEnvName = (typeof pythonEnvNames)[number];

/** The folder that holds the environments. */
const pythonEnvFolder = join(root, ".python");

/**
 * Data that the oldest pipecat-ai would download when it is imported, if it didn't find the folder. Nothing here needs
 * what would be in it.
 */
export const nltkData = join(pythonEnvFolder, "nltk_data");

/** A Python environment with pinned packages. */
export interface PythonEnv {
  readonly name: PythonEnvName;
  readonly folder: string;
  /** Its interpreter. */
  readonly python: string;
  /** The file that says what is to be installed. */
  readonly requirements: string;
  /** The file that says what was installed last. */
  readonly stamp: string;
  /** What the stamp says when all is as pinned. */
  readonly pinned: string;
}

/** An environment, whether it is there or not. */
export function pythonEnv(name: PythonEnvName): PythonEnv {
  const folder = join(pythonEnvFolder, name);
  const requirements = join(root, "test/live/requirements", `${name}.txt`);
  const hash = createHash("sha256");
  for (const path of [requirements, requirements.replace(/\.txt$/, ".constraints.txt")]) {
    hash.update(readFileSync(path)).update("\0");
  }
  return {
    name,
    folder,
    python: join(folder, "bin/python"),
    requirements,
    stamp: join(folder, "pinned"),
    pinned: hash.digest("hex"),
  };
}

/** Why an environment can't be used; undefined when it can. */
export function whyNotReady({ name, python, stamp, pinned }: PythonEnv): string | undefined {
  if (!existsSync(python) || !existsSync(stamp)) {
    return `there is no Python environment ${name}: npm run python:env makes it`;
  }
  if (readFileSync(stamp, "utf8") !== pinned) {
    return `the Python environment ${name} is not as pinned any more: npm run python:env renews it`;
  }
  return undefined;
}

/** What the variables of a process must be that runs in an environment. */
export function pythonVariables(): Readonly<Record<string, string>> {
  return { NLTK_DATA: nltkData, PYTHONUNBUFFERED: "1", PYTHONWARNINGS: "ignore::DeprecationWarning" };
}

/** What mocha gives a hook as `this`. */
interface HookContext {
  skip(): never;
}

/**
 * For a hook or a test: gives an environment. Where it isn't there the test is skipped, and the reason printed; in CI,
 * where the environments are made, it fails.
 */
export function requirePython(name: PythonEnvName, context: HookContext): PythonEnv {
  const env = pythonEnv(name);
  const reason = whyNotReady(env);
  if (reason !== undefined) {
    if ((process.env["CI"] ?? "") !== "") {
      throw new Error(reason);
    }
    console.log(`      skipped: ${reason}`);
    context.skip();
  }
  return env;
}
