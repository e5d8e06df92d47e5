import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { describe, it } from "mocha";
import { root } from "../../scripts/run.js";
import { pythonEnvNames, pythonVariables, requirePython } from "../support/python-env.js";

const run = promisify(execFile);

/** Runs a Python module on the package. What it printed becomes the error when it fails. */
async function python(interpreter: string, ...args: readonly string[]): Promise<string> {
  const options = { cwd: join(root, "python"), env: { ...process.env, ...pythonVariables() }, timeout: 240_000 };
  try {
    return (await run(interpreter, ["-m", ...args], options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`python -m ${args.join(" ")} failed:\n${stdout}${stderr}`);
  }
}

describe("the Python package", function () {
  this.timeout(250_000);

  for (const name of pythonEnvNames) {
    it(`passes its own tests with ${name}`, async function () {
      const { python: interpreter } = requirePython(name, this);
      const output = await python(interpreter, "pytest", "-q", "-p", "no:cacheprovider");
      const [, passed = "0"] = /(\d+) passed/.exec(output) ?? [];
      console.log(`      ${output.trimEnd().split("\n").at(-1)}`);
      expect(Number(passed)).to.be.greaterThan(100);
    });
  }

  it("is typed and in order", async function () {
    const { python: interpreter } = requirePython("pipecat", this);
    await python(interpreter, "mypy");
    await python(interpreter, "ruff", "check");
    await python(interpreter, "ruff", "format", "--check");
  });
});
