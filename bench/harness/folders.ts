import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project. What runs from bench/.build finds it too. */
export const root = find(fileURLToPath(new URL(".", import.meta.url)));

/** The folder of the benchmarks, a package of its own. */
export const benchFolder = join(root, "bench");

/** Where the code that is measured is put, compiled. */
export const buildFolder = join(benchFolder, ".build");

function find(folder: string): string {
  return existsSync(join(folder, "bench/run.ts")) ? folder : find(dirname(folder));
}
