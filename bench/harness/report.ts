import { cpus } from "node:os";
import type { Measured } from "./measure.js";
import type { Find, Outcome, Row, Skipped } from "./result.js";
import type { Workload } from "./workload.js";

/** All that a run has come to. */
export interface Report {
  readonly date: string;
  readonly machine: string;
  readonly rows: readonly Row[];
  readonly ratios: readonly Outcome[];
  readonly skipped: readonly Skipped[];
}

export function toReport(workloads: readonly Workload[], measured: readonly Measured[]): Report {
  const rows = measured.flatMap((each) => each.rows);
  const find: Find = (workload, what, contestant) =>
    rows.find((row) => row.workload === workload && row.case === what && row.contestant === contestant);
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, ${process.platform}, Node ${process.versions.node}`,
    rows,
    ratios: workloads.flatMap(({ targets }) =>
      targets.flatMap(({ workload, name, must, aim, value }) => {
        const found = value(find);
        return found === undefined || Number.isNaN(found)
          ? []
          : [
              {
                workload,
                name,
                value: found,
                ...(must !== undefined && { must, met: isMet(found, must) }),
                ...(aim !== undefined && { aim, aimMet: isMet(found, aim) }),
              },
            ];
      }),
    ),
    skipped: measured.flatMap((each) => each.skipped),
  };
}

/** Whether a figure is as a bound says, which is a sign and a number: `≤ 0.3`, `≥ 3`. */
export function isMet(value: number, bound: string): boolean {
  const limit = Number.parseFloat(bound.slice(1));
  switch (bound[0]) {
    case "≤":
      return value <= limit;
    case "≥":
      return value >= limit;
    default:
      throw new Error(`${bound} is no bound`);
  }
}

/** What people read on a terminal. */
export function toText({ date, machine, rows, ratios, skipped }: Report): string {
  const parts = [
    `${date}, ${machine}`,
    columns([
      ["workload", "what", "who", "median", "quartiles", "p99", "a second", "CPU", "allocated"],
      ...rows.map((row) => [
        row.workload,
        row.case,
        row.contestant,
        `${show(row.median)} ${row.unit}`,
        `${show(row.q1)} to ${show(row.q3)}`,
        row.p99 === undefined ? "" : `${show(row.p99)} µs`,
        row.perSecond === undefined ? "" : Math.round(row.perSecond).toLocaleString("en"),
        row.cpu === undefined ? "" : `${show(row.cpu)} µs`,
        row.bytes === undefined ? "" : `${Math.round(row.bytes).toLocaleString("en")} B`,
      ]),
    ]),
  ];
  if (ratios.length > 0) {
    parts.push(
      columns([
        ["workload", "figure", "is", "must", "aim", ""],
        ...ratios.map(({ workload, name, value, must = "", aim = "", met, aimMet }) => [
          workload,
          name,
          show(value),
          must,
          aim,
          verdict(met, aimMet),
        ]),
      ]),
    );
  }
  if (skipped.length > 0) {
    parts.push(
      skipped
        .map((each) => `${each.workload}, ${each.case}: ${each.contestant} was left out: ${each.skipped}`)
        .join("\n"),
    );
  }
  return parts.join("\n\n");
}

/** A number with three digits that count. */
export function show(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toFixed(digits);
}

function verdict(met: boolean | undefined, aimMet: boolean | undefined): string {
  const must = met === undefined ? [] : [met ? "reached" : "missed"];
  const aim = aimMet === undefined || met === false ? [] : [aimMet ? "aim reached" : "aim missed"];
  return [...must, ...aim].join(", ");
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
