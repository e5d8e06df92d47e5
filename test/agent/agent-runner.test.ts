import { expect } from "chai";
import { describe, it } from "mocha";
import { AgentRunner } from "../../src/agent/agent-runner.js";
import { deferred } from "../../src/base/deferred.js";
import { asyncDispose } from "../../src/base/dispose.js";
import { Code } from "../../src/base/status.js";
import { InProcessBus } from "../../src/bus/in-process-bus.js";
import { busMessage } from "../../src/message/build.js";
import { markDelivered } from "../../src/message/provenance.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { data, label, recorder } from "../support/bus-messages.js";
import { expectRejected, expectThrown } from "../support/expect-status.js";
import { idle } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";
import { TestAgent } from "../support/test-agent.js";
import { useRunners } from "../support/use-runners.js";

describe("AgentRunner", () => {
  const logger = useRecordingLogger();
  const runners = useRunners(logger);

  /** Whether a promise has been settled by now. */
  async function settled(promise: Promise<unknown>): Promise<boolean> {
    const no = Symbol();
    return (await Promise.race([promise, idle().then(() => no)])) !== no;
  }

  describe("being made", () => {
    it("has a name of its own by default, and the registry has it too", () => {
      const names = Array.from({ length: 100 }, () => new AgentRunner({ logger }).name);
      expect(new Set(names)).to.have.property("size", 100);
      for (const name of names) {
        expect(name).to.match(/^runner-[0-9a-f]{8}$/);
      }
      const runner = new AgentRunner({ name: "mine", logger });
      expect([runner.name, runner.registry.runnerName]).to.deep.equal(["mine", "mine"]);
    });

    it("refuses a name and a timeout that can't be any, naming the option", () => {
      expect(expectThrown(Code.INVALID_ARGUMENT, () => new AgentRunner({ name: "" })).message).to.match(/^name: /);
      for (const cancelTimeoutMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
        const error = expectThrown(Code.INVALID_ARGUMENT, () => new AgentRunner({ cancelTimeoutMs }));
        expect(error.message).to.match(/^cancelTimeoutMs: /);
      }
    });
  });

  describe("adding agents", () => {
    it("before run() puts them on the bus, and run() starts them", async () => {
      const runner = runners.make();
      const agent = new TestAgent("a");
      await runner.addAgent(agent);
      expectThrown(Code.ALREADY_EXISTS, () => runner.bus.subscribe(recorder("a")));
      await idle();
      expect(agent.calls).to.deep.equal([]);
      void runner.run();
      await idle();
      expect(agent.calls).to.deep.equal(["ready", "activated"]);
      expect(runner.registry.has("a")).to.equal(true);
    });

    it("while it runs starts them, and resolves once they are ready and active", async () => {
      const runner = await runners.start();
      const gate = deferred();
      const agent = new TestAgent("a", {}, { activated: () => gate.promise });
      const added = runner.addAgent(agent);
      expect(await settled(added)).to.equal(false);
      gate.resolve();
      await added;
      expect(agent).to.include({ ready: true, active: true });
    });

    it("of a name that is taken rejects with ALREADY_EXISTS, before and while it runs, and harms nobody", async () => {
      const first = new TestAgent("a");
      const runner = runners.make();
      await runner.addAgent(first);
      await expectRejected(Code.ALREADY_EXISTS, runner.addAgent(new TestAgent("a")));
      void runner.run();
      await idle();
      const late = new TestAgent("a");
      const error = await expectRejected(Code.ALREADY_EXISTS, runner.addAgent(late));
      expect(error.message).to.contain("a");
      await expectRejected(Code.ALREADY_EXISTS, runner.addAgent(new TestAgent(runner.name)));
      runner.end();
      await first.finished;
      expect(first.calls).to.deep.equal(["ready", "activated", "finished"]);
      expect(late.calls).to.deep.equal([]);
    });

    it("while it stops, and after, rejects with FAILED_PRECONDITION", async () => {
      for (const how of ["end", "cancel"] as const) {
        const runner = await runners.start();
        runner[how]();
        await expectRejected(Code.FAILED_PRECONDITION, runner.addAgent(new TestAgent("a")));
        await idle();
        await expectRejected(Code.FAILED_PRECONDITION, runner.addAgent(new TestAgent("a")));
      }
    });
  });

  describe("running", () => {
    it("starts the bus and the agents, and tells `ready` once they are", async () => {
      const gate = deferred();
      const [quick, slow] = [new TestAgent("quick"), new TestAgent("slow", {}, { ready: () => gate.promise })];
      const runner = runners.make();
      await runner.addAgent(slow);
      await runner.addAgent(quick);
      const events: string[] = [];
      runner.on("ready", () => events.push("ready"));
      runner.bus.send(data("early", "quick"));
      void runner.run();
      await idle();
      expect(quick.calls, "no agent waits for another").to.deep.equal(["ready", "activated"]);
      expect(quick.messages.map(label)).to.contain("early");
      expect(events).to.deep.equal([]);
      gate.resolve();
      await idle();
      expect(events).to.deep.equal(["ready"]);
    });

    it("twice rejects with FAILED_PRECONDITION, and the first run goes on", async () => {
      const runner = runners.make();
      const running = runner.run();
      await expectRejected(Code.FAILED_PRECONDITION, runner.run());
      expect(await settled(running)).to.equal(false);
      runner.end();
      await running;
      await expectRejected(Code.FAILED_PRECONDITION, runner.run());
    });

    for (const how of ["end", "cancel"] as const) {
      it(`after ${how}() returns at once, and releases the agents without starting them`, async () => {
        const runner = runners.make();
        const agent = new TestAgent("a");
        await runner.addAgent(agent);
        runner[how]();
        await runner.run();
        expect(agent.calls).to.deep.equal(["finished"]);
        await agent.finished;
        expectThrown(Code.UNAVAILABLE, () => runner.bus.send(data("hi")));
      });
    }

    it("goes on while there are no agents", async () => {
      const runner = runners.make();
      const running = runner.run();
      expect(await settled(running)).to.equal(false);
    });
  });

  describe("ending", () => {
    for (const [how, kind] of [
      ["end", "endAgent"],
      ["cancel", "cancelAgent"],
    ] as const) {
      it(`with ${how}() sends ${kind} to the agents without parent alone, once, with the reason`, async () => {
        const [a, b] = [new TestAgent("a"), new TestAgent("b")];
        const runner = await runners.start(a, b);
        await a.addAgent(new TestAgent("child"));
        await idle();
        const observer = recorder("observer", undefined, { observes: true });
        runner.bus.subscribe(observer);
        runner[how]("enough");
        runner[how]("again");
        await Promise.all([a.finished, b.finished]);
        const sent = observer.messages.filter(({ source }) => source === runner.name);
        expect(sent.map(({ body, target }) => [body.case, target])).to.deep.equal([
          [kind, "a"],
          [kind, "b"],
        ]);
        expect(sent[0]).to.have.nested.property("body.value.reason", "enough");
      });

      it(`is done by a message ${how}, to all or to the runner`, async () => {
        for (const target of [undefined, "runner"]) {
          const agent = new TestAgent("a");
          const runner = runners.make({ name: "runner" });
          await runner.addAgent(agent);
          const running = runner.run();
          await idle();
          runner.bus.send(busMessage(how, {}, { source: "a", target }));
          await running;
          expect(agent.calls.at(-1)).to.equal("finished");
        }
      });

      it(`isn't done by a message ${how} that came over a link, however it is targeted`, async () => {
        const agent = new TestAgent("a");
        const runner = runners.make({ name: "runner" });
        await runner.addAgent(agent);
        const running = runner.run();
        await idle();
        for (const target of [undefined, "runner", "a"]) {
          const message = busMessage(how, {}, { source: "remote", target });
          markDelivered(message, {});
          runner.bus.send(message);
        }
        expect(await settled(running)).to.equal(false);
        expect(agent.ready).to.equal(true);
      });

      it(`isn't done by a message ${how} for an agent`, async () => {
        const runner = await runners.start(new TestAgent("a"));
        runner.bus.send(busMessage(how, {}, { source: "tester", target: "a" }));
        await idle();
        await runner.addAgent(new TestAgent("b"));
      });
    }

    it("with end() waits for what is queued, and for handlers that are running", async () => {
      const gate = deferred();
      const agent = new TestAgent("a");
      const runner = runners.make();
      await runner.addAgent(agent);
      const running = runner.run();
      await idle();
      agent.hooks = { busMessage: (message) => (label(message) === "1" ? gate.promise : undefined) };
      runner.bus.send(data("1", "a"));
      runner.bus.send(data("2", "a"));
      runner.end();
      expect(await settled(running)).to.equal(false);
      gate.resolve();
      await running;
      expect(agent.messages.map(label).slice(-3)).to.deep.equal(["1", "2", "endAgent"]);
    });

    it("with cancel() doesn't wait for what is queued, nor for handlers of data that are running", async () => {
      const agent = new TestAgent("a");
      const runner = runners.make();
      await runner.addAgent(agent);
      const running = runner.run();
      await idle();
      agent.hooks = { busMessage: (message) => (label(message) === "1" ? new Promise(() => {}) : undefined) };
      runner.bus.send(data("1", "a"));
      runner.bus.send(data("2", "a"));
      await idle();
      runner.cancel();
      await running;
      expect(agent.messages.map(label)).not.to.contain("2");
    });

    it("with cancel() after end() cancels", async () => {
      const agent = new TestAgent("a");
      const runner = runners.make();
      await runner.addAgent(agent);
      const running = runner.run();
      await idle();
      agent.hooks = { busMessage: (message) => (label(message) === "1" ? new Promise(() => {}) : undefined) };
      runner.bus.send(data("1", "a"));
      await idle();
      runner.end();
      expect(await settled(running)).to.equal(false);
      runner.cancel();
      await running;
      expect(agent.calls.at(-1)).to.equal("finished");
    });

    it("with end() after cancel() does nothing more", async () => {
      const agent = new TestAgent("a");
      const runner = runners.make();
      await runner.addAgent(agent);
      const running = runner.run();
      await idle();
      const observer = recorder("observer", undefined, { observes: true });
      runner.bus.subscribe(observer);
      runner.cancel();
      runner.end();
      await running;
      expect(observer.messages.map(({ body }) => body.case)).not.to.contain("endAgent");
    });

    it("ends an agent that is still starting, without the event `ready`", async () => {
      const agent = new TestAgent("a", {}, { ready: () => new Promise(() => {}) });
      const runner = runners.make();
      await runner.addAgent(agent);
      const events: string[] = [];
      runner.on("ready", () => events.push("ready"));
      const running = runner.run();
      await idle();
      runner.end();
      await running;
      expect(events).to.deep.equal([]);
    });

    it("ends an agent whose queue is too full for the message that says so", async () => {
      const bus = new InProcessBus({ limits: { maxMessages: 1 }, logger });
      const agent = new TestAgent("a");
      const runner = runners.make({ bus });
      await runner.addAgent(agent);
      const running = runner.run();
      await idle();
      agent.hooks = { busMessage: () => new Promise(() => {}) };
      bus.send(data("1", "a"));
      await idle();
      bus.send(data("2", "a"));
      runner.end();
      await running;
      expect(agent.calls.at(-1)).to.equal("finished");
      expect(logger.take("warn")).to.have.length(1);
    });
  });

  describe("leaving an agent behind", () => {
    /** A runner with an agent that doesn't end, being cancelled. */
    async function cancelled(options: { readonly cancelTimeoutMs?: number } = {}) {
      const clock = new VirtualClock();
      const gate = deferred();
      const runner = runners.make({ clock, ...options });
      const [hanging, other] = [new TestAgent("hanging", {}, { finished: () => gate.promise }), new TestAgent("other")];
      await runner.addAgent(hanging);
      await runner.addAgent(other);
      const running = runner.run();
      await idle();
      runner.cancel();
      return { clock, running, other, release: () => gate.resolve() };
    }

    it("happens when it takes longer than cancelTimeoutMs to end, and says which", async () => {
      const { clock, running, other } = await cancelled({ cancelTimeoutMs: 500 });
      await other.finished;
      clock.advance(499);
      expect(await settled(running)).to.equal(false);
      clock.advance(1);
      await running;
      const [line, ...rest] = logger.take("error");
      expect(line?.message).to.contain("left behind");
      expect(line?.fields["agents"]).to.equal("hanging");
      expect(rest).to.deep.equal([]);
      expect(clock.pending).to.equal(0);
    });

    it("happens after 10 s by default", async () => {
      const { clock, running } = await cancelled();
      await idle();
      clock.advance(9_999);
      expect(await settled(running)).to.equal(false);
      clock.advance(1);
      await running;
      expect(logger.take("error")).to.have.length(1);
    });

    it("doesn't happen when it ends in time, and leaves no timer", async () => {
      const { clock, running, release } = await cancelled();
      await idle();
      expect(clock.pending).to.equal(1);
      release();
      await running;
      await idle();
      expect(clock.pending).to.equal(0);
    });
  });

  describe("leaving nothing behind", () => {
    it("with `await using`, whether it runs or was never run", async () => {
      const [ran, never] = [new TestAgent("ran"), new TestAgent("never")];
      let running: Promise<void> | undefined;
      {
        await using runner = new AgentRunner({ handleSigint: false, logger });
        await runner.addAgent(ran);
        running = runner.run();
        await idle();
        await using other = new AgentRunner({ handleSigint: false, logger });
        await other.addAgent(never);
      }
      await running;
      expect(ran.calls).to.deep.equal(["ready", "activated", "finished"]);
      expect(never.calls).to.deep.equal(["finished"]);
    });

    it("can be disposed of twice", async () => {
      const runner = await runners.start(new TestAgent("a"));
      await runner[asyncDispose]();
      await runner[asyncDispose]();
    });

    it("logs a handler of its events that throws", async () => {
      const error = new Error("broken");
      const runner = runners.make();
      runner.on("ready", () => {
        throw error;
      });
      void runner.run();
      await idle();
      expect(logger.takeErrors()).to.deep.equal([error]);
    });
  });
});
