import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { describe, it } from "mocha";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

/** The code blocks of a language in the README, each with the marker before it. */
function blocks(readme: string, language: string): readonly { readonly marker: string; readonly code: string }[] {
  const pattern = new RegExp(`(?:<!-- test: (\\w+) -->\\n)?^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return [...readme.matchAll(pattern)].map(([, marker = "", code = ""]) => ({ marker, code }));
}

describe("README", () => {
  it("has only snippets that compile, and that run where they say so", async function () {
    this.timeout(180_000);
    const snippets = blocks(await readFile(join(root, "README.md"), "utf8"), "ts");
    expect(snippets).to.have.length.greaterThan(3);
    // Within the project, so that packages, and the package by its own name, resolve.
    const directory = await mkdtemp(join(root, "test", ".readme-"));
    try {
      await symlink(join(root, "test/message/gen"), join(directory, "gen"));
      const files = snippets.map((_, index) => join(directory, `snippet-${index}.ts`));
      await Promise.all(snippets.map(({ code }, index) => writeFile(files[index] as string, code)));
      const config = {
        extends: "../../tsconfig.ai-sdk.json",
        compilerOptions: { noUnusedLocals: false },
        include: ["*.ts"],
        exclude: [],
      };
      await writeFile(join(directory, "tsconfig.json"), JSON.stringify(config));
      await execute("node_modules/typescript/bin/tsc", "--project", directory);
      for (const [index, { marker }] of snippets.entries()) {
        expect(["compile", "run"], `the marker before snippet ${index}`).to.include(marker);
        if (marker === "run") {
          await execute("--import=tsx", files[index] as string);
        }
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("shows the message type of the tests", async () => {
    const [proto] = blocks(await readFile(join(root, "README.md"), "utf8"), "proto");
    expect(proto?.code).to.equal(await readFile(join(root, "test/message/proto/acme/v1/order.proto"), "utf8"));
  });

  it("shows Python that is in the examples", async () => {
    const readme = await readFile(join(root, "README.md"), "utf8");
    const snippets = [...readme.matchAll(/^(?:<!-- test: (\S+) -->\n)?```python\n([\s\S]*?)^```$/gm)];
    expect(snippets).to.have.length.greaterThan(1);
    for (const [, file = "", code = ""] of snippets) {
      // In that order, though there is more in between: the examples run in test/examples/python-peer-node.test.ts.
      const source = (await readFile(join(root, file), "utf8")).split("\n").map((line) => line.trim());
      let from = 0;
      for (const line of code.split("\n").map((text) => text.trim())) {
        const at = line === "" ? from : source.indexOf(line, from) + 1;
        expect(at, `${file} has, after line ${from}: ${line}`).to.be.greaterThan(line === "" ? -1 : 0);
        from = at;
      }
    }
  });

  it("names only npm scripts that exist", async () => {
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    for (const file of ["README.md", "CONTRIBUTING.md"]) {
      const text = await readFile(join(root, file), "utf8");
      for (const [, name = ""] of text.matchAll(/npm run (?:-s )?([\w:][\w:-]*)/g)) {
        expect(scripts, `${file} names npm run ${name}`).to.have.property(name);
      }
    }
  });
});

/** Runs Node. What it printed becomes the error when it fails. */
async function execute(...args: readonly string[]): Promise<void> {
  try {
    await run(process.execPath, args, { cwd: root, timeout: 120_000 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`node ${args.join(" ")} failed:\n${stdout}${stderr}`);
  }
}
