import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/run.js";

/** Reads a file of the project's, by its path in there. */
export function readFile(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** A variable of the environment that the tests run in; null where it isn't set. */
export function environment(name: string): string | null {
  return process.env[name] ?? null;
}
