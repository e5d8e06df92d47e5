import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { describe, it } from "mocha";
import { root } from "../scripts/run.js";
import { allDocuments, type CodeBlock, codeBlocks, userDocuments } from "./support/documents-node.js";

const run = promisify(execFile);

/** How blocks of each language are tested: below, or in what they are a part of. What has no test has no place here. */
const languages = ["ts", "proto", "python", "sh", "yaml", ""];

/** The blocks of a language in the README and in all of `docs/`. */
async function blocksOf(language: string): Promise<readonly CodeBlock[]> {
  return (await userDocuments()).flatMap(codeBlocks).filter((block) => block.language === language);
}

/** The TypeScript of all that tells users something: the README of the Python package is one, whose Python pytest runs. */
async function typeScriptBlocks(): Promise<readonly CodeBlock[]> {
  const pythons = (await allDocuments()).filter(({ path }) => path === "python/README.md");
  return [...(await blocksOf("ts")), ...pythons.flatMap(codeBlocks).filter(({ language }) => language === "ts")];
}

describe("README and docs", () => {
  it("has a README that can be read", async () => {
    const lines = (await readFile(join(root, "README.md"), "utf8")).split("\n");
    expect(lines.length, "lines of README.md: what is new has its place in docs/").to.be.at.most(400);
  });

  it("has code only in languages that are tested here", async () => {
    for (const { where, language } of (await userDocuments()).flatMap(codeBlocks)) {
      expect(languages, where).to.include(language);
    }
  });

  it("has only snippets that compile, and that run where they say so", async function () {
    this.timeout(180_000);
    const snippets = await typeScriptBlocks();
    expect(snippets).to.have.length.greaterThan(3);
    // Within the project, so that packages, and the package by its own name, resolve.
    const directory = await mkdtemp(join(root, "test", ".documents-"));
    try {
      await symlink(join(root, "test/message/gen"), join(directory, "gen"));
      const files = snippets.map(({ where }) => join(directory, `${where.replaceAll(/\W+/g, "-")}.ts`));
      await Promise.all(snippets.map(({ code }, index) => writeFile(files[index] as string, code)));
      const config = {
        extends: "../../tsconfig.ai-sdk.json",
        compilerOptions: { noUnusedLocals: false },
        include: ["*.ts"],
        exclude: [],
      };
      await writeFile(join(directory, "tsconfig.json"), JSON.stringify(config));
      await execute("node_modules/typescript/bin/tsc", "--project", directory);
      for (const [index, { where, marker }] of snippets.entries()) {
        expect(["compile", "run"], `the marker before ${where}`).to.include(marker);
        if (marker === "run") {
          await execute("--import=tsx", files[index] as string);
        }
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("shows the message type of the tests", async () => {
    const shown = await blocksOf("proto");
    expect(shown).to.have.length.greaterThan(0);
    const proto = await readFile(join(root, "test/message/proto/acme/v1/order.proto"), "utf8");
    for (const { where, code } of shown) {
      expect(code, where).to.equal(proto);
    }
  });

  it("shows Python that is in the examples", async () => {
    const snippets = await blocksOf("python");
    expect(snippets).to.have.length.greaterThan(1);
    for (const { where, marker: file, code } of snippets) {
      expect(file, `the marker before ${where}`).to.match(/^examples\//);
      // In that order, though there is more in between: the examples run in test/examples/python-peer-node.test.ts.
      const source = (await readFile(join(root, file), "utf8")).split("\n").map((line) => line.trim());
      let from = 0;
      for (const line of code.split("\n").map((text) => text.trim())) {
        const at = line === "" ? from : source.indexOf(line, from) + 1;
        expect(at, `${where}: ${file} has, after line ${from}: ${line}`).to.be.greaterThan(line === "" ? -1 : 0);
        from = at;
      }
    }
  });

  it("names only npm scripts that exist", async () => {
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    // What the changelog names was there once.
    for (const { path, text } of (await allDocuments()).filter((each) => each.path !== "CHANGELOG.md")) {
      for (const [, name = ""] of text.matchAll(/npm\s+run\s+(?:-s\s+)?([\w:][\w:-]*)/g)) {
        expect(scripts, `${path} names npm run ${name}`).to.have.property(name);
      }
    }
  });

  it("has the benchmarks of one run", async () => {
    const measured = (await userDocuments()).flatMap(({ text }) => text.match(/^Measured on .*$/gm) ?? []);
    expect(measured).to.have.length.greaterThan(1);
    expect([...new Set(measured)]).to.have.length(1);
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
