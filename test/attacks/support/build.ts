import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { type BuildContext, context, type Plugin } from "esbuild";
import { applyEdit, type Edit } from "../../../scripts/mutate/guard.js";
import { root } from "../../../scripts/run.js";
import { demoServer, type Program } from "./demo-server.js";

/** Applies changes to the sources, in memory. Returns the new texts by their files. Throws for one that can't be made. */
export async function applyEdits(edits: readonly Edit[]): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const edit of edits) {
    const edited = await applyEdit(edit, texts.get(edit.file) ?? (await readFile(join(root, edit.file), "utf8")));
    if ("problem" in edited) {
      throw new Error(`${edit.file}: ${edited.problem}\n${edit.find}`);
    }
    texts.set(edit.file, edited.mutated);
  }
  return texts;
}

/**
 * Builds the demo's server without some of its defences, in one file with all libraries: that starts several times faster
 * than what loads TypeScript as it is.
 */
export class Builder implements AsyncDisposable {
  readonly #folder: string;
  readonly #context: BuildContext;
  readonly #probe: string;
  readonly #edited: Edited;
  #count = 0;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, server: BuildContext, edited: Edited) {
    this.#folder = folder;
    this.#context = server;
    this.#edited = edited;
    this.#probe = join(folder, "probe.mjs");
  }

  static async create(): Promise<Builder> {
    const folder = await mkdtemp(join(tmpdir(), "crossbus-attacks-"));
    const edited: Edited = { texts: new Map(), missing: new Set() };
    const server = await bundle(demoServer.main, folder, [withEdits(edited)]);
    const builder = new Builder(folder, server, edited);
    try {
      const probe = await bundle("test/attacks/support/probe.ts", folder, []);
      await builder.#write(probe, builder.#probe);
      await probe.dispose();
    } catch (error) {
      await builder[Symbol.asyncDispose]();
      throw error;
    }
    return builder;
  }

  /** Builds the server with changes. One at a time, however often it is called. */
  build(edits: readonly Edit[]): Promise<Program> {
    const built = this.#last.then(() => this.#build(edits));
    this.#last = built.catch(() => {});
    return built;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.dispose();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #build(edits: readonly Edit[]): Promise<Program> {
    this.#edited.texts = await applyEdits(edits);
    this.#edited.missing = new Set(this.#edited.texts.keys());
    const main = join(this.#folder, `server-${++this.#count}.mjs`);
    await this.#write(this.#context, main);
    if (this.#edited.missing.size > 0) {
      throw new Error(`no server uses ${[...this.#edited.missing].join(", ")}`);
    }
    return { options: [`--import=${this.#probe}`], main };
  }

  async #write(from: BuildContext, path: string): Promise<void> {
    const { outputFiles = [] } = await from.rebuild();
    await writeFile(path, outputFiles[0]?.contents ?? "");
  }
}

/** The files that are other than they stand on the disk, and those of them that no build has asked for yet. */
interface Edited {
  texts: ReadonlyMap<string, string>;
  missing: Set<string>;
}

function bundle(entry: string, folder: string, plugins: Plugin[]): Promise<BuildContext> {
  return context({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: folder,
    write: false,
    bundle: true,
    plugins,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    target: "es2022",
    tsconfig: "tsconfig.json",
    logLevel: "silent",
    // Some libraries ask for modules of Node's in a way that modules of JavaScript don't know.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
}

/** Has files read as they are changed. */
function withEdits(edited: Edited): Plugin {
  return {
    name: "edits",
    setup({ onLoad }) {
      onLoad({ filter: /\.[jt]s$/ }, ({ path }) => {
        const file = relative(root, path).split(sep).join("/");
        const contents = edited.texts.get(file);
        edited.missing.delete(file);
        return contents === undefined ? undefined : { contents, loader: file.endsWith(".ts") ? "ts" : "js" };
      });
    },
  };
}
