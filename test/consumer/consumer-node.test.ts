import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { root, run } from "../../scripts/run.js";

/** The folders, in node_modules, of the oldest and the newest TypeScript that users may have. */
const compilers = ["typescript-oldest", "typescript-newest"];

/** As strict as a user may be, and with the types that we publish checked too. */
const compilerOptions = {
  target: "ES2022",
  lib: ["ES2022", "DOM"],
  outDir: "out",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
};

const projects = {
  "in Node, resolved like Node": {
    files: ["node.ts"],
    module: "NodeNext",
    moduleResolution: "NodeNext",
    types: ["node"],
  },
  "in Node, resolved like a bundler": {
    files: ["node.ts"],
    module: "ESNext",
    moduleResolution: "Bundler",
    types: ["node"],
  },
  "in a browser": { files: ["browser.ts", "own-message.ts"], module: "ESNext", moduleResolution: "Bundler", types: [] },
};

describe("the package, packed and installed in an empty project", function () {
  this.timeout(240_000);
  let project = "";

  before(async () => {
    project = await mkdtemp(join(tmpdir(), "crossbus-consumer-"));
    await cp(join(root, "test/consumer/sample"), project, { recursive: true });
    await writeFile(join(project, "package.json"), JSON.stringify({ type: "module", private: true }));
    await succeed("npm", ["pack", "--pack-destination", project], root);
    const tarball = (await readdir(project)).find((name) => name.endsWith(".tgz")) ?? "";
    const pinned = await Promise.all([...(await dependencies()), "@types/node"].map(withVersion));
    await succeed("npm", ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", `./${tarball}`, ...pinned]);
    await succeed("buf", ["generate"]);
  });

  after(() => rm(project, { recursive: true, force: true }));

  for (const compiler of compilers) {
    for (const [name, { files, ...options }] of Object.entries(projects)) {
      it(`compiles under ${compiler.replace("-", ", the ")}, ${name}`, () =>
        compile(compiler, files, { ...options, noEmit: true }));
    }

    it(`runs when compiled by ${compiler.replace("-", ", the ")}, with a message of the user's own`, async () => {
      const { files, ...options } = projects["in Node, resolved like Node"];
      await compile(compiler, files, options);
      const output = JSON.parse(await succeed(process.execPath, ["out/node.js"]));
      expect(output).to.deep.include({
        typeName: "crossbus.v1.BusMessage",
        isUrgent: true,
        item: "teapot",
        details: "3",
        answer: "ordered: hello",
      });
      expect(output.entries).to.have.lengthOf(6);
      expect(output.entries).not.to.include("", "an entry point exports nothing");
    });
  }

  it("needs no OpenTelemetry, but for tracing, and its types hold as strictly as ours", async () => {
    const installed = await readdir(join(project, "node_modules"));
    expect(installed).to.include("@bufbuild").and.not.include("@opentelemetry");
    const api = await withVersion("@opentelemetry/api");
    await succeed("npm", ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", api]);
    for (const compiler of compilers) {
      await compile(compiler, ["opentelemetry.ts"], {
        ...projects["in Node, resolved like Node"],
        files: undefined,
      });
      expect(await succeed(process.execPath, ["out/opentelemetry.js"])).to.equal("shop true\n");
    }
  });

  it("needs no AI SDK, but for the agent with a language model, who installs it gets that too", async () => {
    const installed = await readdir(join(project, "node_modules"));
    expect(installed).to.include("@bufbuild").and.not.include("ai");
    const sdk = await Promise.all(["ai", "zod"].map(withVersion));
    await succeed("npm", ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", ...sdk]);
    for (const compiler of compilers) {
      // The types of the AI SDK don't hold as strictly.
      const options = { ...projects["in Node, resolved like Node"], files: undefined, skipLibCheck: true };
      await compile(compiler, ["llm.ts"], options);
      expect(await succeed(process.execPath, ["out/llm.js"])).to.equal("assistant false\n");
    }
  });

  it("publishes its .proto files, and neither sources nor tests", async () => {
    const files = await readdir(join(project, "node_modules/crossbus"), { recursive: true });
    expect(files).to.include.members(["LICENSE", "README.md", "CHANGELOG.md", "proto/crossbus/v1/message.proto"]);
    expect(files.filter((file) => /^(src|gen|test|scripts|examples)\b/.test(file))).to.deep.equal([]);
  });

  async function compile(compiler: string, files: readonly string[], options: object): Promise<void> {
    const tsconfig = { compilerOptions: { ...compilerOptions, ...options }, files };
    await writeFile(join(project, "tsconfig.json"), JSON.stringify(tsconfig));
    await succeed(process.execPath, [join(root, "node_modules", compiler, "bin/tsc")]);
  }

  /** Runs a command in the project of the user, and returns what it prints. */
  async function succeed(command: string, args: readonly string[], cwd = project): Promise<string> {
    const { ok, output } = await run(command, args, { cwd });
    expect(ok, `${command} ${args.join(" ")}\n${output}`).to.equal(true);
    return output;
  }
});

/** The names of the packages that come with ours. */
async function dependencies(): Promise<readonly string[]> {
  return Object.keys(JSON.parse(await readFile(join(root, "package.json"), "utf8")).dependencies);
}

/** A package at the version that is installed here, so that npm needn't ask for another. */
async function withVersion(name: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, "node_modules", name, "package.json"), "utf8"));
  return `${name}@${version}`;
}
