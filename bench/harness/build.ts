import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { benchFolder, buildFolder, root } from "./folders.js";

/**
 * Compiles what the processes of contestants run. They don't load TypeScript as it is: what does that at run time
 * gives every closure a name, which costs more than some of what is measured here.
 */
export async function buildEnds(withPeers: boolean): Promise<void> {
  await rm(buildFolder, { recursive: true, force: true });
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
