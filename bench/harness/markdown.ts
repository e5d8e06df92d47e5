import { type Report, show } from "./report.js";
import type { Row } from "./result.js";

/**
 * How what was measured stands to what was to be reached, for the README, and all that was measured, for
 * `docs/performance.md`: each below a line that says where it goes. Both are of one run, and say of which.
 */
export function toMarkdown(report: Report): string {
  return ["<!-- README.md -->", forReadme(report), "<!-- docs/performance.md -->", forDetails(report)].join("\n\n");
}

function forReadme({ date, machine, ratios }: Report): string {
  const parts = [measuredOn(date, machine)];
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
  return parts.join("\n\n");
}

function forDetails({ date, machine, rows, skipped }: Report): string {
  return [
    measuredOn(date, machine),
    table(["workload", "what", "who", "median", "quartiles", "p99", "CPU", "allocated"], rows.map(toCells)),
    ...skipped.map((each) => `Left out of \`${each.workload}\`: ${each.contestant}, because ${each.skipped}.`),
  ].join("\n\n");
}

function measuredOn(date: string, machine: string): string {
  return `Measured on ${date}: ${machine}.`;
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
