import { expect } from "chai";
import { describe, it } from "mocha";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { BaseAgent } from "../../src/agent/base-agent.js";
import { deferred } from "../../src/base/deferred.js";
import { Code } from "../../src/base/status.js";
import { busMessage } from "../../src/message/build.js";
import { markDelivered } from "../../src/message/provenance.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { data, label, recorder } from "../support/bus-messages.js";
import { expectRejected, expectThrown } from "../support/expect-status.js";
import { idle } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";
import { TestAgent } from "../support/test-agent.js";
import { useRunners } from "../support/use-runners.js";

describe("an agent", () => {
  const logger = useRecordingLogger();
  const runners = useRunners(logger);

  it("refuses a name that can't be one, naming the option", () => {
    for (const name of ["", "a\nb", "x".repeat(257)]) {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => new BaseAgent(name));
      expect(error.message).to.match(/^name: /);
    }
  });

  it("throws FAILED_PRECONDITION with a remedy for what needs a runner, before it has one", async () => {
    const agent = new TestAgent("a");
    const error = expectThrown(Code.FAILED_PRECONDITION, () => agent.send(data("hi")));
    expect(error.message).to.contain("a").and.contain("add it to a runner");
    await expectRejected(Code.FAILED_PRECONDITION, agent.addAgent(new TestAgent("child")));
  });

  describe("starting", () => {
    it("is neither ready nor active before it starts, and both after", async () => {
      const clock = new VirtualClock(5_000_250);
      const agent = new TestAgent("a");
      const runner = runners.make({ clock });
      await runner.addAgent(agent);
      expect(agent).to.include({ ready: false, active: false, startedAt: undefined });
      void runner.run();
      await idle();
      expect(agent).to.include({ ready: true, active: true, startedAt: 5_000.25 });
    });

    it("runs onReady, then the event ready, then onActivated, then the event activated", async () => {
      const agent = new TestAgent("a");
      agent.on("ready", () => agent.calls.push("event ready"));
      agent.on("activated", () => agent.calls.push("event activated"));
      await runners.start(agent);
      expect(agent.calls).to.deep.equal(["ready", "event ready", "activated", "event activated"]);
    });

    it("awaits onReady before it is announced, and before it is active", async () => {
      const gate = deferred();
      const agent = new TestAgent("a", {}, { ready: () => gate.promise });
      const runner = runners.make();
      await runner.addAgent(agent);
      void runner.run();
      await idle();
      expect(agent.calls).to.deep.equal(["ready"]);
      expect([runner.registry.has("a"), agent.active]).to.deep.equal([false, false]);
      gate.resolve();
      await idle();
      expect(agent.calls).to.deep.equal(["ready", "activated"]);
      expect([runner.registry.has("a"), agent.active]).to.deep.equal([true, true]);
    });

    it("is announced on the bus and in the registry", async () => {
      const [a, b] = [new TestAgent("a"), new TestAgent("b", { active: false, bridges: [] })];
      const runner = await runners.start(a, b);
      await idle();
      const ready = a.messages.filter((message): message is BusMessage => message.body.case === "agentReady");
      expect(ready.map(({ source, target }) => [source, target])).to.deep.equal([
        ["a", undefined],
        ["b", undefined],
      ]);
      expect(ready[1]?.body.value).to.include({ runner: runner.name, active: false, bridged: true });
      expect(runner.registry.localAgents.map(({ name, active, bridged }) => [name, active, bridged])).to.deep.equal([
        ["a", true, false],
        ["b", false, true],
      ]);
    });

    it("can be added to one runner once", async () => {
      const agent = new TestAgent("a");
      await runners.make().addAgent(agent);
      const error = await expectRejected(Code.FAILED_PRECONDITION, runners.make().addAgent(agent));
      expect(error.message).to.contain("make a new one");
    });
  });

  describe("sending", () => {
    it("stamps its own name as the source", async () => {
      const [a, b] = [new TestAgent("a"), new TestAgent("b")];
      await runners.start(a, b);
      a.send(busMessage("ttsSpeak", { text: "hi" }, { target: "b" }));
      await idle();
      expect(b.messages.at(-1)).to.include({ source: "a", target: "b" });
    });

    it("copies a message that has another source, and leaves the original as it was", async () => {
      const [a, b] = [new TestAgent("a"), new TestAgent("b")];
      await runners.start(a, b);
      const original = data("hi", "b", "someone");
      a.send(original);
      await idle();
      const got = b.messages.at(-1) as BusMessage;
      expect(got).not.to.equal(original);
      expect(got.source).to.equal("a");
      expect(got.body.value).to.equal(original.body.value);
      expect(original.source).to.equal("someone");
    });

    it("sends a message that has its name as the source as it is", async () => {
      const [a, b] = [new TestAgent("a"), new TestAgent("b")];
      await runners.start(a, b);
      const original = data("hi", "b", "a");
      a.send(original);
      await idle();
      expect(b.messages.at(-1)).to.equal(original);
    });
  });

  describe("activating", () => {
    it("starts inactive when told so", async () => {
      const agent = new TestAgent("a", { active: false });
      await runners.start(agent);
      expect(agent.calls).to.deep.equal(["ready"]);
      expect(agent.active).to.equal(false);
    });

    it("is activated by a message, with the arguments given", async () => {
      const [a, b] = [new TestAgent("a"), new TestAgent("b", { active: false })];
      const got: unknown[] = [];
      b.hooks = { activated: (args) => void got.push(args) };
      b.on("activated", (args) => got.push(args));
      await runners.start(a, b);
      expect(b.activationArgs).to.equal(undefined);
      a.activateAgent("b", { args: { greet: true, count: 3 } });
      await idle();
      expect(b.active).to.equal(true);
      expect(b.activationArgs).to.deep.equal({ greet: true, count: 3 });
      expect(got).to.deep.equal([b.activationArgs, b.activationArgs]);
    });

    it("runs the hook again at each activation, with the new arguments", async () => {
      const agent = new TestAgent("a");
      await runners.start(agent);
      agent.activateAgent("a", { args: 1 });
      agent.activateAgent("a", { args: 2 });
      await idle();
      expect(agent.calls).to.deep.equal(["ready", "activated", "activated", "activated"]);
      expect(agent.activationArgs).to.equal(2);
    });

    it("loses the arguments when it is deactivated", async () => {
      const agent = new TestAgent("a");
      agent.on("deactivated", () => agent.calls.push("event deactivated"));
      await runners.start(agent);
      agent.activateAgent("a", { args: 1 });
      agent.deactivateAgent("a");
      await idle();
      expect(agent).to.include({ active: false, activationArgs: undefined });
      expect(agent.calls.slice(-2)).to.deep.equal(["deactivated", "event deactivated"]);
    });

    it("keeps an activation that comes before it is ready until it is", async () => {
      const gate = deferred();
      const agent = new TestAgent("a", { active: false }, { ready: () => gate.promise });
      const runner = runners.make();
      await runner.addAgent(agent);
      void runner.run();
      await idle();
      agent.activateAgent("a", { args: "early" });
      await idle();
      expect(agent.active).to.equal(false);
      gate.resolve();
      await idle();
      expect(agent.calls).to.deep.equal(["ready", "activated"]);
      expect(agent.activationArgs).to.equal("early");
      expect(runner.registry.get("a")?.active).to.equal(true);
    });

    it("is activated once at the start, with the arguments of a message that came before", async () => {
      const agent: TestAgent = new TestAgent("a", {}, { ready: () => agent.activateAgent("a", { args: 1 }) });
      await runners.start(agent);
      await idle();
      expect(agent.calls).to.deep.equal(["ready", "activated"]);
      expect(agent.activationArgs).to.equal(1);
    });

    it("forgets an activation that is taken back before it is ready", async () => {
      const gate = deferred();
      const agent = new TestAgent("a", {}, { ready: () => gate.promise });
      const runner = runners.make();
      await runner.addAgent(agent);
      void runner.run();
      await idle();
      agent.deactivateAgent("a");
      await idle();
      gate.resolve();
      await idle();
      expect(agent.active).to.equal(false);
      expect(agent.calls).not.to.contain("activated");
    });

    it("lets data messages wait for onActivated, at the start and later, and system messages not", async () => {
      const gates = [deferred(), deferred()];
      const waiting = [...gates];
      const agent = new TestAgent("a", {}, { activated: () => waiting.shift()?.promise });
      const runner = runners.make();
      await runner.addAgent(agent);
      void runner.run();
      await idle();
      const speak = (text: string) => runner.bus.send(data(text, "a"));
      const spoken = () => agent.messages.map(label).filter((text) => ["1", "2", "3"].includes(text));
      speak("1");
      runner.bus.send(busMessage("taskCancel", { reason: "2" }, { source: "tester", target: "a" }));
      speak("3");
      await idle();
      expect(spoken()).to.deep.equal(["2"]);
      gates[0]?.resolve();
      await idle();
      expect(spoken()).to.deep.equal(["2", "1", "3"]);
      agent.activateAgent("a");
      speak("1");
      await idle();
      expect(spoken()).to.deep.equal(["2", "1", "3"]);
      gates[1]?.resolve();
      await idle();
      expect(spoken()).to.deep.equal(["2", "1", "3", "1"]);
    });

    it("handles no data message that waited for onActivated when it is cancelled meanwhile", async () => {
      const gate = deferred();
      const agent = new TestAgent("a", {}, { activated: () => gate.promise });
      const runner = runners.make();
      await runner.addAgent(agent);
      void runner.run();
      await idle();
      // Its own agentReady waits in the lane of data messages, and this one behind it.
      runner.bus.send(data("late", "a"));
      await idle();
      runner.cancel();
      await agent.finished;
      gate.resolve();
      await idle();
      expect(agent.cases).to.deep.equal(["cancelAgent"]);
    });
  });

  describe("handing off", () => {
    it("deactivates itself and activates the other, in this order, and is inactive at once", async () => {
      const [a, b] = [new TestAgent("a"), new TestAgent("b", { active: false })];
      const runner = await runners.start(a, b);
      const observer = recorder("observer", undefined, { observes: true });
      runner.bus.subscribe(observer);
      a.handoffTo("b", { args: "yours" });
      expect(a.active).to.equal(false);
      await idle();
      expect(observer.messages.map(({ body, target }) => [body.case, target])).to.deep.equal([
        ["deactivateAgent", "a"],
        ["activateAgent", "b"],
      ]);
      expect(a.calls).to.contain("deactivated");
      expect([a.active, b.active, b.activationArgs]).to.deep.equal([false, true, "yours"]);
    });

    it("works towards itself", async () => {
      const agent = new TestAgent("a");
      await runners.start(agent);
      agent.handoffTo("a", { args: "again" });
      await idle();
      expect(agent.calls.slice(-2)).to.deep.equal(["deactivated", "activated"]);
      expect([agent.active, agent.activationArgs]).to.deep.equal([true, "again"]);
    });
  });

  describe("acting on control messages", () => {
    for (const kind of ["activateAgent", "deactivateAgent", "endAgent", "cancelAgent"] as const) {
      it(`does nothing about ${kind} that is targeted at nobody or at another agent`, async () => {
        const agent = new TestAgent("a", { active: kind !== "activateAgent" });
        const runner = await runners.start(agent);
        runner.bus.subscribe(recorder("b"));
        const before = [...agent.calls];
        const { active } = agent;
        runner.bus.send(busMessage(kind, {}, { source: "tester" }));
        runner.bus.send(busMessage(kind, {}, { source: "tester", target: "b" }));
        await idle();
        expect(agent.calls).to.deep.equal(before);
        expect(agent).to.include({ active, ready: true });
      });
    }

    it("does nothing about end and cancel, which are the runner's", async () => {
      const agent = new TestAgent("a");
      const runner = await runners.start(agent);
      for (const kind of ["end", "cancel"] as const) {
        const message = busMessage(kind, {}, { source: "tester" });
        markDelivered(message, {});
        runner.bus.send(message);
      }
      await idle();
      expect(agent.ready).to.equal(true);
    });
  });

  describe("watching", () => {
    it("tells of an agent that is ready at once, of one that becomes ready, and when it is gone", async () => {
      const [a, b] = [new TestAgent("a"), new TestAgent("b")];
      const events: string[] = [];
      a.on("agentReady", ({ name }) => events.push(`ready ${name}`));
      a.on("agentGone", ({ name }) => events.push(`gone ${name}`));
      const runner = await runners.start(a, b);
      a.watchAgent("b");
      expect(events).to.deep.equal(["ready b"]);
      a.watchAgent("c");
      await runner.addAgent(new TestAgent("c"));
      runner.bus.send(busMessage("endAgent", {}, { source: "tester", target: "c" }));
      await idle();
      expect(events).to.deep.equal(["ready b", "ready c", "gone c"]);
      expect(a.calls.filter((call) => call.startsWith("agent"))).to.deep.equal([
        "agentReady b",
        "agentReady c",
        "agentGone c",
      ]);
    });

    it("is told once of an agent that it watches twice", async () => {
      const [a, b] = [new TestAgent("a"), new TestAgent("b")];
      await runners.start(a, b);
      a.watchAgent("b");
      a.watchAgent("b");
      expect(a.calls.filter((call) => call === "agentReady b")).to.have.length(1);
    });

    it("may watch before it is on a bus, and in onReady, and is told once it has started", async () => {
      const a: TestAgent = new TestAgent("a", {}, { ready: () => a.watchAgent("c") });
      a.watchAgent("b");
      await runners.start(new TestAgent("b"), new TestAgent("c"), a);
      expect(a.calls).to.deep.equal(["ready", "agentReady b", "agentReady c", "activated"]);
    });
  });

  describe("ending", () => {
    it("runs onFinished and then the event finished, once", async () => {
      const agent = new TestAgent("a");
      agent.on("finished", () => agent.calls.push("event finished"));
      const runner = await runners.start(agent);
      runner.bus.send(busMessage("endAgent", {}, { source: "tester", target: "a" }));
      await agent.finished;
      await agent.finish();
      runner.cancel();
      expect(agent.calls.slice(-2)).to.deep.equal(["finished", "event finished"]);
      expect(agent.calls.filter((call) => call.endsWith("finished"))).to.have.length(2);
    });

    it("is neither ready nor active any longer, and holds no name, registry entry or watch", async () => {
      const [a, b] = [new TestAgent("a"), new TestAgent("b")];
      const runner = await runners.start(a, b);
      a.watchAgent("c");
      runner.bus.send(busMessage("cancelAgent", {}, { source: "tester", target: "a" }));
      await a.finished;
      expect(a).to.include({ ready: false, active: false, activationArgs: undefined });
      expect(runner.registry.has("a")).to.equal(false);
      expect(runner.registry.localAgents.map(({ name }) => name)).to.deep.equal(["b"]);
      const { length } = a.messages;
      const heir = new TestAgent("a");
      await runner.addAgent(heir);
      await runner.addAgent(new TestAgent("c"));
      b.send(busMessage("ttsSpeak", { text: "hi" }, { target: "a" }));
      await idle();
      expect(heir.messages.map(label)).to.contain("hi");
      expect(a.messages).to.have.length(length + 1);
      expect(a.messages.at(-1)?.body.case, "the message that ended it is the last").to.equal("cancelAgent");
      expect(a.calls).not.to.contain("agentReady c");
    });

    it("leaves its heir alone when the name is taken while its onFinished is running", async () => {
      const gate = deferred();
      const a = new TestAgent("a", {}, { finished: () => gate.promise });
      const runner = await runners.start(a);
      runner.bus.send(busMessage("endAgent", {}, { source: "tester", target: "a" }));
      await idle();
      const heir = new TestAgent("a");
      await runner.addAgent(heir);
      gate.resolve();
      await a.finished;
      runner.end();
      await heir.finished;
      expect(heir.calls).to.deep.equal(["ready", "activated", "finished"]);
    });

    it("ends after the data messages that were queued before, and cancels ahead of them", async () => {
      for (const [kind, expected] of [
        ["endAgent", ["1", "2"]],
        ["cancelAgent", []],
      ] as const) {
        const agent = new TestAgent("a", { active: false });
        const runner = await runners.start(agent);
        await idle();
        runner.bus.send(data("1", "a"));
        runner.bus.send(data("2", "a"));
        runner.bus.send(busMessage(kind, {}, { source: "tester", target: "a" }));
        runner.bus.send(data("3", "a"));
        await agent.finished;
        await idle();
        expect(agent.messages.map(label).filter((text) => /\d/.test(text))).to.deep.equal(expected);
        runner.cancel();
      }
    });

    it("ends the whole session with end(), and at once with cancel()", async () => {
      for (const how of ["end", "cancel"] as const) {
        const [a, b] = [new TestAgent("a"), new TestAgent("b")];
        await runners.start(a, b);
        a[how]("done");
        await Promise.all([a.finished, b.finished]);
        expect(b.messages.find((message) => message.body.case === how)).to.have.nested.property(
          "body.value.reason",
          "done",
        );
      }
    });

    it("doesn't start what was ended while onReady was running", async () => {
      const gate = deferred();
      const agent = new TestAgent("a", {}, { ready: () => gate.promise });
      const runner = runners.make();
      await runner.addAgent(agent);
      const running = runner.run();
      await idle();
      runner.end();
      await running;
      gate.resolve();
      await idle();
      expect(agent.calls).to.deep.equal(["ready", "finished"]);
      expect(runner.registry.has("a")).to.equal(false);
    });

    it("resolves finished of an agent that was never on a bus, without the hook", async () => {
      const agent = new TestAgent("a");
      await agent.finish();
      await agent.finished;
      expect(agent.calls).to.deep.equal([]);
      await expectRejected(Code.FAILED_PRECONDITION, runners.make().addAgent(agent));
    });
  });
});
