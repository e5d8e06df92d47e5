import { parseArgs } from "node:util";
import type { Workload } from "./workload.js";

/** What the command line asks for. */
export interface Wanted {
  readonly workloads: readonly Workload[];
  readonly rounds: number;
  readonly format: "text" | "json" | "markdown";
  /** Whether packages may be installed. */
  readonly installs: boolean;
}

/** What the command line has come to where there is nothing to measure: what to print, and the exit code. */
export interface Said {
  readonly code: number;
  readonly text: string;
}

const defaultRounds = 11;

/** Reads the command line, of which there are these workloads to choose from. */
export function readCommandLine(all: readonly Workload[], args: readonly string[]): Wanted | Said {
  const names = all.map(({ name }) => name).join(", ");
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return { code: 2, text: `error: ${(error as Error).message}\n\n${help(all)}` };
  }
  const { only, rounds = String(defaultRounds), json, markdown, "no-install": noInstall } = values;
  if (values.help === true) {
    return { code: 0, text: help(all) };
  }
  const workloads = all.filter(({ name, onlyAlone }) => (only === undefined ? onlyAlone !== true : name === only));
  if (workloads.length === 0) {
    return { code: 2, text: `error: --only is ${JSON.stringify(only)}, and must be one of ${names}` };
  }
  if (!/^[1-9]\d{0,5}$/.test(rounds)) {
    return { code: 2, text: `error: --rounds is ${JSON.stringify(rounds)}, and must be a positive integer` };
  }
  return {
    workloads,
    rounds: Number(rounds),
    format: json === true ? "json" : markdown === true ? "markdown" : "text",
    installs: noInstall !== true,
  };
}

function help(all: readonly Workload[]): string {
  const nameWidth = Math.max(...all.map(({ name }) => name.length));
  const lines = all.map(
    ({ name, about, onlyAlone }) =>
      `  ${name.padEnd(nameWidth)}  ${about}${onlyAlone === true ? " (only by name)" : ""}`,
  );
  return `Usage: npm run bench -- [options]

Measures how fast things are, beside others that do the same, as medians of interleaved rounds.

  --only NAME    One workload. Without it all have their turn.
  --rounds N     How many times each contestant has its turn (default ${defaultRounds}).
  --json         Prints JSON, and nothing else, to standard output.
  --markdown     Prints the tables of README.md and docs/performance.md.
  --no-install   Installs nothing, and leaves out whose packages are not there.
  --help         Says this.

Workloads:
${lines.join("\n")}`;
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
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
