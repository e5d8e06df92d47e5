import { parseArgs } from "node:util";
import { Progress } from "../../bench/harness/progress.js";

/** A script that takes a while, and prints figures. */
export interface Command {
  /** How npm calls it. */
  readonly name: string;
  /** What it does, for `--help`. */
  readonly about: string;
  /** Its one option, a positive number: what it is, and its default. */
  readonly option?: { readonly name: string; readonly about: string; readonly default: number };
  /** Does it with that number. Resolves with what to print, and whether all is as it should be. */
  run(number: number, context: CommandContext): Promise<{ readonly lines: readonly string[]; readonly ok: boolean }>;
}

/** What a script is given. */
export interface CommandContext {
  /** Aborts with Ctrl-C. */
  readonly signal: AbortSignal;
  /** Says how far it is. */
  progress(text: string): void;
}

/** Runs a script as the command line says, and sets the exit code of the process. */
export async function runCommand(command: Command): Promise<void> {
  process.exitCode = await main(command);
}

async function main({ name, about, option, run }: Command): Promise<number> {
  const help = [
    `Usage: npm run ${name}${option === undefined ? "" : " -- [options]"}\n\n${about}\n`,
    ...(option === undefined ? [] : [`  --${option.name} N   ${option.about} (default ${option.default}).`]),
    `  --help${" ".repeat((option?.name.length ?? 0) + 1)}Says this.`,
  ].join("\n");
  let values: Readonly<Record<string, unknown>>;
  try {
    values = parseArgs({
      options: {
        help: { type: "boolean" },
        ...(option === undefined ? {} : { [option.name]: { type: "string" as const } }),
      },
    }).values;
  } catch (error) {
    console.error(`error: ${(error as Error).message}\n\n${help}`);
    return 2;
  }
  if (values["help"] === true) {
    console.log(help);
    return 0;
  }
  const given = option === undefined ? undefined : values[option.name];
  const number = Number(given ?? option?.default ?? 1);
  if (!(number > 0 && number < Number.POSITIVE_INFINITY)) {
    console.error(`error: --${option?.name} is ${JSON.stringify(given)}, and must be a positive number`);
    return 2;
  }
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => interrupt.abort());
  }
  const progress = new Progress();
  try {
    const { lines, ok } = await run(number, { signal: interrupt.signal, progress: (text) => progress.step(text) });
    progress.clear();
    console.log(lines.join("\n"));
    return ok ? 0 : 1;
  } catch (error) {
    progress.clear();
    if (interrupt.signal.aborted) {
      return 130;
    }
    console.error(error);
    return 1;
  }
}
