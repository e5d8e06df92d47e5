/**
 * Looks for inputs that bring about what none may: `npm run fuzz -- --seconds 60`. Whatever it finds is written to a file,
 * which `--replay` tries again. CONTRIBUTING.md says more.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Progress as ProgressLine } from "../../bench/harness/progress.js";
import { targetOfFile } from "./corpus.js";
import { type Finding, saveFinding, signatureOf } from "./finding.js";
import type { Order, Progress } from "./messages.js";
import { report } from "./report.js";
import { supervise } from "./supervisor.js";
import { targets } from "./targets/all.js";

const names = targets.map(({ name }) => name);

const help = `Usage: npm run fuzz -- [options]

Tries inputs on everything that takes what a peer sends: made ones, those of test/fuzz/corpus/ and of real peers, and
mutations of those that got to code where none was before. Says how many, and what it found. Fails when it found anything.

  --seconds N     For how long (default 60).
  --seed N        What chance goes by (default: the time). Says it, too.
  --target NAME   Only this one. Several of them pick several.
  --replay FILE   Tries the input in a file again, that of a finding say, and nothing else.
  --keep          Checks in what got further than all before: writes test/fuzz/corpus/.
  --help          Says this.

Targets:
${targets.map(({ name, about }) => `  ${name.padEnd(18)} ${about}`).join("\n")}
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const given = readArguments();
  if (typeof given === "number") {
    return given;
  }
  const interrupt = new AbortController();
  process.on("SIGINT", () => interrupt.abort());
  process.on("SIGTERM", () => interrupt.abort());
  const line = new ProgressLine();
  const findings: Finding[] = [];
  const found = (finding: Finding) => {
    if (!findings.some((other) => signatureOf(other) === signatureOf(finding))) {
      findings.push(finding);
      line.clear();
      const file = given.replay === undefined ? `\n  ${saveFinding(finding)}` : "";
      const why = finding.why.split("\n").slice(0, 6).join("\n  ");
      console.error(`${finding.target}: ${finding.kind}: ${why}${file}`);
    }
  };
  const started = performance.now();
  const progress = (now: Progress, at: string) => {
    const seconds = Math.round((performance.now() - started) / 1_000);
    const tried = now.figures.reduce((sum, figures) => sum + figures.tried, 0);
    line.step(`${seconds} s, ${tried} inputs, ${now.coveredBlocks} blocks, ${findings.length} findings: ${at}`);
  };
  const replayed = (outcome: string) => {
    if (findings.length === 0) {
      console.log(`nothing is wrong with it: ${outcome}`);
    }
  };
  if (given.replay === undefined) {
    console.error(`seed ${given.seed}, ${given.seconds} s`);
  }
  const all = await supervise(given, { found, progress, replayed }, interrupt.signal);
  line.clear();
  if (given.replay !== undefined) {
    return findings.length === 0 ? 0 : 1;
  }
  const { lines, ok } = report(all, findings, (performance.now() - started) / 1_000);
  console.log(lines.join("\n"));
  return ok ? (interrupt.signal.aborted ? 130 : 0) : 1;
}

/** Reads what the command line says, or gives the exit code where there is nothing to do. */
function readArguments(): Omit<Order, "trying"> | number {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: "string", default: "60" },
        seed: { type: "string", default: String(Date.now() % 1_000_000_007) },
        target: { type: "string", multiple: true, default: [] },
        replay: { type: "string" },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(help);
      return 0;
    }
    const unknown = values.target.find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new Error(`--target is ${JSON.stringify(unknown)}, and must be one of ${names.join(", ")}`);
    }
    const picked = values.target.length === 0 ? names : values.target;
    const replay = values.replay === undefined ? undefined : readReplay(values.replay, values.target);
    return {
      seconds: readNumber("seconds", values.seconds),
      seed: readNumber("seed", values.seed),
      targets: replay === undefined ? picked : [replay.target],
      keep: values.keep,
      replay,
    };
  } catch (error) {
    console.error(`error: ${(error as Error).message}\n\n${help}`);
    return 2;
  }
}

function readReplay(file: string, picked: readonly string[]): NonNullable<Order["replay"]> {
  const target = picked[0] ?? targetOfFile(file);
  if (target === undefined || !names.includes(target)) {
    throw new Error(`the name of ${file} says no target; give --target`);
  }
  return { target, base64: readFileSync(file).toString("base64") };
}

function readNumber(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0 && number < Number.POSITIVE_INFINITY)) {
    throw new Error(`--${name} is ${JSON.stringify(text)}, and must be a positive number`);
  }
  return number;
}
