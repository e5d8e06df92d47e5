import type { Test } from "mocha";
import type { Direction } from "./live-bridge.js";

interface Row {
  readonly passed: number;
  readonly failed: number;
  readonly ms: number;
}

/** Counts the cases that passed, for each release, codec and direction. */
export class Tally {
  readonly #tests = new Map<string, readonly Test[]>();
  readonly #starts = new Map<string, number>();

  /** Notes how long a peer took to start, in milliseconds. */
  started(release: string, ms: number): void {
    this.#starts.set(release, ms);
  }

  /** Counts a test once it has ended. */
  add(release: string, codec: string, direction: Direction, test: Test): void {
    const key = [release, codec, direction].join("|");
    const tests = this.#tests.get(key) ?? [];
    this.#tests.set(key, [...tests, test]);
  }

  /** Prints the counts as a table, if there are any. */
  print(): void {
    const counted = [...this.#tests].map(([key, tests]) => [key, count(tests)] as const);
    const rows = counted.map(([, row]) => row).filter(({ passed, failed }) => passed + failed > 0);
    if (rows.length === 0) {
      return;
    }
    const lines = [["release", "codec", "direction", "passed", "failed", "seconds"]];
    for (const [key, { passed, failed, ms }] of counted) {
      lines.push([...key.split("|"), String(passed), String(failed), seconds(ms)]);
    }
    for (const [release, ms] of this.#starts) {
      lines.push([release, "", "starting Python", "", "", seconds(ms)]);
    }
    const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
    const starting = [...this.#starts.values()].reduce((total, ms) => total + ms, 0);
    const all = [sum(({ passed }) => passed), sum(({ failed }) => failed)].map(String);
    lines.push(["all", "", "", ...all, seconds(sum(({ ms }) => ms) + starting)]);
    const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
    const format = (cell: string, i: number) => (i < 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0));
    console.log(`\n${lines.map((line) => `  ${line.map(format).join("  ")}`).join("\n")}`);
  }
}

function count(tests: readonly Test[]): Row {
  return {
    passed: tests.filter(({ state }) => state === "passed").length,
    failed: tests.filter(({ state }) => state === "failed").length,
    ms: tests.reduce((total, { duration = 0 }) => total + duration, 0),
  };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
