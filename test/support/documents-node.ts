import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../scripts/run.js";

/** A file of Markdown. */
export interface Document {
  /** Within the project. */
  readonly path: string;
  readonly text: string;
}

/** A block of code. */
export interface CodeBlock {
  /** The document and the line that it begins at, for people. */
  readonly where: string;
  /** What the line before it says of how it is tested: `<!-- test: compile -->`. Empty where there is none. */
  readonly marker: string;
  /** Empty where it says none. */
  readonly language: string;
  readonly code: string;
}

const foreign = ["node_modules", "dist", "reports"];

/** All the Markdown of the project. */
export async function allDocuments(folder = ""): Promise<readonly Document[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<readonly Document[]> => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        return entry.name.startsWith(".") || foreign.includes(entry.name) ? [] : allDocuments(path);
      }
      return path.endsWith(".md") ? [{ path, text: await readFile(join(root, path), "utf8") }] : [];
    }),
  );
  return found.flat();
}

/** What tells users about the package: the README and all of `docs/`. */
export async function userDocuments(): Promise<readonly Document[]> {
  return (await allDocuments()).filter(({ path }) => path === "README.md" || path.startsWith("docs/"));
}

/** The blocks of code of a document, however they are written. */
export function codeBlocks({ path, text }: Document): readonly CodeBlock[] {
  const pattern = /(?:<!-- test: (\S+) -->\n)?^( *)(`{3,}|~{3,}) *([^\n]*)\n([\s\S]*?)^ *\3 *$/gm;
  return [...text.matchAll(pattern)].map(
    ({ index, 1: marker = "", 2: indent = "", 4: language = "", 5: code = "" }) => ({
      where: `${path}:${text.slice(0, index).split("\n").length}`,
      marker,
      language: language.trim(),
      code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );
}
