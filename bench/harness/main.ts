import { setMaxListeners } from "node:events";
import { parseArgs } from "node:util";
import { buildEnds } from "./build.js";
import { toMarkdown } from "./markdown.js";
import { measure } from "./measure.js";
import { hasPeers, preparePeers } from "./peers.js";
import { Progress } from "./progress.js";
import { toReport, toText } from "./report.js";
import type { Workload } from "./workload.js";

const defaultRounds = 11;

/** Runs workloads as the command line says, and gives the exit code. */
export async function main(workloads: readonly Workload[]): Promise<number> {
  const interrupt = new AbortController();
  // Every process listens.
  setMaxListeners(0, interrupt.signal);
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => interrupt.abort());
  }
  const names = workloads.map(({ name }) => name).join(", ");
  const alone = workloads.filter(({ onlyAlone }) => onlyAlone === true).map(({ name, about }) => `${name} (${about})`);
  const help = `Usage: npm run bench -- [options]

Measures how fast things are, beside others that do the same, as medians of interleaved rounds.

  --only NAME    One workload: ${names}.
                 Without it all are run but ${alone.join(", ")}.
  --rounds N     How many times each has its turn (default ${defaultRounds}).
  --json         Prints JSON, and nothing else, to standard output.
  --markdown     Prints the table of the README.
  --no-install   Installs nothing, and leaves out whose packages are not there.
  --help         Says this.`;
  let values: ReturnType<typeof parse>;
  try {
    values = parse();
  } catch (error) {
    console.error(`error: ${(error as Error).message}\n\n${help}`);
    return 2;
  }
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  const rounds = Number(values.rounds ?? defaultRounds);
  const chosen = workloads.filter(({ name, onlyAlone }) =>
    values.only === undefined ? onlyAlone !== true : name === values.only,
  );
  if (chosen.length === 0) {
    console.error(`error: --only is ${JSON.stringify(values.only)}, and must be one of ${names}`);
    return 2;
  }
  if (!Number.isInteger(rounds) || rounds < 1) {
    console.error(`error: --rounds is ${JSON.stringify(values.rounds)}, and must be a positive integer`);
    return 2;
  }
  const { signal } = interrupt;
  const progress = new Progress();
  try {
    if (values["no-install"] !== true) {
      await preparePeers(signal, progress);
    }
    const withPeers = hasPeers();
    await buildEnds(withPeers);
    const measured = [];
    for (const workload of chosen) {
      const result = await measure(workload, rounds, { signal, hasPeers: withPeers }, progress);
      measured.push(result);
      if (workload.finish !== undefined) {
        console.error(await workload.finish(result.rows));
      }
    }
    const report = toReport(chosen, measured);
    console.log(
      values.json === true
        ? JSON.stringify(report, undefined, 2)
        : values.markdown === true
          ? toMarkdown(report)
          : toText(report),
    );
    return 0;
  } catch (error) {
    progress.clear();
    if (signal.aborted) {
      return 130;
    }
    console.error(error);
    return 1;
  }
}

function parse() {
  return parseArgs({
    options: {
      only: { type: "string" },
      rounds: { type: "string" },
      json: { type: "boolean" },
      markdown: { type: "boolean" },
      "no-install": { type: "boolean" },
      help: { type: "boolean" },
    },
  }).values;
}
