/**
 * Tests the tests: breaks the guards of the project one at a time, each in a copy of its sources, and has the tests
 * that should notice run. `npm run mutate`; `npm run mutate -- --help` says what else can be asked.
 */
import { parseArgs } from "node:util";
import { breakGuard, type Guard, type Mutant, nameOf } from "./mutate/guard.js";
import { guards } from "./mutate/guards.js";
import { say, sayProgress } from "./mutate/progress.js";
import { Workspace } from "./mutate/workspace.js";

/** As many copies of the project are at work at the same time: many of the broken guards have a test wait for nothing. */
const workers = 4;

const help = `Usage: npm run mutate -- [--grep TEXT]... [--list]

Breaks the guards that scripts/mutate/guards/ lists, one at a time, and runs the tests that should notice. Fails
when the tests go on passing, and when the code of a guard isn't there any more. Works in copies of the sources.

  --grep TEXT  Only the guards with TEXT in their file, their code or what they are for.
               Several of them pick what has any.
  --list       Says what the guards are, and breaks none.
  --help       Says this.
`;

const interrupt = new AbortController();
const { signal } = interrupt;
// Not once: until the copies are removed, a second Ctrl-C must not end the process.
process.on("SIGINT", () => interrupt.abort());
process.on("SIGTERM", () => interrupt.abort());
process.exitCode = await main();

async function main(): Promise<number> {
  const picked = pickGuards();
  if (typeof picked === "number") {
    return picked;
  }
  const mutants = await breakAll(picked);
  if (mutants === undefined) {
    return 1;
  }
  const workspaces: Workspace[] = [];
  try {
    for (let i = 0; i < Math.min(workers, picked.length); i++) {
      workspaces.push(await Workspace.create(signal));
    }
    const code = (await baseline(workspaces, picked)) ? await mutate(workspaces, mutants) : 1;
    if (signal.aborted) {
      say("interrupted");
      return 130;
    }
    return code;
  } finally {
    await Promise.all(workspaces.map((workspace) => workspace[Symbol.asyncDispose]()));
  }
}

/** Does what the command line says. Gives the guards to break, or the exit code when there is nothing to do. */
function pickGuards(): readonly Guard[] | number {
  const values = readArguments();
  if (values === undefined) {
    return 2;
  }
  if (values.help) {
    say(help.trimEnd());
    return 0;
  }
  const { grep } = values;
  const picked = guards.filter(
    ({ file, find, why }) => grep?.some((text) => [file, find, why].some((part) => part.includes(text))) ?? true,
  );
  if (picked.length === 0) {
    console.error(`no guard has ${grep?.map((text) => JSON.stringify(text)).join(" or ")}`);
    return 2;
  }
  if (values.list) {
    for (const guard of picked) {
      say(nameOf(guard));
    }
    return 0;
  }
  return picked;
}

/** Reads the command line; undefined, after it has said why, when that can't be done. */
function readArguments() {
  try {
    return parseArgs({
      options: { grep: { type: "string", multiple: true }, list: { type: "boolean" }, help: { type: "boolean" } },
    }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return undefined;
  }
}

/** Breaks guards in memory; undefined, after it has said why, when one of them can't be. */
async function breakAll(picked: readonly Guard[]): Promise<readonly Mutant[] | undefined> {
  const mutants: Mutant[] = [];
  for (const guard of picked) {
    const mutant = await breakGuard(guard);
    if (typeof mutant === "string") {
      console.error(`${nameOf(guard)}: ${mutant}\n${indent(guard.find)}`);
    } else {
      mutants.push(mutant);
    }
  }
  return mutants.length === picked.length ? mutants : undefined;
}

/** Runs the tests of all guards with nothing broken. Returns whether they pass. */
async function baseline(workspaces: readonly Workspace[], picked: readonly Guard[]): Promise<boolean> {
  const suites = [...new Map(picked.map(({ tests, grep }) => [`${tests} ${grep}`, { tests, grep }])).values()];
  const failures: string[] = [];
  await share(workspaces, suites, async (workspace, { tests, grep }) => {
    sayProgress("tests with nothing broken:", tests.join(" "));
    const run = await workspace.test(tests, grep);
    if (run.outcome !== "passed" && !signal.aborted) {
      failures.push(`${tests}:\n${indent(run.outcome === "failed" ? `${run.test}\n${run.error}` : run.output)}`);
    }
  });
  if (failures.length > 0) {
    console.error(`tests fail although nothing is broken\n${failures.join("\n")}`);
  } else if (!signal.aborted) {
    say("all tests pass with nothing broken");
  }
  return failures.length === 0 && !signal.aborted;
}

/** Runs the tests of each guard without it, and says what they noticed. Returns the exit code. */
async function mutate(workspaces: readonly Workspace[], mutants: readonly Mutant[]): Promise<number> {
  const start = performance.now();
  let noticed = 0;
  let broken = 0;
  const survivors: string[] = [];
  await share(workspaces, mutants, async (workspace, { guard, original, mutated }) => {
    const started = performance.now();
    await workspace.write(guard.file, mutated);
    const run = await workspace.test(guard.tests, guard.grep);
    await workspace.write(guard.file, original);
    if (signal.aborted) {
      return;
    }
    broken++;
    if (run.outcome === "failed") {
      noticed++;
    } else {
      const how = run.outcome === "passed" ? "all tests passed" : `the tests could not be run:\n${run.output}`;
      survivors.push(`${nameOf(guard)}\n${indent(`- ${guard.find}\n+ ${guard.replace}\n${guard.tests}: ${how}`)}`);
    }
    const mark = run.outcome === "failed" ? "noticed " : "survived";
    sayProgress(
      `${broken}/${mutants.length}, ${survivors.length} survived:`,
      nameOf(guard),
      `${mark} (${secondsSince(started)} s) ${nameOf(guard)}`,
    );
  });
  if (signal.aborted) {
    return 130;
  }
  for (const survivor of survivors) {
    console.error(`\nsurvived: ${survivor}`);
  }
  say(`${broken} guards broken, ${noticed} noticed, ${survivors.length} survived (${secondsSince(start)} s)`);
  return survivors.length > 0 ? 1 : 0;
}

/** Has all workspaces work through a list, until it is done or the signal aborts. */
async function share<Item>(
  workspaces: readonly Workspace[],
  items: readonly Item[],
  work: (workspace: Workspace, item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  await Promise.all(
    workspaces.map(async (workspace) => {
      for (let item = queue.shift(); item !== undefined && !signal.aborted; item = queue.shift()) {
        await work(workspace, item);
      }
    }),
  );
}

function secondsSince(start: number): string {
  return ((performance.now() - start) / 1_000).toFixed(1);
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, "    ");
}
