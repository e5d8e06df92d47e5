/**
 * Generates code from the .proto files: `npm run generate`. With `--check` it leaves the code alone, and fails when
 * that is not what would be generated.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type RunResult, root, run, runAll } from "./run.js";

/** The folders that hold generated code and nothing else. */
const folders = ["gen", "test/message/gen", "python/src/crossbus/v1"];

/** The release of protoc that writes the Python code: what another one writes may not run where ours does. */
const protocRelease = "3.21";

process.exitCode = await main();

async function main(): Promise<number> {
  const problem = await protocProblem();
  if (problem !== undefined) {
    console.error(problem);
    return 1;
  }
  return process.argv.includes("--check") ? check() : write();
}

async function write(): Promise<number> {
  await Promise.all(folders.map((folder) => rm(join(root, folder), { recursive: true, force: true })));
  const { ok, output } = await generate(root);
  process.stderr.write(output);
  return ok ? 0 : 1;
}

async function check(): Promise<number> {
  const out = await mkdtemp(join(tmpdir(), "crossbus-generate-"));
  try {
    const { ok, output } = await generate(out);
    process.stderr.write(output);
    const stale = (await Promise.all(folders.map((folder) => differences(folder, out)))).flat();
    if (ok && stale.length > 0) {
      console.error(`${stale.join("\n")}\nRun \`npm run generate\` and commit what it changes.`);
    }
    return ok && stale.length === 0 ? 0 : 1;
  } finally {
    await rm(out, { recursive: true });
  }
}

/** Runs all generators. The one for traits comes second: it reads the options through the code of the first. */
function generate(out: string): Promise<RunResult> {
  return runAll([
    ["buf", "generate", "proto", "--output", out],
    ["buf", "generate", "proto", "--template", "buf.gen.traits.yaml", "--output", out],
    ["buf", "generate", "--template", "test/message/buf.gen.yaml", "--output", out],
    ["buf", "generate", "proto", "--template", "buf.gen.python.yaml", "--output", out],
  ]);
}

/** Why the Python code can't be generated here; undefined when it can. */
async function protocProblem(): Promise<string | undefined> {
  const { ok, output } = await run("protoc", ["--version"]);
  const release = /^libprotoc (\d+\.\d+)/.exec(output)?.[1];
  if (ok && release === protocRelease) {
    return undefined;
  }
  const found = ok ? `protoc here is ${output.trim()}` : "there is no protoc here";
  return `${found}, and the Python package needs protoc ${protocRelease}.x: install protobuf-compiler on Debian 12 or Ubuntu 24.04, or put release v${protocRelease.slice(2)}.12 of github.com/protocolbuffers/protobuf on the PATH`;
}

/** Says in which files of a folder the code in the project is not the code in `out`. */
async function differences(folder: string, out: string): Promise<readonly string[]> {
  const [found, expected] = await Promise.all([contents(join(root, folder)), contents(join(out, folder))]);
  const names = [...new Set([...found.keys(), ...expected.keys()])].sort();
  return names.flatMap((name) => {
    const [before, after] = [found.get(name), expected.get(name)];
    if (before === undefined || after === undefined) {
      return [`${folder}/${name} ${before === undefined ? "is missing" : "comes from no schema"}`];
    }
    return before.equals(after) ? [] : [`${folder}/${name} is stale`];
  });
}

/** The files in a folder, by path. */
async function contents(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  // Python keeps compiled code beside its sources.
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".pyc"))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (file) => [relative(folder, file), await readFile(file)] as const)));
}
