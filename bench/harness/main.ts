import { setMaxListeners } from "node:events";
import { buildEnds, removeEnds } from "./build.js";
import { readCommandLine, type Wanted } from "./command-line.js";
import { toMarkdown } from "./markdown.js";
import { measure } from "./measure.js";
import { hasPeers, preparePeers } from "./peers.js";
import { Progress } from "./progress.js";
import { type Report, toReport, toText } from "./report.js";
import type { Workload } from "./workload.js";

const formats: Readonly<Record<Wanted["format"], (report: Report) => string>> = {
  text: toText,
  json: (report) => JSON.stringify(report, undefined, 2),
  markdown: toMarkdown,
};

/** Runs workloads as the command line says, and gives the exit code. */
export async function main(workloads: readonly Workload[]): Promise<number> {
  const wanted = readCommandLine(workloads, process.argv.slice(2));
  if ("text" in wanted) {
    (wanted.code === 0 ? console.log : console.error)(wanted.text);
    return wanted.code;
  }
  const interrupt = new AbortController();
  // Every process that is started listens.
  setMaxListeners(0, interrupt.signal);
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => interrupt.abort());
  }
  const progress = new Progress();
  try {
    const report = await run(wanted, interrupt.signal, progress);
    console.log(formats[wanted.format](report));
    return 0;
  } catch (error) {
    progress.clear();
    if (interrupt.signal.aborted) {
      return 130;
    }
    console.error(error);
    return 1;
  } finally {
    await removeEnds();
  }
}

async function run({ workloads, rounds, installs }: Wanted, signal: AbortSignal, progress: Progress): Promise<Report> {
  if (installs) {
    await preparePeers(signal, progress);
  }
  const context = { signal, hasPeers: hasPeers() };
  await buildEnds(context.hasPeers);
  const measured = [];
  for (const workload of workloads) {
    const result = await measure(workload, rounds, context, progress);
    measured.push(result);
    if (workload.finish !== undefined) {
      progress.begin(await workload.finish(result.rows));
      progress.end();
    }
  }
  return toReport(workloads, measured);
}
