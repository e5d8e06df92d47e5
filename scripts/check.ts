/**
 * Runs every gate that a change must pass before it goes in: `npm run check`. Prints one line a gate, and what
 * the failed ones had to say. With arguments it runs only the gates whose names contain one of them.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasPeers } from "../bench/harness/peers.js";
import { type RunResult, root, run, runAll, tsc } from "./run.js";

/** As many gates as this run at the same time. */
const concurrency = 2;

const interrupt = new AbortController();
const { signal } = interrupt;
const scratch = await mkdtemp(join(tmpdir(), "crossbus-check-"));

const command =
  (...line: [command: string, ...args: string[]]) =>
  () =>
    runAll([line], { signal });

/** The gates, the slow ones first. */
const gates: readonly (readonly [name: string, gate: () => Promise<RunResult>])[] = [
  ["package", checkPackage],
  ["size in browsers", command("tsx", "scripts/size.ts")],
  ["types in Node", command(...tsc, "--project", "tsconfig.node.json")],
  ["types with the AI SDK", command(...tsc, "--project", "tsconfig.ai-sdk.json")],
  ["types in browsers", command(...tsc, "--project", "tsconfig.json")],
  // What the bench compares with is installed by the bench alone.
  ...(hasPeers() ? [["types of the bench's peers", command(...tsc, "--project", "bench/tsconfig.json")] as const] : []),
  ["import direction", () => runAll([["depcruise", "--config", ".dependency-cruiser.mjs", ...sources()]], { signal })],
  ["unused code", command("knip", "--no-progress", "--no-config-hints")],
  ["generated code", command("tsx", "scripts/generate.ts", "--check")],
  ["format and lint", command("biome", "ci", "--error-on-warnings", "--max-diagnostics=100", "--colors=off")],
  ["bundle for browsers", bundle],
  ["link protocol", command("tsx", "scripts/check-protocol.ts")],
  ["schema lint", command("buf", "lint")],
  ["schema format", command("buf", "format", "--diff", "--exit-code")],
  ["schema breaking changes", command("buf", "breaking", "proto", "--against", "proto/crossbus.binpb")],
];

process.once("SIGINT", () => interrupt.abort());
process.once("SIGTERM", () => interrupt.abort());
try {
  process.exitCode = await main();
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function main(): Promise<number> {
  const wanted = process.argv.slice(2);
  const queue = gates.filter(([name]) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
  const failures: string[] = [];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined && !signal.aborted; next = queue.shift()) {
      const [name, gate] = next;
      const start = performance.now();
      const { ok, output } = await gate();
      if (signal.aborted) {
        return;
      }
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(`${ok ? "ok    " : "failed"} ${name} (${seconds} s)`);
      if (!ok) {
        failures.push(`--- ${name}\n${output.trimEnd()}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  if (signal.aborted) {
    return 130;
  }
  for (const failure of failures) {
    console.error(`\n${failure}`);
  }
  return failures.length > 0 ? 1 : 0;
}

/** The folders with sources that exist. */
function sources(): readonly string[] {
  return ["src", "gen", "scripts", "test", "examples", "bench"].filter((folder) => existsSync(join(root, folder)));
}

/** Builds the package, packs it, and has the tarball looked at as its users get it. */
async function checkPackage(): Promise<RunResult> {
  const packed = await runAll(
    [
      ["tsx", "scripts/build.ts"],
      ["npm", "pack", "--ignore-scripts", "--pack-destination", scratch],
    ],
    { signal },
  );
  if (!packed.ok) {
    return packed;
  }
  const tarball = join(scratch, (await readdir(scratch)).find((name) => name.endsWith(".tgz")) ?? "");
  return runAll(
    [
      ["publint", "run", tarball, "--strict"],
      ["attw", tarball, "--profile", "esm-only", "--no-definitely-typed", "--no-emoji"],
    ],
    { signal },
  );
}

/** Bundles all entry points but the one named for Node: what only Node has fails to bundle. */
async function bundle(): Promise<RunResult> {
  const entries = (await readdir(join(root, "src"))).filter((name) => /(?<!-server)\.ts$/.test(name));
  if (entries.length === 0) {
    return { ok: false, output: "There are no entry points in src/.\n" };
  }
  const paths = entries.map((name) => `src/${name}`);
  const options = ["--bundle", "--format=esm", "--platform=browser", "--log-level=warning"];
  return run("esbuild", [...paths, ...options, `--outdir=${join(scratch, "browser")}`], { signal });
}
