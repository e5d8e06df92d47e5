import { expect } from "chai";
import { describe, it } from "mocha";
import { BaseAgent } from "../../src/agent/base-agent.js";
import { AgentLocalErrorMessage } from "../../src/agent/local-messages.js";
import { deferred } from "../../src/base/deferred.js";
import { Code, StatusError } from "../../src/base/status.js";
import type { AnyBusMessage, BusSubscriber } from "../../src/bus/agent-bus.js";
import { InProcessBus } from "../../src/bus/in-process-bus.js";
import { busMessage } from "../../src/message/build.js";
import { data } from "../support/bus-messages.js";
import { idle } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";
import { TestAgent } from "../support/test-agent.js";
import { useRunners } from "../support/use-runners.js";

describe("the hooks and events of an agent", () => {
  const logger = useRecordingLogger();
  const runners = useRunners(logger);

  it("are called both, the hook first", async () => {
    const agent = new TestAgent("a");
    const order: string[] = [];
    agent.hooks = { busMessage: ({ body }) => void order.push(`hook ${body.case}`) };
    agent.on("busMessage", ({ body }) => order.push(`event ${body.case}`));
    const runner = await runners.start(agent);
    await idle();
    order.length = 0;
    runner.bus.send(data("hi", "a"));
    await idle();
    expect(order).to.deep.equal(["hook ttsSpeak", "event ttsSpeak"]);
  });

  it("are not queued what is for all and nobody here would be told of", async () => {
    const bus = new InProcessBus({ logger });
    const wants = new Map<string, BusSubscriber["wants"]>();
    const subscribe = bus.subscribe.bind(bus);
    bus.subscribe = (subscriber) => {
      wants.set(subscriber.name, subscriber.wants);
      return subscribe(subscriber);
    };
    class Quiet extends BaseAgent {}
    const [quiet, listening] = [new Quiet("quiet"), new Quiet("listening")];
    const runner = runners.make({ bus });
    for (const agent of [quiet, listening, new TestAgent("overriding")]) {
      await runner.addAgent(agent);
    }
    const stop = listening.on("busMessage", () => {});
    const whoWants = (message: AnyBusMessage) => [...wants].flatMap(([name, has]) => (has?.(message) ? [name] : []));
    expect(whoWants(busMessage("agentReady", {}))).to.deep.equal(["listening", "overriding"]);
    expect(whoWants(busMessage("frame", {}))).to.deep.equal(["quiet", "listening", "overriding"]);
    expect(
      whoWants(new AgentLocalErrorMessage(new StatusError(Code.INTERNAL, "no"), { source: "x", target: "quiet" })),
    ).to.have.length(3);
    stop();
    expect(whoWants(busMessage("agentReady", {}))).to.deep.equal(["overriding"]);
  });

  it("have the event wait for the promise of the hook", async () => {
    const gate = deferred();
    const agent = new TestAgent("a", {}, { activated: () => gate.promise });
    const events: string[] = [];
    agent.on("activated", () => events.push("activated"));
    const runner = runners.make();
    await runner.addAgent(agent);
    void runner.run();
    await idle();
    expect(agent.calls).to.contain("activated");
    expect(events).to.deep.equal([]);
    gate.resolve();
    await idle();
    expect(events).to.deep.equal(["activated"]);
  });

  it("tell of a message after the agent has dealt with it", async () => {
    const agent = new TestAgent("a");
    await runners.start(agent);
    const seen: boolean[] = [];
    agent.hooks = { busMessage: () => void seen.push(agent.active) };
    await idle();
    seen.length = 0;
    agent.deactivateAgent("a");
    await idle();
    expect(seen).to.deep.equal([false]);
  });

  for (const [how, fail] of [
    [
      "throws",
      (error: Error) => {
        throw error;
      },
    ],
    ["rejects", (error: Error) => Promise.reject(error)],
  ] as const) {
    it(`report a hook that ${how} to the log, the hook onError, the event, and the runner; the event still comes`, async () => {
      const error = new Error("broken");
      const agent = new TestAgent("a", {}, { ready: () => fail(error) });
      const events: unknown[] = [];
      agent.on("ready", () => events.push("ready"));
      agent.on("error", ({ code, message, cause }) => events.push([Code[code], message, cause]));
      const other = new TestAgent("other");
      const runner = runners.make();
      const told: unknown[] = [];
      runner.on("error", ({ agentName, error: reported }) => told.push([agentName, reported.message]));
      await runner.addAgent(other);
      await runner.addAgent(agent);
      void runner.run();
      await idle();
      expect(agent.calls).to.deep.equal(["ready", "error broken", "activated"]);
      expect(events).to.deep.equal([["UNKNOWN", "broken", error], "ready"]);
      expect(told).to.deep.equal([["a", "broken"]]);
      expect(agent.ready, "the agent goes on").to.equal(true);
      expect(other.messages.find(({ body }) => body.case === "agentError")).to.include({ source: "a" });
      const lines = logger.take("error");
      expect(lines.map(({ fields }) => fields)).to.deep.equal([{ agent: "a", error }]);
    });

    it(`report a hook of a child that ${how} to its parent, and not to the runner or to others`, async () => {
      const error = new StatusError(Code.DATA_LOSS, "broken");
      const [parent, bystander] = [new TestAgent("parent"), new TestAgent("bystander")];
      const child = new TestAgent("child", {}, { ready: () => fail(error) });
      const events: unknown[] = [];
      parent.on("agentError", (info) => events.push(info));
      const runner = await runners.start(parent, bystander);
      runner.on("error", (info) => events.push(info));
      await parent.addAgent(child);
      await idle();
      expect(parent.calls).to.contain("agentError child: broken");
      expect(events).to.deep.equal([{ agentName: "child", error }]);
      expect(bystander.calls.join()).not.to.contain("agentError");
      expect(bystander.cases).not.to.contain("agentError").and.not.to.contain("agentLocalError");
      expect(logger.takeErrors()).to.deep.equal([error]);
    });

    it(`report a handler of an event that ${how} to the log, and call the others`, async () => {
      const error = new Error("broken");
      const agent = new TestAgent("a");
      agent.on("ready", () => fail(error));
      agent.on("ready", () => agent.calls.push("second"));
      await runners.start(agent);
      await idle();
      expect(agent.calls).to.deep.equal(["ready", "second", "activated"]);
      expect(logger.take("error").map(({ fields }) => fields)).to.deep.equal([{ agent: "a", event: "ready", error }]);
    });
  }

  it("are nobody's error where they await a task of an agent that has ended", async () => {
    const cancelled: unknown[] = [];
    const ask = async (agent: TestAgent) => {
      try {
        await agent.requestTask("other", { name: "count" });
      } catch (error) {
        cancelled.push(error instanceof StatusError && error.code);
        throw error;
      }
    };
    const other = new TestAgent("other");
    other.handleTask("count", () => new Promise(() => {}));
    const agent = new TestAgent("a");
    const events: unknown[] = [];
    agent.on("ready", () => ask(agent));
    agent.on("error", (error) => events.push(error));
    const runner = await runners.start(agent, other);
    agent.hooks = { activated: () => ask(agent) };
    runner.bus.send(busMessage("activateAgent", {}, { source: "tester", target: "a" }));
    await idle();
    runner.cancel();
    await idle();
    expect(cancelled).to.deep.equal([Code.CANCELLED, Code.CANCELLED]);
    expect(events).to.deep.equal([]);
    expect(logger.takeErrors()).to.deep.equal([]);
    expect(logger.take("debug").filter(({ message }) => message.includes("failed"))).to.have.length(2);
  });

  for (const [hook, cause] of [
    ["finished", "endAgent"],
    ["deactivated", "deactivateAgent"],
    ["busMessage", "ttsSpeak"],
  ] as const) {
    it(`report ${hook}, too`, async () => {
      const error = new Error("broken");
      const agent = new TestAgent("a");
      const runner = await runners.start(agent);
      await idle();
      let failures = 1;
      agent.hooks = { [hook]: () => (failures-- > 0 ? Promise.reject(error) : undefined) };
      runner.bus.send(busMessage(cause, {}, { source: "tester", target: "a" }));
      await idle();
      expect(logger.takeErrors()).to.deep.equal([error]);
      agent.hooks = {};
    });
  }

  it("report an onBusMessage that fails on everything once a message, not the report of it again and again", async () => {
    const fail = () => {
      throw new Error("broken");
    };
    const [a, b] = [new TestAgent("a"), new TestAgent("b")];
    const runner = await runners.start(a, b);
    await idle();
    a.hooks = { busMessage: fail };
    b.hooks = { busMessage: fail };
    runner.bus.send(data("hi", "a"));
    await idle();
    await idle();
    expect(a.calls.filter((call) => call === "error broken")).to.have.length(1);
    expect(b.calls).not.to.contain("error broken");
    // Its own, and what each of the two makes of the report.
    expect(logger.takeErrors()).to.have.length(3);
    a.hooks = {};
    b.hooks = {};
  });

  it("report an error that is no child's to nobody", async () => {
    const [parent, stranger] = [new TestAgent("parent"), new TestAgent("stranger")];
    const runner = await runners.start(parent, stranger);
    const error = new StatusError(Code.INTERNAL, "spoofed");
    runner.bus.send(new AgentLocalErrorMessage(error, { source: "stranger", target: "parent" }));
    runner.bus.send(busMessage("agentError", { error: "spoofed" }, { source: "stranger", target: "parent" }));
    await idle();
    expect(parent.calls.join()).not.to.contain("agentError");
  });

  it("report an error of onAgentError as the parent's own", async () => {
    const parent = new TestAgent(
      "parent",
      {},
      {
        agentError: () => {
          throw new Error("mine");
        },
      },
    );
    const child = new TestAgent("child");
    await runners.start(parent);
    await parent.addAgent(child);
    child.reportError(new Error("child's"));
    await idle();
    expect(parent.calls.slice(-2)).to.deep.equal(["agentError child: child's", "error mine"]);
    expect(logger.takeErrors().map((error) => (error as Error).message)).to.deep.equal(["child's", "mine"]);
  });

  it("survive an onError that throws", async () => {
    const failure = new Error("in onError");
    const agent = new TestAgent(
      "a",
      {},
      {
        error: () => {
          throw failure;
        },
      },
    );
    const events: string[] = [];
    agent.on("error", ({ message }) => events.push(message));
    await runners.start(agent);
    agent.reportError("text");
    expect(events).to.deep.equal(['"text"']);
    expect(logger.takeErrors()).to.deep.equal(["text", failure]);
  });

  it("log an error of an agent whose bus has stopped, and throw nothing", async () => {
    const agent = new TestAgent("a");
    const runner = await runners.start(agent);
    runner.cancel();
    await agent.finished;
    await idle();
    agent.reportError(new Error("late"));
    expect(logger.takeErrors().map((error) => (error as Error).message)).to.deep.equal(["late"]);
  });
});
