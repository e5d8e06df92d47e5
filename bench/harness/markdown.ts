import { type Report, show } from "./report.js";
import type { Row } from "./result.js";

/** The tables of the README: what was measured, and how it stands to what was to be reached. */
export function toMarkdown({ date, machine, rows, ratios, skipped }: Report): string {
  const parts = [`Measured on ${date}: ${machine}.`];
  if (ratios.length > 0) {
    parts.push(
      table(
        ["workload", "figure", "is", "to reach", "aim"],
        ratios.map(({ workload, name, value, must = "", aim = "", met, aimMet }) => [
          `\`${workload}\``,
          name,
          `${show(value)}${met === false || (met === undefined && aimMet === false) ? " (missed)" : ""}`,
          must,
          aim,
        ]),
      ),
    );
  }
  parts.push(
    "<details>\n<summary>All that was measured</summary>",
    table(["workload", "what", "who", "median", "quartiles", "p99", "CPU", "allocated"], rows.map(toCells)),
    "</details>",
    ...skipped.map((each) => `Left out of \`${each.workload}\`: ${each.contestant}, because ${each.skipped}.`),
  );
  return parts.join("\n\n");
}

function toCells(row: Row): readonly string[] {
  return [
    `\`${row.workload}\``,
    row.case,
    row.contestant,
    `${show(row.median)} ${row.unit}`,
    `${show(row.q1)}–${show(row.q3)}`,
    row.p99 === undefined ? "" : `${show(row.p99)} µs`,
    row.cpu === undefined ? "" : `${show(row.cpu)} µs`,
    row.bytes === undefined ? "" : `${(row.bytes / 1000).toFixed(1)} kB`,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
