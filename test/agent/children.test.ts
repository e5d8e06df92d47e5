import { expect } from "chai";
import { describe, it } from "mocha";
import { deferred } from "../../src/base/deferred.js";
import { Code } from "../../src/base/status.js";
import { InProcessBus } from "../../src/bus/in-process-bus.js";
import { busMessage } from "../../src/message/build.js";
import { data, recorder } from "../support/bus-messages.js";
import { expectRejected } from "../support/expect-status.js";
import { idle } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";
import { TestAgent } from "../support/test-agent.js";
import { useRunners } from "../support/use-runners.js";

describe("the children of an agent", () => {
  const logger = useRecordingLogger();
  const runners = useRunners(logger);

  it("are added by a message to the runner, know their parent, and are watched by it", async () => {
    const [parent, child] = [new TestAgent("parent"), new TestAgent("child")];
    const runner = await runners.start(parent);
    const observer = recorder("observer", undefined, { observes: true });
    runner.bus.subscribe(observer);
    expect(parent.children).to.deep.equal([]);
    await parent.addAgent(child);
    expect(observer.messages[0]).to.include({ source: "parent", target: runner.name });
    expect(observer.messages[0]?.body.case).to.equal("addAgent");
    expect([child.ready, child.active, child.parent]).to.deep.equal([true, true, "parent"]);
    expect(parent.children).to.deep.equal([child]);
    expect(parent.calls).to.contain("agentReady child");
    expect(runner.registry.get("child")?.parent).to.equal("parent");
    expect(parent.parent).to.equal(undefined);
  });

  it("added in onReady, and theirs, don't deadlock, and are ready before their parents", async () => {
    const grandchild = new TestAgent("grandchild");
    const child: TestAgent = new TestAgent("child", {}, { ready: () => child.addAgent(grandchild) });
    const parent: TestAgent = new TestAgent("parent", {}, { ready: () => parent.addAgent(child) });
    const runner = await runners.start(parent);
    expect(runner.registry.localAgents.map(({ name }) => name)).to.deep.equal(["grandchild", "child", "parent"]);
    runner.end();
    await parent.finished;
    expect(grandchild.calls).to.contain("finished");
  });

  it("are gone from the list, and `agentGone` tells, when they end by themselves", async () => {
    const [parent, child] = [new TestAgent("parent"), new TestAgent("child")];
    const runner = await runners.start(parent);
    await parent.addAgent(child);
    runner.bus.send(busMessage("endAgent", {}, { source: "parent", target: "child" }));
    await child.finished;
    await idle();
    expect(parent.children).to.deep.equal([]);
    expect(parent.calls).to.contain("agentGone child");
    expect(parent.ready).to.equal(true);
  });

  it("of a taken name are refused with ALREADY_EXISTS, and not listed", async () => {
    const [parent, other] = [new TestAgent("parent"), new TestAgent("other")];
    await runners.start(parent, other);
    await expectRejected(Code.ALREADY_EXISTS, parent.addAgent(new TestAgent("other")));
    await expectRejected(Code.ALREADY_EXISTS, parent.addAgent(new TestAgent("parent")));
    expect(parent.children).to.deep.equal([]);
  });

  it("that have a parent already are refused with FAILED_PRECONDITION", async () => {
    const [parent, other, child] = [new TestAgent("parent"), new TestAgent("other"), new TestAgent("child")];
    await runners.start(parent, other);
    await parent.addAgent(child);
    await expectRejected(Code.FAILED_PRECONDITION, other.addAgent(child));
    expect(child.parent).to.equal("parent");
    expect(other.children).to.deep.equal([]);
  });

  it("of an agent that has ended are refused with FAILED_PRECONDITION, and ended", async () => {
    const [parent, child] = [new TestAgent("parent"), new TestAgent("child")];
    const runner = await runners.start(parent, new TestAgent("other"));
    await parent.finish();
    await expectRejected(Code.FAILED_PRECONDITION, parent.addAgent(child));
    await child.finished;
    await runner.addAgent(new TestAgent("child"));
  });

  it("end before their parent, which waits for them", async () => {
    const order: string[] = [];
    const gate = deferred();
    const child = new TestAgent(
      "child",
      {},
      {
        finished: async () => {
          order.push("child is ending");
          await gate.promise;
          order.push("child");
        },
      },
    );
    const parent = new TestAgent("parent", {}, { finished: () => void order.push("parent") });
    const runner = await runners.start(parent);
    await parent.addAgent(child);
    runner.end("enough");
    await idle();
    await idle();
    expect(order).to.deep.equal(["child is ending"]);
    gate.resolve();
    await parent.finished;
    expect(order).to.deep.equal(["child is ending", "child", "parent"]);
    expect(child.messages.at(-1)).to.have.nested.property("body.value.reason", "enough");
  });

  it("handle what was queued for them before they end", async () => {
    const [parent, child] = [new TestAgent("parent"), new TestAgent("child")];
    const runner = await runners.start(parent);
    await parent.addAgent(child);
    runner.bus.send(data("queued", "child"));
    runner.end();
    await parent.finished;
    expect(child.cases.slice(-2)).to.deep.equal(["ttsSpeak", "endAgent"]);
  });

  it("are cancelled with their parent, which doesn't wait", async () => {
    const gate = deferred();
    const child = new TestAgent("child", {}, { finished: () => gate.promise });
    const parent = new TestAgent("parent");
    const runner = await runners.start(parent);
    await parent.addAgent(child);
    runner.bus.send(busMessage("cancelAgent", { reason: "now" }, { source: "tester", target: "parent" }));
    await parent.finished;
    await idle();
    expect(child.calls.at(-1)).to.equal("finished");
    gate.resolve();
    await child.finished;
    await idle();
    expect(child.messages.at(-1)).to.have.nested.property("body.case", "cancelAgent");
    expect(child.messages.at(-1)).to.have.nested.property("body.value.reason", "now");
  });

  it("are cancelled when their parent is taken off the bus", async () => {
    const [parent, child, grandchild] = ["parent", "child", "grandchild"].map((name) => new TestAgent(name)) as [
      TestAgent,
      TestAgent,
      TestAgent,
    ];
    await runners.start(parent);
    await parent.addAgent(child);
    await child.addAgent(grandchild);
    await parent.finish();
    await Promise.all([child.finished, grandchild.finished]);
  });

  it("that take the name of one that is still ending are not taken for it", async () => {
    const gate = deferred();
    const [parent, second] = [new TestAgent("parent"), new TestAgent("child")];
    const first = new TestAgent("child", {}, { finished: () => gate.promise });
    const runner = await runners.start(parent);
    await parent.addAgent(first);
    runner.bus.send(busMessage("endAgent", {}, { source: "parent", target: "child" }));
    await idle();
    await parent.addAgent(second);
    gate.resolve();
    await first.finished;
    await idle();
    expect(parent.children).to.deep.equal([second]);
  });

  it("that are added while their parent waits for others to end are waited for too", async () => {
    const gates = [deferred(), deferred()];
    const parent = new TestAgent("parent");
    const children = gates.map(
      (gate, index) => new TestAgent(`child-${index}`, {}, { finished: () => gate.promise }),
    ) as [TestAgent, TestAgent];
    const runner = await runners.start(parent);
    await parent.addAgent(children[0]);
    runner.bus.send(busMessage("endAgent", {}, { source: "tester", target: "parent" }));
    await idle();
    await parent.addAgent(children[1]);
    gates[0]?.resolve();
    await idle();
    expect(children[1].cases.at(-1) ?? "").not.to.equal("cancelAgent");
    expect(parent.calls).not.to.contain("finished");
    gates[1]?.resolve();
    await parent.finished;
    expect(children[1].cases).to.contain("endAgent");
  });

  it("that are still starting when their parent ends end too", async () => {
    const gate = deferred();
    const child = new TestAgent("child", {}, { ready: () => gate.promise });
    const parent: TestAgent = new TestAgent("parent", {}, { ready: () => parent.addAgent(child) });
    const runner = runners.make();
    await runner.addAgent(parent);
    const running = runner.run();
    await idle();
    expect(child.calls).to.deep.equal(["ready"]);
    runner.end();
    await running;
    expect(child.calls).to.deep.equal(["ready", "finished"]);
    gate.resolve();
  });

  it("end although their queue is too full for the message that says so", async () => {
    const bus = new InProcessBus({ limits: { maxMessages: 1 }, logger });
    const gate = deferred();
    const child = new TestAgent(
      "child",
      {},
      { busMessage: ({ source }) => (source === "tester" ? gate.promise : undefined) },
    );
    const parent = new TestAgent("parent");
    const runner = runners.make({ bus });
    await runner.addAgent(parent);
    const running = runner.run();
    await idle();
    await parent.addAgent(child);
    await idle();
    bus.send(data("1", "child"));
    await idle();
    bus.send(data("2", "child"));
    runner.end();
    await running;
    expect(child.calls.at(-1)).to.equal("finished");
    expect(logger.take("warn").map(({ fields }) => fields["agent"])).to.deep.equal(["child"]);
    gate.resolve();
  });
});
