import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { root } from "../scripts/run.js";
import { allDocuments, type Document } from "./support/documents-node.js";

/** Where a document leads to within the project. */
interface Link {
  /** As it is written. */
  readonly target: string;
  /** The file or folder, within the project. */
  readonly path: string;
  /** Empty where it has none. */
  readonly anchor: string;
}

/** A document without its code, in which nothing is a link or a heading. */
function withoutCode(text: string): string {
  return text.replaceAll(/^ *(`{3,}|~{3,})[\s\S]*?^ *\1 *$/gm, "").replaceAll(/<!--[\s\S]*?-->/g, "");
}

function linksOf({ path, text }: Document): readonly Link[] {
  const inProse = withoutCode(text).replaceAll(/(?<!\[)`[^`\n]*`/g, "");
  const written = [
    ...inProse.matchAll(/\]\(\s*([^)\s]+)[^)]*\)|^\[[^\]]+\]:\s*(\S+)|(?:src|srcset|href)="([^"\s]+)/gm),
  ];
  return written
    .map(([, inline, reference, attribute]) => inline ?? reference ?? attribute ?? "")
    .filter((target) => !/^[a-z]+:/i.test(target))
    .map((target) => {
      const [file = "", anchor = ""] = target.split("#");
      return { target, path: file === "" ? path : normalize(join(dirname(path), file)), anchor };
    });
}

/** The anchors of a document's headings, as the places that show repositories make them. */
function anchorsOf({ text }: Document): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutCode(text).matchAll(/^#{1,6} +(.+)$/gm)) {
    const slug = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) {
      anchor = `${slug}-${count}`;
    }
    anchors.add(anchor);
  }
  return anchors;
}

describe("the links of the documents", () => {
  it("lead to files and headings that are there", async () => {
    const documents = await allDocuments();
    const anchors = new Map(documents.map((document) => [document.path, anchorsOf(document)]));
    const links = documents.flatMap((document) => linksOf(document).map((link) => ({ from: document.path, ...link })));
    expect(links).to.have.length.greaterThan(50);
    const broken = links.filter(
      ({ path, anchor }) =>
        path.startsWith("..") ||
        !existsSync(join(root, path)) ||
        (anchor !== "" && anchors.get(path)?.has(anchor) !== true),
    );
    expect(broken.map(({ from, target }) => `${from}: ${target}`)).to.deep.equal([]);
  });

  it("lead from the README to each document of docs/", async () => {
    const documents = await allDocuments();
    const readme = documents.find(({ path }) => path === "README.md") as Document;
    const linked = new Set(linksOf(readme).map(({ path }) => path));
    const inDocs = documents.map(({ path }) => path).filter((path) => path.startsWith("docs/"));
    expect(inDocs).to.have.length.greaterThan(5);
    expect(inDocs.filter((path) => !linked.has(path))).to.deep.equal([]);
  });
});
