import type { Finding } from "./finding.js";
import type { Figures, Progress } from "./messages.js";

/** By how much the heap may grow over a run, in bytes, for it to count as the noise of compilers and caches. */
const maxGrowth = 33_554_432;

/** The figures of a run, and whether all is as it should be. */
export function report(
  all: readonly Progress[],
  findings: readonly Finding[],
  seconds: number,
): { readonly lines: readonly string[]; readonly ok: boolean } {
  const table = [
    ["target", "inputs", "a second", "kept", "new blocks", "slowest", "crashes", "hangs", "heap"],
    ...together(all).map((figures) => row(figures, findings)),
  ];
  const { length: hangs } = findings.filter(({ kind }) => kind === "hang");
  const tried = together(all).reduce((sum, figures) => sum + figures.tried, 0);
  const blocks = all.map(({ coveredBlocks, knownBlocks }) => `${coveredBlocks} of ${knownBlocks}`).join(", ");
  const heaps = all.flatMap(({ heap }) => heap ?? []);
  const growth = Math.max(0, ...heaps.map(({ first, last }) => last - first));
  const isGrown = growth > maxGrowth;
  return {
    ok: findings.length === 0 && !isGrown,
    lines: [
      ...aligned(table),
      "",
      `${tried} inputs in ${seconds.toFixed(0)} s; ${findings.length - hangs} crashes, ${hangs} hangs`,
      `blocks of src/ and gen/ that have run: ${blocks}, of the functions that were compiled`,
      ...heaps.map(
        ({ first, last, most }) =>
          `heap and buffers after a collection: ${inMiB(first)} MiB in the second round, ${inMiB(last)} MiB last, ` +
          `${inMiB(most)} MiB at most`,
      ),
      isGrown
        ? `the heap has grown by ${inMiB(growth)} MiB, which is more than ${inMiB(maxGrowth)}`
        : "the heap is flat",
    ],
  };
}

function row(
  { target, tried, kept, newBlocks, slowestMs, seconds, heapGrowth }: Figures,
  findings: readonly Finding[],
) {
  const own = findings.filter((finding) => finding.target === target);
  const hangs = own.filter(({ kind }) => kind === "hang").length;
  const perSecond = seconds === 0 ? "" : String(Math.round(tried / seconds));
  const numbers = [tried, perSecond, kept, newBlocks, `${Math.round(slowestMs)} ms`, own.length - hangs, hangs];
  return [target, ...numbers.map(String), `${heapGrowth < 0 ? "" : "+"}${inMiB(heapGrowth)} MiB`];
}

/** The figures of several processes, of which each had some of the time. */
function together(all: readonly Progress[]): readonly Figures[] {
  const sums = new Map<string, Figures>();
  for (const figures of all.flatMap((progress) => progress.figures)) {
    const before = sums.get(figures.target);
    sums.set(figures.target, {
      target: figures.target,
      tried: figures.tried + (before?.tried ?? 0),
      seconds: figures.seconds + (before?.seconds ?? 0),
      kept: Math.max(figures.kept, before?.kept ?? 0),
      slowestMs: Math.max(figures.slowestMs, before?.slowestMs ?? 0),
      newBlocks: figures.newBlocks + (before?.newBlocks ?? 0),
      heapGrowth: figures.heapGrowth + (before?.heapGrowth ?? 0),
    });
  }
  return [...sums.values()];
}

function aligned(table: readonly (readonly string[])[]): readonly string[] {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  return table.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
}

function inMiB(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}
