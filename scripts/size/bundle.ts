import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type ImportKind, type Metafile, type Plugin } from "esbuild";
import { root } from "../run.js";

/** How large something is in bytes, as it is and as it travels. */
export interface Size {
  readonly minified: number;
  readonly gzipped: number;
}

/** What a page loads at once, and what it loads when it asks for it. */
export interface Sizes {
  readonly atOnce: Size;
  readonly later: Size;
}

/** Bundles a page's code for browsers, with the package as it was built in the folder `dist`, and measures what comes out. */
export async function measure(code: string, dist: string): Promise<Sizes> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: code, resolveDir: root, sourcefile: "page.js" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    splitting: true,
    outdir: "out",
    write: false,
    metafile: true,
    // The peers of the package, which are the application's.
    external: ["ai", "@opentelemetry/api"],
    nodePaths: [join(root, "node_modules")],
    plugins: [packageIn(dist)],
  });
  const atOnce = reachable(metafile.outputs, "out/stdin.js", ["import-statement"]);
  const all = reachable(metafile.outputs, "out/stdin.js", ["import-statement", "dynamic-import"]);
  const sizeOf = (isMeant: (name: string) => boolean) => {
    const files = outputFiles.filter(({ path }) => isMeant(path.slice(path.lastIndexOf("out/"))));
    return {
      minified: files.reduce((sum, { contents }) => sum + contents.length, 0),
      gzipped: files.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0),
    };
  };
  return { atOnce: sizeOf((name) => atOnce.has(name)), later: sizeOf((name) => all.has(name) && !atOnce.has(name)) };
}

/** The files that are loaded with one of them, by imports of these kinds. */
function reachable(outputs: Metafile["outputs"], entry: string, kinds: readonly ImportKind[]): ReadonlySet<string> {
  const found = new Set([entry]);
  for (const name of found) {
    for (const { path, kind } of outputs[name]?.imports ?? []) {
      if (kinds.includes(kind as ImportKind) && outputs[path] !== undefined) {
        found.add(path);
      }
    }
  }
  return found;
}

/** Finds the entry points of the package, which its `package.json` says, in the folder that it was built in. */
function packageIn(dist: string): Plugin {
  const { exports, browser, sideEffects } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, { readonly default: string }>>;
    readonly browser: Readonly<Record<string, string>>;
    readonly sideEffects: boolean;
  };
  // What bundlers put into pages in the place of other files.
  const inPages = new Map(Object.entries(browser).map(([from, to]) => [inDist(from), inDist(to)]));
  return {
    name: "package",
    setup({ onResolve }) {
      onResolve({ filter: /^crossbus($|\/)/ }, ({ path }) => {
        const target = exports[path.replace("crossbus", ".")]?.default;
        return target === undefined
          ? { errors: [{ text: `no export ${path}` }] }
          : { path: inDist(target), sideEffects };
      });
      // What is said of the whole package holds for its files too.
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
        const file = join(resolveDir, path);
        return resolveDir.startsWith(dist) ? { path: inPages.get(file) ?? file, sideEffects } : undefined;
      });
    },
  };

  function inDist(target: string): string {
    return target.replace(/^\.\/dist(?=\/)/, dist);
  }
}
