/** Makes dist/, which is what the package publishes, from src/ and gen/. With an argument it makes that folder instead. */
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { root, runAll, tsc } from "./run.js";

const dist = resolve(root, process.argv[2] ?? "dist");
await rm(dist, { recursive: true, force: true });
const { ok, output } = await runAll([[...tsc, "--project", "tsconfig.build.json", "--outDir", dist]]);
process.stderr.write(output);
if (ok) {
  await copyPlainFiles();
  await referToDisposable();
} else {
  process.exitCode = 1;
}

/** Copies what the compiler leaves alone: JavaScript with its types beside it. */
async function copyPlainFiles(): Promise<void> {
  for (const name of await readdir(join(root, "src"), { recursive: true })) {
    if (/(\.js|\.d\.ts)$/.test(name)) {
      await cp(join(root, "src", name), join(dist, "src", name));
    }
  }
}

/**
 * Tells users' compilers where AsyncDisposable comes from. The compiler doesn't write this reference by itself,
 * and an application without the types of Node, whose `lib` is older, could not check our types.
 */
async function referToDisposable(): Promise<void> {
  for (const name of await readdir(join(dist, "src"), { recursive: true })) {
    const path = join(dist, "src", name);
    if (name.endsWith(".d.ts")) {
      const types = await readFile(path, "utf8");
      if (/\b(asyncDispose|AsyncDisposable)\b/.test(types)) {
        await writeFile(path, `/// <reference lib="esnext.disposable" />\n${types}`);
      }
    }
  }
}
