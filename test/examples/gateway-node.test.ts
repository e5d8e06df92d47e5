import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { root } from "../../scripts/run.js";
import { ExampleProcess } from "../support/example-process.js";
import { pythonVariables, requirePython } from "../support/python-env.js";

const running: ExampleProcess[] = [];

function start(command: readonly string[], environment: NodeJS.ProcessEnv = {}): ExampleProcess {
  const example = new ExampleProcess(command, environment);
  running.push(example);
  return example;
}

const typescript = (environment: NodeJS.ProcessEnv, path: string, ...args: readonly string[]): ExampleProcess =>
  start([process.execPath, "--import=tsx", `examples/${path}`, ...args], environment);

/** Where a server says that it listens. */
async function urlOf(server: ExampleProcess): Promise<string> {
  const [, url = ""] = await server.printed(/^listening on (ws:\S+)$/m);
  return url;
}

const good = { GATEWAY_TOKEN: "open-sesame" };

function gatewayTo(back: string, ...args: readonly string[]): ExampleProcess {
  return typescript(good, "gateway/gateway.ts", "--port", "0", "--back", back, ...args);
}

describe("the example gateway", function () {
  this.timeout(60_000);

  afterEach(async () => {
    for (const example of running.splice(0)) {
      example.process.kill("SIGKILL");
      await example.exitCode();
    }
  });

  it("demo refuses a stranger, lets the customer in, and exits with 0", async () => {
    const demo = typescript({}, "gateway/demo.ts");
    expect(await demo.exitCode(), demo.stdout + demo.stderr).to.equal(0);
    expect(demo.stderr).to.equal("");
    const lines = demo.stdout.trimEnd().replace(/127\.0\.0\.1:\d+/g, "…");
    expect(lines.match(/^(gateway|stranger|customer) \| (?!crossbus: ).*/gm)?.map(plain)).to.deep.equal([
      "gateway | listening on ws://…/ws",
      "stranger | error: UNAUTHENTICATED: a credential that is valid here is needed",
      "gateway | … has the token, and is let in",
      "customer | assistant: Welcome to Acme! I'm the shop's assistant. What can I do for you?",
      "customer | you: What do your rocket skates cost?",
      "customer | assistant: Our rocket skates are 149 dollars a pair, fuel not included. Please don't use them near cliffs.",
      "customer | you: Thanks, bye!",
      "customer | assistant: You're welcome. Mind the anvils on your way out!",
      "gateway | … is gone (OK): N messages in, N out, 0 refused",
    ]);
    // The assistant has seen one of the two.
    expect(lines.match(/^server \| … is connected$/gm)).to.have.length(1);
  });

  it("demo exits with 0 and without a stack trace at SIGINT", async () => {
    const demo = typescript({}, "gateway/demo.ts");
    await demo.printed(/^gateway \| listening/m);
    demo.process.kill("SIGINT");
    expect(await demo.exitCode()).to.equal(0);
    expect(demo.stdout + demo.stderr).not.to.match(/^\s+at /m);
  });

  it("has the client try again when the server behind it isn't there", async () => {
    const gateway = gatewayTo("ws://127.0.0.1:1/ws");
    const client = typescript(good, "remote-assistant/client.ts", "--url", await urlOf(gateway));
    await gateway.printed(/^the server can't be reached for \S+$/m);
    await client.printed(/connects again/);
    await gateway.printed(/can't be reached(.|\n)*can't be reached/);
  });

  it("says which token it wants, and exits with 2 without one", async () => {
    const gateway = typescript({ GATEWAY_TOKEN: "" }, "gateway/gateway.ts");
    expect(await gateway.exitCode()).to.equal(2);
    expect(gateway.stderr).to.equal(
      "error: INVALID_ARGUMENT: GATEWAY_TOKEN: must be set to the token that clients send\n",
    );
  });

  it("shows help", async () => {
    for (const file of ["gateway/demo.ts", "gateway/gateway.ts"]) {
      const example = typescript({}, file, "--help");
      expect(await example.exitCode()).to.equal(0);
      expect(example.stdout).to.match(/\n\nUsage: npm run example:gateway -- \[options\]\n/);
    }
  });

  for (const dialect of ["pipecat", "protobuf"]) {
    it(`stands in front of an unmodified assistant in Python, which asks nobody for a token, in ${dialect}`, async function () {
      const { python } = requirePython("pipecat", this);
      const assistant = start([python, "examples/python-peer/assistant.py", "--port", "0", "--dialect", dialect], {
        ...pythonVariables(),
        PYTHONPATH: join(root, "python/src"),
        LOGURU_LEVEL: "WARNING",
      });
      const gateway = gatewayTo(await urlOf(assistant), "--dialect", dialect);
      const spoken = ["--dialect", dialect, ...(dialect === "pipecat" ? ["--peer-version", "1.14.0"] : [])];
      const url = await urlOf(gateway);
      const client = typescript(good, "remote-assistant/client.ts", "--url", url, ...spoken);
      client.process.stdin?.end("Price of an anvil?\n");
      expect(await client.exitCode(), client.stderr).to.equal(0);
      // The model has called a function in between, which the customer records and sends back.
      expect(client.stdout).to.match(/^assistant: One anvil is 39 dollars\. Shall I wrap it\?$/m);
      await gateway.printed(/is gone \(OK\): \d+ messages in, \d+ out, 0 refused/);
      await assistant.printed(/client disconnected/);
    });
  }
});

function plain(line: string): string {
  return line.replace(/\d+ messages in, \d+ out/, "N messages in, N out");
}
