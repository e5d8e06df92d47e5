import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { benchFolder, buildFolder, buildsFolder, root } from "./folders.js";

/**
 * Compiles what the processes of contestants run. They don't load TypeScript as it is: what does that at run time
 * gives every closure a name, which costs more than some of what is measured here.
 */
export async function buildEnds(withPeers: boolean): Promise<void> {
  await removeLeftovers();
  const folders = withPeers ? ["ends", "peers"] : ["ends"];
  const entries = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(benchFolder, folder)))
        .filter((name) => name.endsWith(".ts"))
        .map((name) => join(benchFolder, folder, name)),
    ),
  );
  await build({
    absWorkingDir: root,
    entryPoints: [join(benchFolder, "harness/child.ts"), ...entries.flat()],
    outbase: benchFolder,
    outdir: buildFolder,
    bundle: true,
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "es2022",
    sourcemap: "linked",
    logLevel: "warning",
  });
}

/** Removes what this run has compiled. */
export async function removeEnds(): Promise<void> {
  await rm(buildFolder, { recursive: true, force: true });
}

/** Removes what runs have left that were killed. */
async function removeLeftovers(): Promise<void> {
  await mkdir(buildsFolder, { recursive: true });
  for (const name of await readdir(buildsFolder)) {
    if (!isRunning(Number(name)) || name === String(process.pid)) {
      await rm(join(buildsFolder, name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return Number.isInteger(pid) && process.kill(pid, 0);
  } catch {
    return false;
  }
}
