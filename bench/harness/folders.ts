import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The folder of the benchmarks, a package of its own. */
export const benchFolder = join(root, "bench");

/** Where the code that is measured is put, compiled. */
export const buildFolder = join(benchFolder, ".build");
