/** Fails when a rule of PROTOCOL.md is named by no test, or a test names a rule that isn't there. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./run.js";

const folder = join(root, "test/link/resumable");
const rules = namesIn(await readFile(join(root, "PROTOCOL.md"), "utf8"), /\*\*\[(L-\d+)\]\*\*/g);
const files = (await readdir(folder)).filter((name) => name.endsWith(".test.ts"));
const titles = await Promise.all(
  files.map(async (name) => (await readFile(join(folder, name), "utf8")).match(/\bit\(\s*[`"][^\n]*/g) ?? []),
);
const tested = namesIn(titles.flat().join("\n"), /\[(L-\d+)\]/g);
const untested = [...rules].filter((rule) => !tested.has(rule));
const unknown = [...tested].filter((rule) => !rules.has(rule));
if (untested.length > 0) {
  console.error(`No test names these rules of PROTOCOL.md: ${untested.join(", ")}`);
}
if (unknown.length > 0) {
  console.error(`Tests name rules that PROTOCOL.md doesn't have: ${unknown.join(", ")}`);
}
process.exitCode = untested.length + unknown.length > 0 || rules.size === 0 ? 1 : 0;

function namesIn(text: string, pattern: RegExp): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(pattern), ([, name]) => name as string));
}
