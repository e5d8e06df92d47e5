/**
 * Makes the Python environments that the live tests need, in .python/: `npm run python:env`. What is as pinned already
 * is left alone. `--help` says more.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  nltkData,
  type PythonEnv,
  type PythonEnvName,
  pythonEnv,
  pythonEnvNames,
  whyNotReady,
} from "../test/support/python-env.js";
import { say, sayProgress } from "./mutate/progress.js";
import { type RunResult, root, run, runAll } from "./run.js";

/** As many environments are made at the same time. */
const workers = 2;

/** The names under which a Python may be found, the most usual first. */
const candidates = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];

const oldestPython = "3.11";

/** Prints its version when it is a Python that can make environments, and otherwise fails with the reason. */
const probe = `import sys
assert sys.version_info >= (3, 11), "it is Python " + sys.version.split()[0]
import ensurepip, venv
print(sys.version.split()[0])`;

const help = `Usage: npm run python:env -- [NAME]... [--python PATH]

Makes the Python environments that the live tests need, in .python/, with the packages that test/live/requirements/
pins: ${pythonEnvNames.join(", ")}. NAME picks some of them. It takes about a minute and 2 GB;
what is as pinned already is left alone.

  --python PATH  The Python to make them with, ${oldestPython} or newer. Default: the first of
                 ${candidates.join(", ")} that will do.
  --help         Says this.
`;

const interrupt = new AbortController();
const { signal } = interrupt;
// Not once: what was begun is removed before the process ends.
process.on("SIGINT", () => interrupt.abort());
process.on("SIGTERM", () => interrupt.abort());
process.exitCode = await main();

async function main(): Promise<number> {
  const wanted = readArguments();
  if (typeof wanted === "number") {
    return wanted;
  }
  // Looked for when the oldest pipecat-ai is imported.
  await mkdir(join(nltkData, "tokenizers/punkt_tab"), { recursive: true });
  const missing = wanted.envs.filter((env) => whyNotReady(env) !== undefined);
  for (const { name } of wanted.envs.filter((env) => !missing.includes(env))) {
    say(`ok     ${name} is as pinned already`);
  }
  if (missing.length === 0) {
    return 0;
  }
  const python = await findPython(wanted.python);
  return python === undefined ? 1 : makeAll(missing, python);
}

interface Wanted {
  readonly envs: readonly PythonEnv[];
  readonly python: string | undefined;
}

/** Reads the command line. Gives what is wanted, or the exit code when there is nothing to do. */
function readArguments(): Wanted | number {
  try {
    const options = { python: { type: "string" }, help: { type: "boolean" } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (values.help) {
      process.stdout.write(help);
      return 0;
    }
    const isName = (name: string): name is PythonEnvName => pythonEnvNames.some((known) => known === name);
    const unknown = positionals.find((name) => !isName(name));
    if (unknown !== undefined) {
      throw new Error(`there is no environment ${JSON.stringify(unknown)}`);
    }
    const names = positionals.length === 0 ? pythonEnvNames : positionals.filter(isName);
    return { envs: names.map(pythonEnv), python: values.python };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${help}`);
    return 2;
  }
}

/** Finds a Python that will do, or says why none does. */
async function findPython(given: string | undefined): Promise<string | undefined> {
  const reasons: string[] = [];
  for (const candidate of given === undefined ? candidates : [given]) {
    const { ok, output } = await run(candidate, ["-c", probe], { signal });
    if (ok) {
      return candidate;
    }
    if (!output.includes("ENOENT")) {
      reasons.push(`  ${candidate}: ${output.trimEnd().split("\n").at(-1)}`);
    }
  }
  if (!signal.aborted) {
    console.error(`There is no Python ${oldestPython} or newer here that can make environments.`);
    console.error([...reasons, "On Debian and Ubuntu: apt-get install python3 python3-venv"].join("\n"));
  }
  return undefined;
}

async function makeAll(envs: readonly PythonEnv[], python: string): Promise<number> {
  const queue = [...envs];
  const underWay = new Set<string>();
  const failures: string[] = [];
  const start = performance.now();
  let made = 0;
  const seconds = (since: number) => Math.round((performance.now() - since) / 1000);
  const progress = () => sayProgress(`${made}/${envs.length}`, `${[...underWay].join(", ")} (${seconds(start)} s)`);
  const ticking = setInterval(progress, 1000);
  const work = async () => {
    for (let env = queue.shift(); env !== undefined && !signal.aborted; env = queue.shift()) {
      const began = performance.now();
      underWay.add(env.name);
      sayProgress(`${made}/${envs.length}`, [...underWay].join(", "), `       ${env.name} is being installed`);
      const { ok, output } = await make(env, python);
      underWay.delete(env.name);
      if (signal.aborted) {
        return;
      }
      made++;
      say(`${ok ? "ok    " : "failed"} ${env.name} (${seconds(began)} s)`);
      if (!ok) {
        failures.push(`--- ${env.name}\n${output.trimEnd()}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  clearInterval(ticking);
  if (signal.aborted) {
    say("interrupted");
    return 130;
  }
  for (const failure of failures) {
    console.error(`\n${failure}`);
  }
  return failures.length > 0 ? 1 : 0;
}

/** Makes one environment anew. The stamp comes last: without it an environment doesn't count. */
async function make(env: PythonEnv, python: string): Promise<RunResult> {
  await rm(env.folder, { recursive: true, force: true });
  const pip = [env.python, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"] as const;
  const result = await runAll(
    [
      [python, "-m", "venv", env.folder],
      [...pip, "--requirement", env.requirements],
      [env.python, "-m", "pip", "check", "--quiet"],
    ],
    { cwd: root, signal },
  );
  if (result.ok && !signal.aborted) {
    await writeFile(env.stamp, env.pinned);
  } else {
    await rm(env.folder, { recursive: true, force: true });
  }
  return result;
}
