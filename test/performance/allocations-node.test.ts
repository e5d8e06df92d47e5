import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { build } from "esbuild";
import { describe, it } from "mocha";
import { root } from "../../scripts/run.js";

/**
 * Nothing is collected on its own, since the young generation takes it all, and no other thread does things meanwhile.
 * Nor is code optimized: what the optimizer finds out that it needn't allocate differs from run to run.
 */
const flags = [
  "--expose-gc",
  "--single-threaded",
  "--no-opt",
  "--no-maglev",
  "--min-semi-space-size=128",
  "--max-semi-space-size=128",
];

/** What was allocated when it was recorded, by the major version of Node. RECORD=1 records it anew. */
const recordFile = join(root, "test/performance/allocations.json");

type Figures = Readonly<Record<string, number>>;

async function measure(): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), "crossbus-allocations-"));
  try {
    // Compiled, because what runs TypeScript as it is gives every closure a name at run time.
    const outfile = join(folder, "child.mjs");
    await build({
      absWorkingDir: root,
      entryPoints: ["test/performance/allocations-child.ts"],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "es2022",
    });
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, outfile]);
    return JSON.parse(stdout) as Figures;
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("what a message allocates", function () {
  this.timeout(120_000);

  it("is within 10 % of what was recorded", async function () {
    const major = process.versions.node.split(".")[0] ?? "";
    const record = JSON.parse(await readFile(recordFile, "utf8")) as Record<string, Figures>;
    const figures = await measure();
    if (process.env["RECORD"] !== undefined) {
      await writeFile(recordFile, `${JSON.stringify({ ...record, [major]: figures }, undefined, 2)}\n`);
      return;
    }
    const recorded = record[major];
    if (recorded === undefined) {
      console.log(`skipped: nothing is recorded for Node ${major}; RECORD=1 npx mocha test/performance records it`);
      this.skip();
    }
    expect(Object.keys(figures)).to.deep.equal(Object.keys(recorded));
    const off = Object.entries(figures).filter(([name, bytes]) => {
      const expected = recorded[name] ?? 0;
      // A few bytes are a rounding error.
      return Math.abs(bytes - expected) > Math.max(16, expected / 10);
    });
    expect(
      off.map(([name, bytes]) => `${name}: ${bytes} bytes, recorded ${recorded[name]}`),
      "if that is meant, record it: RECORD=1 npx mocha test/performance",
    ).to.deep.equal([]);
  });
});
