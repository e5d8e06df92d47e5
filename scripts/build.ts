/** Makes dist/, which is what the package publishes, from src/ and gen/. */
import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { root, runAll, tsc } from "./run.js";

await rm(join(root, "dist"), { recursive: true, force: true });
const { ok, output } = await runAll([[...tsc, "--project", "tsconfig.build.json"]]);
process.stderr.write(output);
process.exitCode = ok ? 0 : 1;

// The compiler leaves alone what is JavaScript, with its types beside it.
for (const name of await readdir(join(root, "src"), { recursive: true })) {
  if (/(\.js|\.d\.ts)$/.test(name)) {
    await cp(join(root, "src", name), join(root, "dist/src", name));
  }
}
