#!/usr/bin/env node
/** The command `crossbus`. */
import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { formatStatus, StatusError } from "../base/status.js";
import { convert } from "./convert.js";

const help = `Usage: crossbus convert --from DIALECT --to DIALECT|json [--tools flat|object]

Reads one encoded bus message from standard input, and writes it in another dialect to standard output.

  --from DIALECT       what it is: protobuf, pipecat (pipecat-ai 1.3 and newer) or pipecat-subagents
  --to DIALECT|json    what it becomes; json is the readable form of Protocol Buffers
  --tools flat|object  the form of a language model's tools in Pipecat JSON: a list until pipecat-ai 1.5 and in
                       pipecat-ai-subagents, an object since 1.6 (default: the form that they came in)
  --help               shows this
  --version            shows the version

Exits with 1 and a status where the message can't be read, or not be carried in the other dialect.

Example: crossbus convert --from pipecat --to json < message.json`;

process.exitCode = await run(process.argv.slice(2));

async function run(args: string[]): Promise<number> {
  let options: { from?: string; to?: string; tools?: string; help?: boolean; version?: boolean };
  let command: string | undefined;
  try {
    const parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        from: { type: "string" },
        to: { type: "string" },
        tools: { type: "string" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
      },
    });
    options = parsed.values;
    command = parsed.positionals[0];
    if (parsed.positionals.length > 1) {
      return misused(`unexpected argument ${JSON.stringify(parsed.positionals[1])}`);
    }
  } catch (error) {
    return misused(error instanceof Error ? error.message : String(error));
  }
  if (options.version === true) {
    console.log(version());
    return 0;
  }
  if (options.help === true) {
    console.log(help);
    return 0;
  }
  if (command !== "convert") {
    return misused(command === undefined ? "which command?" : `unknown command ${JSON.stringify(command)}`);
  }
  const { from, to, tools } = options;
  if (from === undefined || to === undefined) {
    return misused(`${from === undefined ? "--from" : "--to"} is missing`);
  }
  if (process.stdin.isTTY) {
    console.error("reading one message from standard input, to its end (Ctrl-D)");
  }
  try {
    const output = convert(await buffer(process.stdin), { from, to, tools });
    await write(process.stdout.isTTY && to !== "json" ? new Uint8Array([...output, 0x0a]) : output);
    return 0;
  } catch (error) {
    if (error instanceof StatusError) {
      console.error(`error: ${formatStatus(error)}`);
      return 1;
    }
    throw error;
  }
}

function misused(problem: string): number {
  console.error(`error: ${problem} (see crossbus --help)`);
  return 2;
}

function version(): string {
  // Built code is two folders further down.
  for (const up of ["../../package.json", "../../../package.json"]) {
    try {
      const found: { name?: string; version?: string } = JSON.parse(readFileSync(new URL(up, import.meta.url), "utf8"));
      if (found.name === "crossbus" && found.version !== undefined) {
        return found.version;
      }
    } catch {
      // Not there.
    }
  }
  return "unknown";
}

/** Resolves once all is written. A reader that has gone away is no failure of this command. */
function write(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") {
        resolve();
      } else {
        reject(error);
      }
    });
    process.stdout.write(bytes, () => resolve());
  });
}
