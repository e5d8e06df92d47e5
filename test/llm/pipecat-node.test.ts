import { tool } from "ai";
import { expect } from "chai";
import { afterEach, before, describe, it } from "mocha";
import { z } from "zod";
import { root } from "../../scripts/run.js";
import { AgentRunner } from "../../src/agent/agent-runner.js";
import { LLMAgent } from "../../src/llm/llm-agent.js";
import { PIPECAT_FRAMES } from "../../src/message/forward.js";
import { listen, WebSocketProxyServerAgent } from "../../src/websocket-server.js";
import { ExampleProcess } from "../support/example-process.js";
import { type PythonEnv, pythonVariables, requirePython } from "../support/python-env.js";
import { useRecordingLogger } from "../support/recording-logger.js";
import { type Step, scripted } from "./llm-bench.js";

describe("an LLMAgent, with a conversation that Pipecat's aggregators keep", function () {
  this.timeout(60_000);
  const logger = useRecordingLogger();
  const running: ExampleProcess[] = [];
  let env: PythonEnv;

  before(function () {
    env = requirePython("pipecat", this);
  });

  afterEach(async () => {
    for (const example of running.splice(0)) {
      example.process.kill("SIGKILL");
      await example.exitCode();
    }
  });

  /** Serves an agent with a scripted model, has a pipeline of Pipecat talk to it, and returns what either got. */
  async function talk(line: string, answers: readonly (readonly Step[])[], prepare: (agent: LLMAgent) => void) {
    const { model, asked } = scripted(["Welcome!"], ...answers);
    const peer = { dialect: "pipecat", peerVersion: "1.14.0" } as const;
    await using server = await listen({ port: 0, path: "/ws", ...peer }, async (session) => {
      const runner = new AgentRunner({ handleSigint: false, logger });
      const names = { agentName: "assistant", remoteAgentName: "acme" };
      const proxy = new WebSocketProxyServerAgent("gateway", { session, forwardMessages: PIPECAT_FRAMES, ...names });
      proxy.on("clientDisconnected", () => runner.cancel());
      const assistant = new LLMAgent("assistant", { model });
      prepare(assistant);
      await runner.addAgent(proxy);
      await runner.addAgent(assistant);
      await runner.run();
    });
    const customer = new ExampleProcess([env.python, "examples/python-peer/customer.py", "--url", server.address], {
      ...pythonVariables(),
      PYTHONPATH: `${root}/python/src`,
    });
    running.push(customer);
    customer.process.stdin?.end(`${line}\n`);
    expect(await customer.exitCode(), customer.stderr).to.equal(0);
    const said = customer.stdout.trimEnd().split("\n").slice(1);
    return { said, prompts: asked.map(({ prompt }) => prompt), offered: asked.map(({ tools }) => tools?.length) };
  }

  const inputSchema = z.object({ item: z.string() });
  const question = "What does an anvil cost?";

  it("has its tools' results added to it, and answers with them", async () => {
    const answers = [[{ call: "price", input: { item: "anvil" }, id: "call_1" }], ["39 dollars."]];
    const { said, prompts, offered } = await talk(question, answers, (agent) =>
      agent.registerTool("price", tool({ description: "A price.", inputSchema, execute: () => ({ dollars: 39 }) })),
    );
    expect(said).to.deep.equal([`you: ${question}`, "assistant: 39 dollars."]);
    expect(offered).to.deep.equal([1, 1, 1]);
    const [called, result] = prompts[2]?.slice(-2) ?? [];
    expect(called?.content).to.deep.equal([
      {
        type: "tool-call",
        toolCallId: "call_1",
        toolName: "price",
        input: { item: "anvil" },
        providerExecuted: undefined,
        providerOptions: undefined,
      },
    ]);
    expect(result?.content).to.have.nested.property("[0].output.value", '{"dollars": 39}');
  });

  it("tells it of a tool that fails, and answers all the same", async () => {
    const answers = [[{ call: "price", input: { item: "anvil" }, id: "call_1" }], ["I can't tell."]];
    const { said, prompts } = await talk(question, answers, (agent) => {
      const execute = (): Promise<number> => Promise.reject(new Error("the till is closed"));
      agent.registerTool("price", tool({ inputSchema, execute }));
    });
    expect(said).to.deep.equal([`you: ${question}`, "assistant: I can't tell."]);
    expect(prompts[2]?.at(-1)?.content).to.have.nested.property(
      "[0].output.value",
      '"The function price has failed, and there is no result."',
    );
    expect((logger.takeErrors() as Error[]).map(({ message }) => message)).to.deep.equal(["the till is closed"]);
  });

  it("tells it of two tools at once, and is asked once, when both have ended", async () => {
    const calls = ["anvil", "rocket"].map((item) => ({ call: "price", input: { item }, id: `call_${item}` }));
    const { said, prompts } = await talk(question, [calls, ["Too much."]], (agent) => {
      const execute = async ({ item }: { item: string }) => {
        await new Promise((resolve) => setTimeout(resolve, item === "anvil" ? 100 : 10));
        return item.length;
      };
      agent.registerTool("price", tool({ inputSchema, execute }));
    });
    expect(said).to.deep.equal([`you: ${question}`, "assistant: Too much."]);
    expect(prompts).to.have.lengthOf(3);
    expect(prompts[2]?.filter(({ role }) => role === "tool")).to.have.lengthOf(2);
  });
});
