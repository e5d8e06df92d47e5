import { expect } from "chai";
import { describe } from "mocha";
import { Code, type Denial, TASKS } from "../../../src/index.js";
import { eventually } from "../support/eventually.js";
import type { LiveBridge } from "../support/live-bridge.js";
import type { Live } from "../support/live-suite.js";

function inFrameMessage(frame: string): string {
  return `BusFrameMessage(source='py', target='ts', frame=${frame}, direction=DOWNSTREAM)`;
}

/** What a Python peer may send that no proxy would, and what the policy says of it. */
const denied: readonly (readonly [what: string, message: string, denial: Partial<Denial>])[] = [
  [
    "a spoofed source",
    "BusTaskUpdateMessage(source='main', target='ts', task_id='1')",
    { rule: "source", source: "main" },
  ],
  [
    "this side's own name as the source",
    "BusTaskUpdateMessage(source='ts', target='ts', task_id='1')",
    { rule: "source", source: "ts" },
  ],
  [
    "another agent as the target",
    "BusTaskUpdateMessage(source='py', target='third', task_id='1')",
    { rule: "target", target: "third" },
  ],
  ["a task for all", "BusTaskRequestMessage(source='py', task_id='1')", { rule: "target", target: undefined }],
  [
    "a type that isn't listed",
    "BusAgentErrorMessage(source='py', target='ts', error='no')",
    { rule: "case", case: "agentError" },
  ],
  ["the end of the session", "BusEndMessage(source='py', target='ts')", { rule: "case", case: "end" }],
  ["its cancel", "BusCancelMessage(source='py', target='ts')", { rule: "case", case: "cancel" }],
  ["the end of the agent", "BusEndAgentMessage(source='py', target='ts')", { rule: "case", case: "endAgent" }],
  ["its cancel", "BusCancelAgentMessage(source='py', target='ts')", { rule: "case", case: "cancelAgent" }],
  ["a start frame", inFrameMessage("StartFrame()"), { rule: "kind", kind: "start" }],
  ["an end frame", inFrameMessage("EndFrame()"), { rule: "kind", kind: "end" }],
  ["a cancel frame", inFrameMessage("CancelFrame()"), { rule: "kind", kind: "cancel" }],
  ["a stop frame", inFrameMessage("StopFrame()"), { rule: "kind", kind: "stop" }],
  ["an end task frame", inFrameMessage("EndTaskFrame()"), { rule: "kind", kind: "endTask" }],
  [
    "a frame class that isn't listed",
    inFrameMessage("AcmeOrderFrame(item='anvil')"),
    { rule: "type", kind: "other", typeName: "acme_frames.AcmeOrderFrame" },
  ],
  [
    "a registry of another runner",
    "BusAgentRegistryMessage(source='proxy', target='ts', runner='r', agents=[AgentRegistryEntry(name='admin')])",
    { rule: "announcement" },
  ],
];

/** Sends something harmless, and waits for it: all that was sent before has been handled, and all still works. */
async function stillWorks(bridge: LiveBridge): Promise<void> {
  const before = bridge.agent.messages.length;
  await bridge.python.send("BusTaskUpdateMessage(source='py', target='ts', task_id='still')");
  await eventually(() => bridge.agent.messages.length > before);
  expect(bridge.agent.messages).to.have.length(before + 1);
  expect(bridge.agent.messages.at(-1)?.body.case).to.equal("taskUpdate");
}

/** That nothing a Python peer sends gets past the policy, or harms this side. */
export function testMisbehavingPython(live: Live): void {
  describe("a Python peer that misbehaves", () => {
    const open = () => live.open({ forwardMessages: ["frame", ...TASKS] });

    for (const [what, message, denial] of denied) {
      live.it(`is denied ${what}: ${message.slice(0, message.indexOf("("))}`, async () => {
        const bridge = await open();
        await bridge.python.raw(message);
        await stillWorks(bridge);
        expect(bridge.ts.denied).to.have.length(1);
        expect(bridge.ts.denied[0]).to.include({ direction: "in", ...denial });
        expect(bridge.agent.calls).not.to.include("finished");
        expect(bridge.ts.runner.registry.get("admin")).to.equal(undefined);
      });
    }

    live.it("can't announce its agent as one of this runner's, or another beside it", async () => {
      const bridge = await open();
      const { registry, name } = bridge.ts.runner;
      await bridge.python.raw(
        `BusAgentRegistryMessage(source='x', runner=${JSON.stringify(name)}, ` +
          "agents=[AgentRegistryEntry(name='admin'), AgentRegistryEntry(name='ts'), AgentRegistryEntry(name='py')])",
      );
      await stillWorks(bridge);
      expect(registry.localAgents.map((agent) => agent.name)).to.have.members(["ts", "proxy"]);
      expect(registry.remoteAgents.map((agent) => agent.name)).to.deep.equal(["py"]);
      expect(registry.get("py")?.runner).not.to.equal(name);
    });

    if (live.codec === "json") {
      const wire = (type: string, data: object) => JSON.stringify({ __type__: type, __data__: data });
      const bus = live.release.generation === "agents" ? "pipecat_subagents.bus.messages" : "pipecat.bus.messages";
      const header = { source: "py", target: "ts" };

      for (const [what, text] of [
        ["a function for a type", wire("os.getcwd", {})],
        ["a message that has no source", wire(`${bus}.BusFrameMessage`, { target: "ts" })],
        ["a frame message that has no frame", wire(`${bus}.BusFrameMessage`, { ...header, frame: null })],
        ["no message", "[1, 2]"],
        ["a task id that is a number", wire(`${bus}.${idType(live)}`, { ...header, ...id(live, 7) })],
        ["a key twice", `{"__type__":"${bus}.BusEndMessage","__data__":{"source":"py","source":"py","target":"ts"}}`],
      ] as const) {
        live.it(`has ${what} dropped and counted`, async () => {
          const bridge = await open();
          await bridge.python.command("raw", { bytes: Buffer.from(text).toString("hex") });
          await stillWorks(bridge);
          expect(bridge.ts.stats().invalid + bridge.ts.stats().denied).to.equal(1);
        });
      }

      live.it("may send a message as text", async () => {
        const bridge = await open();
        await bridge.python.command("raw", { text: wire(`${bus}.${idType(live)}`, { ...header, ...id(live, "7") }) });
        await eventually(() => bridge.agent.cases.includes("taskUpdateRequest"));
      });
    } else {
      live.it("loses the connection for text, with a status", async () => {
        const bridge = await live.open({ reconnect: false });
        await bridge.python.command("raw", { text: "{}" });
        await lost(bridge, Code.INVALID_ARGUMENT);
      });
    }

    live.it("loses the connection for what doesn't parse, with a status, and may come back", async () => {
      const bridge = await live.open({ reconnect: false });
      await bridge.python.command("raw", { bytes: Buffer.from('{"__type__":').toString("hex") });
      await lost(bridge, Code.INVALID_ARGUMENT);
      const next = await open();
      await stillWorks(next);
    });
  });
}

/** The class of a message that asks for news of a task. */
function idType(live: Live): string {
  return live.release.generation === "agents" ? "BusTaskUpdateRequestMessage" : "BusJobUpdateRequestMessage";
}

/** The id of a task, as the generation calls it. */
function id(live: Live, value: unknown): object {
  return live.release.generation === "agents" ? { task_id: value } : { job_id: value };
}

/** Waits until both sides know that the connection is gone, here with a status. */
async function lost(bridge: LiveBridge, code: Code): Promise<void> {
  const ended = () => bridge.ts.events.find(([name]) => name === "disconnected" || name === "failed");
  await eventually(() => ended() !== undefined);
  expect(ended()?.[1]).to.equal(code);
  await bridge.python.event("disconnected");
  bridge.logger.takeErrors();
}
