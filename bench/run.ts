/**
 * Measures how fast things are: `npm run bench -- [--only NAME] [--rounds N] [--json]`.
 *
 * Every workload has several contestants. They take turns within one run, since the machine may be faster one minute
 * than the next, so that only ratios between medians of one run mean something.
 */
import { parseArgs } from "node:util";
import { codecWorkload } from "./codec.js";
import { taskWorkload } from "./task.js";
import type { Measurement, Workload } from "./workload.js";

const workloads: readonly Workload[] = [codecWorkload, taskWorkload];

const help = `Usage: npm run bench -- [options]

Measures how fast things are, as medians of interleaved rounds.

Options:
  --only NAME   one workload: ${workloads.map(({ name }) => name).join(", ")}
  --rounds N    how many times each contestant has its turn (default 15)
  --json        prints JSON instead of a table
  --help        shows this help`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, error } = readArguments();
  if (error !== undefined) {
    console.error(`error: ${error}\n\n${help}`);
    return 2;
  }
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  const rounds = Number(values.rounds ?? 15);
  const chosen = workloads.filter(({ name }) => values.only === undefined || name === values.only);
  if (chosen.length === 0 || !Number.isInteger(rounds) || rounds < 1) {
    const names = workloads.map(({ name }) => name).join(", ");
    console.error(`error: --only must be one of ${names}, and --rounds a positive number`);
    return 2;
  }
  const results: Measurement[] = [];
  for (const workload of chosen) {
    results.push(...(await measure(workload, rounds)));
  }
  console.log(values.json === true ? JSON.stringify(results, undefined, 2) : table(results));
  return 0;
}

function readArguments(): { readonly values: ReturnType<typeof parse>; readonly error?: string } {
  try {
    return { values: parse() };
  } catch (error) {
    return { values: {}, error: (error as Error).message };
  }
}

function parse(): {
  readonly only?: string;
  readonly rounds?: string;
  readonly json?: boolean;
  readonly help?: boolean;
} {
  return parseArgs({
    options: {
      only: { type: "string" },
      rounds: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
  }).values;
}

async function measure(workload: Workload, rounds: number): Promise<readonly Measurement[]> {
  const contestants = await workload.setUp();
  try {
    const samples = contestants.map(({ name }) => ({ name, values: [] as number[], cpu: [] as number[] }));
    // Round 0 warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const [index, contestant] of contestants.entries()) {
        progress(`${workload.name}: round ${round} of ${rounds}, ${contestant.name}`);
        const cpuBefore = process.cpuUsage();
        const start = performance.now();
        await contestant.run();
        const elapsed = performance.now() - start;
        const cpu = process.cpuUsage(cpuBefore);
        if (round > 0) {
          samples[index]?.values.push((elapsed * 1000) / contestant.count);
          samples[index]?.cpu.push((cpu.user + cpu.system) / contestant.count);
        }
      }
    }
    return samples.map(({ name, values, cpu }) => ({
      workload: workload.name,
      contestant: name,
      unit: workload.unit,
      median: quantile(values, 0.5),
      low: quantile(values, 0.25),
      high: quantile(values, 0.75),
      cpu: quantile(cpu, 0.5),
    }));
  } finally {
    progress("");
    for (const contestant of contestants) {
      await contestant.tearDown();
    }
  }
}

function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))] ?? Number.NaN;
}

/** What is going on, on a line of its own that goes again. Nothing where nobody sees it. */
function progress(text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001b[K${text}`);
  }
}

function table(results: readonly Measurement[]): string {
  const rows = results.map(({ workload, contestant, unit, median, low, high, cpu }) => [
    workload,
    contestant,
    `${median.toFixed(1)} ${unit}`,
    `${low.toFixed(1)} to ${high.toFixed(1)}`,
    `${cpu.toFixed(1)} ${unit}`,
  ]);
  const all = [["workload", "contestant", "median", "half of the rounds", "CPU of this process"], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
