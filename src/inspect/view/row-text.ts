import { formatBytes, formatMs, formatRange, formatTime, typeOf } from "./format.js";
import type { Row, Side } from "./row.js";

/** The parts of a row as people see them. */
export interface RowText {
  readonly time: string;
  /** The type, or what became of the connection. */
  readonly type: string;
  /** How many, where there is more than one. */
  readonly times: string;
  /** From whom to whom. */
  readonly route: string;
  readonly size: string;
  /** How long it took, or what holds it up. */
  readonly latency: string;
  /** Why something went wrong. */
  readonly why: string;
  /** All of it in a sentence, for those who hear it. */
  readonly spoken: string;
}

/** Says what a row shows. `hasBoth` says whether there is a tap on both sides, so that arrivals are seen. */
export function rowText(row: Row, names: Readonly<Record<Side, string>>, hasBoth: boolean): RowText {
  const { facts, count, bytes, also } = row;
  const type = facts === undefined ? row.title : typeOf(facts);
  const time = formatTime(row.at);
  const times = count > 1 ? `×${count}` : "";
  const route = facts === undefined ? "" : `${facts.source} → ${facts.target ?? "everyone"}`;
  const size = bytes === undefined ? "" : formatBytes(bytes);
  const latency = row.kind === "crossing" && hasBoth ? latencyOf(row) : "";
  const why = reason(row);
  const spoken = [
    `${time}: ${type}${count > 1 ? `, ${count} times` : ""}`,
    facts === undefined ? "" : `from ${facts.source} to ${facts.target ?? "everyone"}`,
    also === undefined ? place(row, names) : `at ${names.left} and ${names.right}`,
    size,
    latency,
    why,
  ];
  return { time, type, times, route, size, latency, why, spoken: spoken.filter((part) => part !== "").join(", ") };
}

function latencyOf({ count, arrived, lost, quickestMs, slowestMs, isKept }: Row): string {
  if (lost > 0) {
    return `${lost} lost`;
  }
  if (quickestMs === undefined || slowestMs === undefined || (isKept && arrived < count)) {
    return isKept ? "kept" : "on its way";
  }
  return isKept ? `kept ${formatMs(slowestMs)}` : formatRange(quickestMs, slowestMs);
}

function reason({ kind, title, why, facts }: Row): string {
  switch (kind) {
    case "refused":
      return `Refused by the policy (rule ${title}): ${why}`;
    case "trouble":
      return facts === undefined ? why : `${title}: ${why}`;
    default:
      return why;
  }
}

function place({ kind, side, toward }: Row, names: Readonly<Record<Side, string>>): string {
  if (kind === "crossing" && toward !== undefined) {
    return `crosses from ${names[side]} to ${names[toward]}`;
  }
  return kind === "refused" ? `stopped on its way from ${names[side]}` : `at ${names[side]}`;
}
