import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect } from "chai";
import { afterEach, before, describe, it } from "mocha";
import { root } from "../../scripts/run.js";
import { ExampleProcess } from "../support/example-process.js";
import { type PythonEnv, pythonVariables, requirePython } from "../support/python-env.js";

const running: ExampleProcess[] = [];

function start(command: readonly string[], environment: NodeJS.ProcessEnv = {}): ExampleProcess {
  const example = new ExampleProcess(command, environment);
  running.push(example);
  return example;
}

const typescript = (path: string, ...args: readonly string[]): ExampleProcess =>
  start([process.execPath, "--import=tsx", `examples/${path}`, ...args]);

const demo = (...args: readonly string[]): ExampleProcess => {
  const started = typescript("python-peer/demo.ts", ...args);
  started.process.stdin?.end();
  return started;
};

/** What a server says of where it listens. */
const listening = /listening on (ws:\/\/127\.0\.0\.1:(\d+)\/ws)$/m;

/** Whether nobody listens at a port. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(false);
    });
    socket.on("error", () => resolve(true));
  });
}

/** Waits for a process to have a child whose command line has a word in it, and gives the child's id. */
async function childOf(parent: ExampleProcess, word: string): Promise<number> {
  for (;;) {
    const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,args="]);
    for (const line of stdout.split("\n")) {
      const [pid, ppid] = line.trim().split(/\s+/);
      if (Number(ppid) === parent.process.pid && line.includes(word)) {
        return Number(pid);
      }
    }
    expect(parent.process.exitCode, parent.stdout + parent.stderr).to.equal(null);
    await sleep(20);
  }
}

/** What TypeScript is told of its peer. */
const spoken = ["--dialect", "pipecat", "--peer-version", "1.14.0"];

const turns = ["What do your rocket skates cost?", "Can I return an anvil?", "Thanks, bye!"];
const conversations = [
  "",
  "First: a customer in TypeScript, and an LLM worker of Pipecat.",
  "",
  "python | listening on …",
  "typescript | assistant: Welcome to Acme! I'm the assistant in Python. What can I do for you?",
  `typescript | you: ${turns[0]}`,
  "typescript | assistant: One rocket skate is 149 dollars. Shall I wrap it?",
  `typescript | you: ${turns[1]}`,
  "typescript | assistant: You can return anything within 30 days, as long as it hasn't gone off.",
  `typescript | you: ${turns[2]}`,
  "typescript | assistant: You're welcome. Mind the anvils on your way out!",
  "",
  "Then: a customer with a pipeline of Pipecat, and the assistant in TypeScript.",
  "",
  "typescript | listening on …",
  "python | assistant: Welcome to Acme! I'm the shop's assistant. What can I do for you?",
  `python | you: ${turns[0]}`,
  "python | assistant: Our rocket skates are 149 dollars a pair, fuel not included. Please don't use them near cliffs.",
  `python | you: ${turns[1]}`,
  "python | assistant: You can return anything within 30 days, as long as it hasn't gone off.",
  `python | you: ${turns[2]}`,
  "python | assistant: You're welcome. Mind the anvils on your way out!",
  "",
  "6 of 6 turns were answered.",
  "",
];
/** What processes say on standard error: it isn't in step with what is said on standard output. */
const asides = new RegExp(
  `^\\w+ \\| (${[
    "pipecat: WARNING: Worker 'gateway': client disconnected",
    "the assistant answers from",
    "127\\.0\\.0\\.1:\\d+ is ",
    // A customer who leaves doesn't wait for what the assistant passes back.
    "crossbus: a message was not delivered; .* is closed",
  ].join("|")})`,
);

describe("the example python-peer", function () {
  this.timeout(120_000);

  afterEach(async () => {
    for (const example of running.splice(0)) {
      example.process.kill("SIGKILL");
      await example.exitCode();
    }
  });

  describe("without the Python environment", () => {
    it("says how to make it, and exits with 1", async () => {
      const project = await mkdtemp(join(tmpdir(), "crossbus-python-peer-"));
      try {
        for (const part of ["examples", "package.json"]) {
          await cp(join(root, part), join(project, part), { recursive: true });
        }
        await symlink(join(root, "node_modules"), join(project, "node_modules"));
        const example = start([process.execPath, "--import=tsx", join(project, "examples/python-peer/demo.ts")]);
        expect(await example.exitCode()).to.equal(1);
        expect(example.stderr).to.match(
          /^error: FAILED_PRECONDITION: there is no Python environment with Pipecat: npm run python:env -- pipecat makes it$/m,
        );
        expect(example.stdout).to.equal("");
      } finally {
        await rm(project, { recursive: true });
      }
    });
  });

  describe("with it", () => {
    let env: PythonEnv;
    before(function () {
      env = requirePython("pipecat", this);
    });

    const python = (file: string, ...args: readonly string[]): ExampleProcess =>
      start([env.python, `examples/python-peer/${file}`, ...args], {
        ...pythonVariables(),
        PYTHONPATH: join(root, "python/src"),
        LOGURU_LEVEL: "WARNING",
      });
    const startPythonAssistant = async () => {
      const assistant = python("assistant.py", "--port", "0");
      const [, url = ""] = await assistant.printed(listening);
      return { assistant, url };
    };
    const startTypeScriptAssistant = async () => {
      const assistant = typescript("remote-assistant/server.ts", "--port", "0", ...spoken);
      const [, url = ""] = await assistant.printed(listening);
      return { assistant, url };
    };
    const startTypeScriptCustomer = (url: string, ...args: readonly string[]) =>
      typescript("remote-assistant/client.ts", "--url", url, ...spoken, ...args);

    for (const dialect of ["pipecat", "protobuf"]) {
      it(`demo plays both conversations in ${dialect}, every turn is answered, and it exits with 0`, async () => {
        const played = demo("--dialect", dialect);
        expect(await played.exitCode(), played.stdout + played.stderr).to.equal(0);
        const [first, ...lines] = played.stdout.split("\n");
        expect(first).to.match(new RegExp(`They speak ${dialect}; Python runs pipecat-ai \\d+\\.\\d+\\.\\d+\\.$`));
        expect(lines.filter((line) => !asides.test(line)).map((line) => line.replace(/ws:.*/, "…"))).to.deep.equal(
          conversations,
        );
        expect(played.stderr).to.equal("");
      });
    }

    it("demo exits with 1 when turns are left without an answer, and says how many were answered", async () => {
      const played = demo();
      await played.printed(listening);
      process.kill(await childOf(played, "client.ts"), "SIGKILL");
      expect(await played.exitCode()).to.equal(1);
      expect(played.stdout).to.match(/^3 of 6 turns were answered\.$/m);
    });

    it("demo exits with 0 at SIGINT, without a stack trace, and leaves no process behind", async () => {
      const played = demo();
      const [, , port] = await played.printed(listening);
      await played.printed(/you: /);
      played.process.kill("SIGINT");
      expect(await played.exitCode()).to.equal(0);
      expect(played.stdout + played.stderr).not.to.match(/^\s+at |Traceback/m);
      expect(played.stdout).not.to.match(/Then:/);
      expect(await isFree(Number(port))).to.equal(true);
    });

    it("demo refuses a dialect that it has no Python for, and says which there are", async () => {
      const refused = demo("--dialect", "pipecat-subagents");
      expect(await refused.exitCode()).to.equal(2);
      expect(refused.stderr).to.match(
        /error: INVALID_ARGUMENT: --dialect: must be pipecat or protobuf, got "pipecat-subagents"/,
      );
    });

    it("the Python assistant calls a function, and the customer in TypeScript records it and sends it back", async () => {
      const { url } = await startPythonAssistant();
      const customer = startTypeScriptCustomer(url, "--trace");
      customer.process.stdin?.end("Price of an anvil?\n");
      expect(await customer.exitCode(), customer.stderr).to.equal(0);
      expect(customer.stdout).to.match(/^assistant: One anvil is 39 dollars\. Shall I wrap it\?$/m);
      const crossed = [...customer.stdout.matchAll(/^crossed (.*?)(?: x \d+)? \(\d+ bytes\)$/gm)].map(
        ([, what]) => what,
      );
      expect(crossed).to.include.members([
        "<-- frame llmSetTools",
        "<-- frame functionCallsStarted",
        "<-- frame functionCallInProgress",
        "<-- frame functionCallResult",
      ]);
      // What comes of the function goes back upstream, and only then the model answers.
      expect(crossed.slice(crossed.indexOf("<-- frame functionCallResult"))).to.include.members([
        "--> frame llmContext upstream",
        "<-- frame llmText",
      ]);
    });

    it("the Python assistant serves others when a customer is gone in the middle, and exits with 0 at SIGINT", async () => {
      const { assistant, url } = await startPythonAssistant();
      const [first, second] = [startTypeScriptCustomer(url), startTypeScriptCustomer(url)];
      await first?.printed(/^assistant: Welcome/m);
      first?.process.stdin?.write("Price of an anvil?\n");
      await first?.printed(/^you: /m);
      first?.process.kill("SIGKILL");
      await assistant.printed(/client disconnected/);
      second?.process.stdin?.end("Price of a portable hole?\n");
      expect(await second?.exitCode(), second?.stderr).to.equal(0);
      expect(second?.stdout).to.match(/^assistant: One portable hole is 89 dollars/m);
      assistant.process.kill("SIGINT");
      expect(await assistant.exitCode(), assistant.stderr).to.equal(0);
      expect(assistant.stderr).not.to.match(/Traceback/);
    });

    it("the Python customer interrupts the assistant in TypeScript", async () => {
      const { url } = await startTypeScriptAssistant();
      const customer = python("customer.py", "--url", url, "--barge-in");
      customer.process.stdin?.end("rockets?\nportable holes?\n");
      expect(await customer.exitCode(), customer.stderr).to.equal(0);
      const [greeting, ...lines] = customer.stdout.trimEnd().split("\n");
      expect(greeting).to.match(/^assistant: Welcome/);
      expect(lines).to.have.length(4);
      expect(lines[0]).to.equal("you: rockets?");
      expect(lines[1]).to.match(/^assistant: (Our.* )?\(interrupted\)$/);
      expect(lines[1]).not.to.match(/near cliffs/);
      expect(lines[2]).to.equal("you: portable holes?");
      // An interruption overtakes the words before it in Pipecat's queues: a word may be left to the next reply.
      expect(lines[3]).to.match(/^assistant: (Our.* )?The portable hole is 89 dollars\..* can't be returned\.$/);
    });

    it("the Python customer says so and exits with 1 when the assistant in TypeScript is gone", async () => {
      const { assistant, url } = await startTypeScriptAssistant();
      const customer = python("customer.py", "--url", url);
      await customer.printed(/^assistant: Welcome/m);
      assistant.process.kill("SIGKILL");
      await assistant.exitCode();
      customer.process.stdin?.end("rockets?\n");
      expect(await customer.exitCode()).to.equal(1);
      expect(customer.stderr).to.match(/^error: the connection is lost$/m);
      expect(customer.stderr).not.to.match(/Traceback/);
    });

    it("the Python customer exits with 0 at SIGINT while it waits for a turn", async () => {
      const { assistant, url } = await startTypeScriptAssistant();
      const customer = python("customer.py", "--url", url);
      await customer.printed(/^assistant: Welcome/m);
      customer.process.kill("SIGINT");
      expect(await customer.exitCode(), customer.stderr).to.equal(0);
      expect(customer.stderr).not.to.match(/Traceback/);
      await assistant.printed(/is gone/);
    });
  });
});
