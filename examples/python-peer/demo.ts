/**
 * The demo with Python: `npm run demo:python`. Two conversations, each between a TypeScript and a Python process that
 * are bridged over a WebSocket: a customer in TypeScript with an LLM worker of Pipecat, and a customer with a pipeline
 * of Pipecat with the assistant in TypeScript. What runs in Python is Pipecat as it comes, unmodified.
 */
import { fileURLToPath } from "node:url";
import { Code, StatusError } from "crossbus";
import { main, readOptions } from "../support/command-line.js";
import { type Program, runProcesses, typescript } from "../support/processes.js";
import { findPython } from "./python.js";

const script = ["What do your rocket skates cost?", "Can I return an anvil?", "Thanks, bye!"];
const dialects = ["pipecat", "protobuf"];

await main(async () => {
  const options = readOptions("demo:python", "Has TypeScript and Python processes talk.", {
    dialect: { value: "NAME", help: "what they speak: pipecat (default), Pipecat's own JSON, or protobuf" },
    trace: { help: "shows what crosses the bridge to the Python assistant" },
  });
  const { dialect = "pipecat", trace = false } = options;
  if (!dialects.includes(dialect)) {
    const names = dialects.join(" or ");
    throw new StatusError(Code.INVALID_ARGUMENT, `--dialect: must be ${names}, got ${JSON.stringify(dialect)}`);
  }
  const { command, environment, pipecatVersion } = await findPython();

  const python = (file: string, ...args: readonly string[]): Program => ({
    name: "python",
    command: command(file, "--dialect", dialect, ...args),
    environment,
  });
  const ours = (file: string, ...args: readonly string[]): Program => {
    const path = fileURLToPath(new URL(`../remote-assistant/${file}`, import.meta.url));
    const peer = dialect === "protobuf" ? [] : ["--peer-version", pipecatVersion];
    return { name: "typescript", command: typescript(path, "--dialect", dialect, ...peer, ...args) };
  };
  let answered = 0;
  const customer = (program: Program): Program => {
    let asked = false;
    const onLine = (line: string): void => {
      if (line.startsWith("you: ")) {
        asked = true;
      } else if (asked && line.startsWith("assistant: ")) {
        asked = false;
        answered++;
      }
    };
    return { ...program, input: script, onLine };
  };

  const processes = runProcesses();
  console.log(`Each end has a bus of its own. They speak ${dialect}; Python runs pipecat-ai ${pipecatVersion}.`);
  console.log("\nFirst: a customer in TypeScript, and an LLM worker of Pipecat.\n");
  const first = await processes.converse(python("assistant.py", "--port", "0"), (url) =>
    customer(ours("client.ts", "--url", url, ...(trace ? ["--trace"] : []))),
  );
  if (processes.interrupted) {
    return 0;
  }
  console.log("\nThen: a customer with a pipeline of Pipecat, and the assistant in TypeScript.\n");
  const second = await processes.converse(ours("server.ts", "--port", "0"), (url) =>
    customer(python("customer.py", "--url", url)),
  );
  if (processes.interrupted) {
    return 0;
  }
  const turns = 2 * script.length;
  console.log(`\n${answered} of ${turns} turns were answered.`);
  return first && second && answered === turns ? 0 : 1;
});
