import type { Size, Sizes } from "./bundle.js";
import type { Feature } from "./features.js";

/** A row of the table: what, and its sizes in kB. */
export interface Row {
  readonly name: string;
  readonly numbers: readonly string[];
}

/** How much a number may differ that another Node or another machine has measured, in kB: their zlibs differ. */
const toleranceKb = 0.2;

const head = ["what a page loads", "minified, kB", "min + gzip, kB", "later, kB"] as const;

/** Makes the rows: of what is measured beside the minimal client, what it adds to that. */
export function rowsOf(measured: readonly (readonly [Feature, Sizes])[], minimal: Sizes): readonly Row[] {
  return measured.map(([{ name, beside }, { atOnce, later }]) => {
    const numbers = beside
      ? [...numbersOf(difference(atOnce, minimal.atOnce), "+ "), ""]
      : [...numbersOf(atOnce, ""), later.gzipped === 0 ? "" : kilobytes(later.gzipped)];
    return { name: beside ? `+ ${name}` : name, numbers };
  });
}

function numbersOf({ minified, gzipped }: Size, sign: string): readonly string[] {
  return [`${sign}${kilobytes(minified)}`, `${sign}${kilobytes(gzipped)}`];
}

function difference(a: Size, b: Size): Size {
  return { minified: a.minified - b.minified, gzipped: a.gzipped - b.gzipped };
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}

/** Writes the table in Markdown. */
export function toMarkdown(rows: readonly Row[]): string {
  const cells = [head, ...rows.map(({ name, numbers }) => [name, ...numbers])];
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, i) => (i === 0 ? (row[i] ?? "").padEnd(width) : (row[i] ?? "").padStart(width))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => "-".repeat(width - Math.sign(i)) + (i === 0 ? "" : ":")).join(" | ")} |`;
  const [first = [], ...rest] = cells;
  return [line(first), rule, ...rest.map(line)].join("\n");
}

/** Reads the rows of a table in Markdown. */
export function fromMarkdown(table: string): readonly Row[] {
  const lines = table.trim().split("\n").slice(2);
  return lines.map((text) => {
    const [name = "", ...numbers] = text
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    return { name, numbers };
  });
}

/** Whether a table says what was measured, but for what differs between machines. */
export function isFresh(written: readonly Row[], measured: readonly Row[]): boolean {
  return (
    written.length === measured.length &&
    measured.every(({ name, numbers }, i) => {
      const row = written[i];
      return row?.name === name && numbers.every((number, k) => isNear(row.numbers[k] ?? "", number));
    })
  );
}

function isNear(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => Number(text.replace("+", "")));
  return (a === "") === (b === "") && Math.abs((left ?? 0) - (right ?? 0)) <= toleranceKb + 1e-9;
}
