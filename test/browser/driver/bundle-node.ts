import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import { root } from "../../../scripts/run.js";

const page = join(root, "test/browser/page");

/** The tests that run in browsers too: all but those that are named for Node. */
async function neutralTests(): Promise<readonly string[]> {
  const files = await readdir(join(root, "test"), { recursive: true });
  return files.filter((name) => /(?<!-node)\.test\.ts$/.test(name)).sort();
}

/** What is bundled: the code, and where each part of it comes from. */
export interface Bundle {
  readonly code: string;
  readonly sourceMap: string;
}

/** Bundles the tests for browsers, with what has to stand in there for Node. Rejects where they need more of it. */
export async function bundleTests(): Promise<Bundle> {
  const tests = await neutralTests();
  const entry = [
    'import "./start.js";',
    ...tests.map((name) => `import ${JSON.stringify(`../../${name}`)};`),
    'import { runTests } from "./report.js";',
    "void runTests();",
  ].join("\n");
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: page, sourcefile: "entry.ts" },
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    keepNames: true,
    sourcemap: "external",
    outfile: join(root, "tests.js"),
    write: false,
    logLevel: "silent",
    // The package says of itself that its files do nothing but export. Its tests do.
    ignoreAnnotations: true,
    plugins: [standIns, forPages],
  });
  const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  return { code: textOf(".js"), sourceMap: textOf(".js.map") };
}

/**
 * In the place of a file that is named for Node comes the one in test/browser/page/stand-ins that has its name without
 * that. One of test/support that has none there is called by way of the runner: its functions must take and return
 * what JSON can say.
 */
const standIns: Plugin = {
  name: "stand-ins",
  setup({ onResolve, onLoad }) {
    const own = readdir(join(page, "stand-ins"));
    onResolve({ filter: /^mocha$/ }, () => ({ path: join(page, "mocha.ts") }));
    onResolve({ filter: /^node:/ }, ({ path, importer }) => ({
      errors: [{ text: `${relative(root, importer)} imports ${path}: a test that needs Node is named *-node.test.ts` }],
    }));
    onResolve({ filter: /-node\.js$/ }, async ({ path, resolveDir, importer }) => {
      const file = join(resolveDir, path.replace(/\.js$/, ".ts"));
      const name = basename(file).replace(/-node\.ts$/, ".ts");
      if ((await own).includes(name)) {
        return { path: join(page, "stand-ins", name) };
      }
      if (dirname(file) === join(root, "test/support")) {
        return { path: file, namespace: "remote" };
      }
      const text = `${relative(root, importer)} imports ${path}, and nothing stands in for that in browsers`;
      return { errors: [{ text: `${text}: a test that needs Node is named *-node.test.ts` }] };
    });
    onLoad({ filter: /.*/, namespace: "remote" }, async ({ path }) => {
      const names = (await readFile(path, "utf8")).matchAll(/^export function (\w+)/gm);
      const file = JSON.stringify(relative(root, path));
      const functions = Array.from(
        names,
        ([, name]) => `export const ${name} = (...args) => call("support", { file: ${file}, name: "${name}", args });`,
      );
      return { contents: `import { call } from "./remote.js";\n${functions.join("\n")}\n`, resolveDir: page };
    });
  },
};

/** In the place of a file of which package.json says so comes what pages get: bundlers do the same to the package. */
const forPages: Plugin = {
  name: "for-pages",
  setup({ onResolve }) {
    const { browser } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly browser: Readonly<Record<string, string>>;
    };
    const source = (file: string) => join(root, file.replace("./dist/", "").replace(/\.js$/, ".ts"));
    const inPages = new Map(Object.entries(browser).map(([from, to]) => [source(from), source(to)]));
    onResolve({ filter: /^\..*\.js$/ }, ({ path, resolveDir }) => {
      const file = inPages.get(join(resolveDir, path.replace(/\.js$/, ".ts")));
      return file === undefined ? undefined : { path: file };
    });
  },
};
