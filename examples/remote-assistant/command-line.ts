import { parseArgs } from "node:util";
import { Code, formatStatus, StatusError } from "crossbus";

/** The options that a command takes: their names, what stands for their value, and what they are for. */
export type OptionHelp = Readonly<Record<string, { readonly value?: string; readonly help: string }>>;

/** Reads the command line. Prints help and exits where it is asked for, or where the command line is wrong. */
export function readOptions<Help extends OptionHelp>(
  command: string,
  purpose: string,
  help: Help,
): { readonly [Name in keyof Help]?: string | boolean } {
  const known: OptionHelp = { ...help, help: { help: "shows this" } };
  try {
    const { values } = parseArgs({
      options: Object.fromEntries(
        Object.entries(known).map(([name, { value }]) => [name, { type: value === undefined ? "boolean" : "string" }]),
      ),
    });
    if (values["help"] === true) {
      const lines = Object.entries(known).map(
        ([name, option]) => `  ${`--${name} ${option.value ?? ""}`.padEnd(18)} ${option.help}`,
      );
      console.log(`${purpose}\n\nUsage: npm run ${command} -- [options]\n\n${lines.join("\n")}`);
      process.exit(0);
    }
    return values as { readonly [Name in keyof Help]?: string | boolean };
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)} (see --help)`);
    process.exit(2);
  }
}

/** Makes the text of somebody else fit for a terminal, which obeys control characters. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => (character === "\n" ? " " : "\ufffd"));
}

/** Reads a port number. Throws INVALID_ARGUMENT. */
export function readPort(text: string | boolean): number {
  if (typeof text !== "string" || !/^\d{1,5}$/.test(text)) {
    throw new StatusError(
      Code.INVALID_ARGUMENT,
      `--port: must be a number from 0 to 65535, got ${JSON.stringify(text)}`,
    );
  }
  return Number(text);
}

/** Runs a command. An error that is a status is shown in one line, and the process exits with 1. */
export async function main(run: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await run();
  } catch (error) {
    if (!(error instanceof StatusError)) {
      throw error;
    }
    console.error(`error: ${formatStatus(error)}`);
    process.exitCode = error.code === Code.INVALID_ARGUMENT ? 2 : 1;
  }
}
