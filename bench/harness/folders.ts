import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project. What runs from bench/.build finds it too. */
export const root = find(fileURLToPath(new URL(".", import.meta.url)));

/** The folder of the benchmarks, a package of its own. */
export const benchFolder = join(root, "bench");

/** Holds a folder for each run that is going on. */
export const buildsFolder = join(benchFolder, ".build");

/** Where this run puts the code that is measured, compiled. It is in bench/, so that packages are found. */
export const buildFolder = join(buildsFolder, String(process.pid));

function find(folder: string): string {
  return existsSync(join(folder, "bench/run.ts")) ? folder : find(dirname(folder));
}
