/**
 * Measures what a page loads: `npm run size`. Prints the table, and fails when the minimal client is over its budget or
 * the table in the README isn't what was measured. `-- --write` writes it there.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run } from "./run.js";
import { measure } from "./size/bundle.js";
import { features, minimalClient } from "./size/features.js";
import { fromMarkdown, isFresh, rowsOf, toMarkdown } from "./size/table.js";

/** What the minimal client shall take one day, minified and compressed, in bytes. */
const goalBytes = 22_000;

/** What it may take: what it takes, and little more, so that nothing is added unnoticed. */
const budgetBytes = 41_300;

const [begin, end] = ["<!-- size: npm run size -- --write -->\n", "<!-- end of size -->"];
const readme = join(root, "README.md");

const dist = await mkdtemp(join(tmpdir(), "crossbus-size-"));
try {
  process.exitCode = await main();
} finally {
  await rm(dist, { recursive: true, force: true });
}

async function main(): Promise<number> {
  const built = await run("tsx", ["scripts/build.ts", dist]);
  if (!built.ok) {
    process.stderr.write(built.output);
    return 1;
  }
  const minimal = await measure(minimalClient.code, dist);
  const measured = await Promise.all(features.map(async (each) => [each, await measure(each.code, dist)] as const));
  const rows = rowsOf(measured, minimal);
  const table = toMarkdown(rows);
  console.log(table);
  const { gzipped } = minimal.atOnce;
  const isOver = gzipped > budgetBytes;
  console.log(`\nThe minimal client takes ${gzipped} bytes; the budget is ${budgetBytes}, the goal ${goalBytes}.`);
  if (isOver) {
    console.error("That is over the budget: see what was pulled in that the client can do without.");
  }
  const isTold = await tell(table, (written) => isFresh(fromMarkdown(written), rows));
  return isOver || !isTold ? 1 : 0;
}

/** Writes the table into the README, or tells whether it is there. */
async function tell(table: string, isThere: (written: string) => boolean): Promise<boolean> {
  const text = await readFile(readme, "utf8");
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (!text.includes(begin) || to < from) {
    console.error(`README.md has no place for the table, between ${begin.trim()} and ${end}.`);
    return false;
  }
  if (process.argv.includes("--write")) {
    await writeFile(readme, `${text.slice(0, from)}\n${table}\n\n${text.slice(to)}`);
    return true;
  }
  if (!isThere(text.slice(from, to))) {
    console.error("The table in README.md is stale: run `npm run size -- --write` and commit what it changes.");
    return false;
  }
  return true;
}
