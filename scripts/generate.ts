/**
 * Generates code from the .proto files: `npm run generate`. With `--check` it leaves the code alone, and fails when
 * that is not what would be generated.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type RunResult, root, runAll } from "./run.js";

/** The folders that hold generated code and nothing else. */
const folders = ["gen", "test/message/gen"];

process.exitCode = process.argv.includes("--check") ? await check() : await write();

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
  ]);
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
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (file) => [relative(folder, file), await readFile(file)] as const)));
}
