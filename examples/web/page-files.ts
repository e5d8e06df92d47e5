import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A file that pages load. */
export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array;
}

const types: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** Makes the files of the page, in memory: what they are made of is TypeScript, and this package. */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const { outputFiles } = await build({
    absWorkingDir: path("../.."),
    entryPoints: {
      page: path("page/main.ts"),
      "capture-worklet": path("page/capture-worklet.ts"),
      style: path("page/style.css"),
    },
    outdir: path("page"),
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "silent",
    write: false,
  });
  const files = new Map<string, PageFile>();
  const put = (name: string, body: Uint8Array) => {
    files.set(`/${name}`, { type: types[name.split(".").at(-1) ?? ""] ?? "application/octet-stream", body });
  };
  for (const file of outputFiles) {
    put(file.path.split(/[\\/]/).at(-1) ?? "", file.contents);
  }
  put("icon.svg", await readFile(path("page/icon.svg")));
  return files;
}

/** The page itself, into which what it has to know is put. */
export async function pageTemplate(): Promise<(config: object) => string> {
  const html = await readFile(path("page/index.html"), "utf8");
  return (config) => {
    // Within a script element nothing but `<` could end it.
    const json = JSON.stringify(config).replaceAll("<", "\\u003c");
    return html.replace(">null<", () => `>${json}<`);
  };
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
