import { parseArgs } from "node:util";
import { Code, type Dialect, type ForwardEntry, formatStatus, PIPECAT_FRAMES, pythonType, StatusError } from "crossbus";

/** What an option is: what stands for its value, whether it may be given more than once, and what it is for. */
export interface OptionInfo {
  readonly value?: string;
  readonly multiple?: true;
  readonly help: string;
}

/** The options that a command takes, by their names. */
export type OptionHelp = Readonly<Record<string, OptionInfo>>;

/** The values of options, as far as they were given. */
export type OptionValues<Help extends OptionHelp> = {
  readonly [Name in keyof Help]?: Help[Name] extends { readonly multiple: true }
    ? readonly string[]
    : Help[Name] extends { readonly value: string }
      ? string
      : boolean;
};

/** Reads the command line. Prints help and exits where it is asked for, or where the command line is wrong. */
export function readOptions<Help extends OptionHelp>(command: string, purpose: string, help: Help): OptionValues<Help> {
  const known: OptionHelp = { ...help, help: { help: "shows this" } };
  try {
    const { values } = parseArgs({
      options: Object.fromEntries(
        Object.entries(known).map(([name, { value, multiple = false }]) => [
          name,
          { type: value === undefined ? "boolean" : "string", multiple },
        ]),
      ),
    });
    if (values["help"] === true) {
      const lines = Object.entries(known).map(
        ([name, option]) => `  ${`--${name} ${option.value ?? ""}`.padEnd(22)} ${option.help}`,
      );
      console.log(`${purpose}\n\nUsage: npm run ${command} -- [options]\n\n${lines.join("\n")}`);
      process.exit(0);
    }
    return values as OptionValues<Help>;
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)} (see --help)`);
    process.exit(2);
  }
}

/** The options of both halves that say what the other half speaks. */
export const dialectHelp = {
  dialect: {
    value: "NAME",
    help: "what the other half speaks if it isn't Crossbus: protobuf, pipecat or pipecat-subagents",
  },
  "peer-version": { value: "V", help: "the release of the Python package that the other half runs, such as 1.14.0" },
  "python-type": { value: "CLASS", multiple: true, help: "a Python class of yours that may cross; may be repeated" },
} as const satisfies OptionHelp;

/** Reads these options: what is spoken, and what may cross. A pipeline in Python wants all its frames back. */
export function readDialect(options: OptionValues<typeof dialectHelp>) {
  const forwardMessages: readonly ForwardEntry[] = [
    ...PIPECAT_FRAMES,
    ...(options["python-type"] ?? []).map(pythonType),
  ];
  return {
    ...(options.dialect === undefined ? {} : { dialect: options.dialect as Dialect }),
    ...(options["peer-version"] === undefined ? {} : { peerVersion: options["peer-version"] }),
    forwardMessages,
  };
}

/** Makes the text of somebody else fit for a terminal, which obeys control characters. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => (character === "\n" ? " " : "\ufffd"));
}

/** Reads a port number. Throws INVALID_ARGUMENT. */
export function readPort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
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
