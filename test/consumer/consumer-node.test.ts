import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { build } from "esbuild";
import { after, before, describe, it } from "mocha";
import type { Browser } from "playwright-core";
import { build as buildByVite } from "vite";
import { root, run } from "../../scripts/run.js";
import { launchChromium, requireChromium } from "../browser/driver/chromium-node.js";
import { startEcho } from "../browser/driver/echo-server-node.js";
import { pageWith, servePages } from "../browser/driver/page-server-node.js";

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

/** What is in the code for sockets like those of `ws` alone, which bundles for pages leave out. */
const onlyOfWs = "nodebuffer";

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
  "in a browser": {
    files: ["browser.ts", "own-message.ts", "page.ts"],
    module: "ESNext",
    moduleResolution: "Bundler",
    types: [],
  },
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
      expect(output.entries).to.have.lengthOf(8);
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

  describe("in a page", () => {
    let chromium: Browser | undefined;
    before(async function () {
      requireChromium(this);
      chromium = await launchChromium();
      await writeFile(join(project, "index.html"), pageWith('<script type="module" src="/page.ts"></script>'));
    });
    after(() => chromium?.close());

    const asScript = pageWith('<script src="/page.js"></script>');
    const asModule = pageWith('<script type="module" src="/page.js"></script>');

    for (const [how, html, options] of [
      ["bundled by esbuild for browsers, as a script", asScript, { format: "iife", platform: "browser" }],
      ["bundled as a plain module", asModule, { format: "esm", platform: "neutral" }],
    ] as const) {
      it(`talks to a listener in Node: ${how}`, async () => {
        const { format, platform } = options;
        // A script can't await at its top level.
        const source = (await readFile(join(project, "page.ts"), "utf8")).replaceAll(
          /^await /gm,
          format === "iife" ? "void " : "await ",
        );
        const { outputFiles } = await build({
          stdin: { contents: source, resolveDir: project, loader: "ts", sourcefile: "page.ts" },
          absWorkingDir: project,
          bundle: true,
          write: false,
          format,
          platform,
          // What a bundler for nobody in particular has to be told: what everybody calls these.
          ...(platform === "neutral" ? { mainFields: ["browser", "module", "main"] } : {}),
        });
        const code = outputFiles[0]?.text ?? "";
        // One for nobody in particular doesn't go by the map in the field "browser". What comes out works all the same.
        expect(code.includes(onlyOfWs)).to.equal(platform === "neutral");
        await talks({ "/": html, "/page.js": code });
      });
    }

    it("talks to a listener in Node: built by Vite", async () => {
      await buildByVite({ root: project, logLevel: "silent", build: { target: "es2022", emptyOutDir: true } });
      const built = join(project, "dist");
      const names = (await readdir(built, { recursive: true })).filter((name) => /\.(html|js)$/.test(name));
      const files = names.map(async (name): Promise<[string, string]> => {
        return [name === "index.html" ? "/" : `/${name}`, await readFile(join(built, name), "utf8")];
      });
      const texts = Object.fromEntries(await Promise.all(files));
      expect(Object.values(texts).join("")).to.not.include(onlyOfWs);
      await talks(texts);
    });

    /** Opens the page, which has nothing of Node's, and talks to its agent's peer in Node. */
    async function talks(files: Readonly<Record<string, string>>): Promise<void> {
      for (const [name, text] of Object.entries(files)) {
        expect(text, `${name} imports what only Node has`).to.not.match(/["']node:|require\(["']ws["']\)/);
      }
      await using pages = await servePages(files);
      await using server = await startEcho({ origins: [pages.origin] });
      const page = await (chromium as Browser).newPage();
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      await page.goto(`${pages.origin}/?server=${encodeURIComponent(server.address)}`);
      await page.waitForFunction(() => (globalThis as unknown as { events?: string[] }).events?.includes("ready"));
      const shims = await page.evaluate(() => ["process", "Buffer", "global"].filter((name) => name in globalThis));
      expect(shims).to.deep.equal([]);
      await page.evaluate(() => (globalThis as unknown as { say(text: string): void }).say("hello"));
      await page.waitForFunction(() =>
        (globalThis as unknown as { events: string[] }).events.includes("echo of hello"),
      );
      expect(problems).to.deep.equal([]);
      await page.close();
    }
  });

  it("publishes its .proto files and documents, and neither sources nor tests", async () => {
    const files = await readdir(join(project, "node_modules/crossbus"), { recursive: true });
    expect(files).to.include.members(["LICENSE", "README.md", "CHANGELOG.md", "proto/crossbus/v1/message.proto"]);
    expect(files).to.include.members(
      (await readdir(join(root, "docs"))).filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`),
    );
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
