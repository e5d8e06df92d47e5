import { expect } from "chai";
import { describe, it } from "mocha";
import { Direction } from "../../../gen/crossbus/v1/frame_pb.js";
import { TaskStatus } from "../../../gen/crossbus/v1/message_pb.js";
import { BaseAgent } from "../../../src/agent/base-agent.js";
import type { Task } from "../../../src/agent/tasks/task.js";
import { deferred } from "../../../src/base/deferred.js";
import { Code, StatusError } from "../../../src/base/status.js";
import { busMessage, frame } from "../../../src/message/build.js";
import { toJs } from "../../../src/message/value.js";
import { expectThrown } from "../../support/expect-status.js";
import { idle } from "../../support/idle.js";
import { useRecordingLogger } from "../../support/recording-logger.js";
import { bodyOf, expectFailure, useTaskBench } from "../../support/task-bench.js";
import { collectUnhandled } from "../../support/uncaught.js";

describe("a task that is requested", () => {
  const logger = useRecordingLogger();
  const bench = useTaskBench(logger);

  it("sends one request, with an id that the task has at once", async () => {
    const { boss, worker, sent } = await bench();
    worker.handleTask("sum", () => 3);
    const task = boss.requestTask("worker", { name: "sum", payload: { terms: [1, 2] } });
    expect(task.id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(task).to.deep.include({ name: "sum", agentNames: ["worker"], state: "running" });
    expect(await task).to.equal(3);
    expect(task.state).to.equal("completed");
    const [request, response, ...more] = sent;
    expect(request).to.deep.include({ source: "boss", target: "worker" });
    const body = bodyOf("taskRequest", request);
    expect(body).to.deep.include({ taskId: task.id, taskName: "sum" });
    expect(toJs(body.payload)).to.deep.equal({ terms: [1, 2] });
    expect(response).to.deep.include({ source: "worker", target: "boss" });
    expect(bodyOf("taskResponse", response)).to.deep.include({ taskId: task.id, status: TaskStatus.COMPLETED });
    expect(more).to.deep.equal([]);
  });

  it("gives the response and the status of the worker", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("greet", ({ payload }) => `hello ${payload}`);
    const task = boss.requestTask("worker", { name: "greet", payload: "you" });
    expect(await task).to.equal("hello you");
    expect(await task, "again").to.equal("hello you");
    expect(task.outcomes.get("worker")).to.deep.equal({
      agentName: "worker",
      status: TaskStatus.COMPLETED,
      response: "hello you",
    });
  });

  it("may have neither a name nor a payload nor a response", async () => {
    const { boss, worker } = await bench();
    const seen: unknown[] = [];
    worker.handleOtherTasks(({ name, payload }) => void seen.push([name, payload]));
    expect(await boss.requestTask("worker")).to.equal(undefined);
    expect(seen).to.deep.equal([[undefined, undefined]]);
  });

  it("can be one of the agent's own", async () => {
    const { boss } = await bench();
    boss.handleTask("think", () => "done");
    expect(await boss.requestTask("boss", { name: "think" })).to.equal("done");
  });

  it("tells the hook and the event once it has completed, and no timer waits by default", async () => {
    const { boss, worker, clock } = await bench();
    const gate = deferred<number>();
    worker.handleTask("wait", () => gate.promise);
    const told: string[] = [];
    boss.on("taskCompleted", ({ id }) => told.push(`completed ${id}`));
    boss.on("taskFailed", ({ id }) => told.push(`failed ${id}`));
    const task = boss.requestTask("worker", { name: "wait" });
    await idle();
    expect(clock.pending).to.equal(0);
    expect(told).to.deep.equal([]);
    gate.resolve(1);
    await task;
    await idle();
    expect(told).to.deep.equal([`completed ${task.id}`]);
  });

  it("waits for a worker that isn't ready, and sends nothing before", async () => {
    const { boss, add, sent, clock } = await bench();
    const task = boss.requestTask("late", { name: "sum" });
    await idle();
    expect(task.state).to.equal("waiting");
    expect(sent).to.deep.equal([]);
    expect(clock.pending).to.equal(1);
    await add("late", (late) => late.handleTask("sum", () => 5));
    expect(await task).to.equal(5);
  });

  it("fails with NOT_FOUND, naming the worker, when it isn't known within 10 s", async () => {
    const { boss, clock } = await bench();
    const task = boss.requestTask("nobody", { name: "sum" });
    clock.advance(9_999);
    expect(task.state).to.equal("waiting");
    clock.advance(1);
    const error = await expectFailure(Code.NOT_FOUND, task);
    expect(error.message).to.match(/task "sum".*"nobody".*10000 ms/);
    expect(error.details).to.deep.equal([{ type: "resourceInfo", resourceType: "agent", resourceName: "nobody" }]);
  });

  for (const options of [{ readyTimeoutMs: 50 }, { timeoutMs: 50 }, { timeoutMs: 50, readyTimeoutMs: 80 }]) {
    it(`waits for a worker as long as ${JSON.stringify(options)} says`, async () => {
      const { boss, clock } = await bench();
      const task = boss.requestTask("nobody", options);
      clock.advance(49);
      expect(task.state).to.equal("waiting");
      clock.advance(1);
      await expectFailure(Code.NOT_FOUND, task);
    });
  }

  it("has one timeout for the whole call, waiting for the worker included", async () => {
    const { boss, add, clock, sent } = await bench();
    const task = boss.requestTask("late", { name: "slow", timeoutMs: 100 });
    clock.advance(60);
    await add("late", (late) => late.handleTask("slow", () => new Promise(() => {})));
    await idle();
    expect(task.state).to.equal("running");
    clock.advance(39);
    expect(task.state).to.equal("running");
    clock.advance(1);
    const error = await expectFailure(Code.DEADLINE_EXCEEDED, task);
    expect(error.message).to.match(/task "slow" took longer than 100 ms.*"late"/);
    await idle();
    const cancel = sent.find(({ body }) => body.case === "taskCancel");
    expect(bodyOf("taskCancel", cancel)).to.deep.include({ taskId: task.id, reason: "timeout" });
  });

  it("fails with what the handler throws, naming the worker", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("fail", () => {
      throw new StatusError(Code.OUT_OF_RANGE, "too much", { details: [{ type: "badRequest", field: "payload.n" }] });
    });
    const told: unknown[] = [];
    boss.on("taskFailed", (_task, error) => told.push(error));
    const task = boss.requestTask("worker", { name: "fail" });
    const error = await expectFailure(Code.OUT_OF_RANGE, task);
    expect(error.message).to.equal('agent "worker": too much');
    expect(error.details).to.deep.equal([
      { type: "badRequest", field: "payload.n" },
      { type: "resourceInfo", resourceType: "agent", resourceName: "worker" },
    ]);
    expect(told).to.deep.equal([error]);
    expect(task.outcomes.get("worker")).to.deep.include({ status: TaskStatus.ERROR, error });
  });

  it("fails with UNKNOWN where the handler has a bug, which its agent reports", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("fail", async () => {
      throw new TypeError("x is undefined");
    });
    const error = await expectFailure(Code.UNKNOWN, boss.requestTask("worker", { name: "fail" }));
    expect(error.message).to.equal('agent "worker": x is undefined');
    expect(logger.takeErrors()).to.have.lengthOf(1);
    expect(worker.calls).to.include("error x is undefined");
    expect(worker.ready).to.equal(true);
  });

  it("fails with UNIMPLEMENTED at once for a task that the worker doesn't know", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("known", () => {});
    const error = await expectFailure(Code.UNIMPLEMENTED, boss.requestTask("worker", { name: "unknown" }));
    expect(error.message).to.match(/"worker".*no handler for task "unknown"/);
    await expectFailure(Code.UNIMPLEMENTED, boss.requestTask("worker"));
  });

  it("fails with UNKNOWN, and the status, where the worker says no more", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("give up", (task) => task.respond({ why: "tired" }, { status: TaskStatus.FAILED }));
    const task = boss.requestTask("worker", { name: "give up" });
    const error = await expectFailure(Code.UNKNOWN, task);
    expect(error.message).to.equal('agent "worker": answered with status failed');
    expect(task.outcomes.get("worker")?.response).to.deep.equal({ why: "tired" });
  });

  it("fails with CANCELLED when the worker has cancelled it", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("stop", (task) => task.respond(undefined, { status: TaskStatus.CANCELLED }));
    await expectFailure(Code.CANCELLED, boss.requestTask("worker", { name: "stop" }));
  });

  it("fails with CANCELLED when the worker ends while it works", async () => {
    const { boss, worker } = await bench();
    const started = deferred();
    const aborted: unknown[] = [];
    worker.handleTask("slow", ({ signal }) => {
      started.resolve();
      signal.addEventListener("abort", () => aborted.push(signal.reason));
      return new Promise(() => {});
    });
    const task = boss.requestTask("worker", { name: "slow" });
    await started.promise;
    boss.send(busMessage("endAgent", {}, { target: "worker" }));
    await expectFailure(Code.CANCELLED, task);
    expect(aborted[0]).to.be.instanceOf(StatusError);
    expect(aborted[0]).to.have.property("message", 'agent "worker" stopped');
  });

  it("takes the response of a worker that ends right after it", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("last", (task) => {
      task.respond("bye");
      void worker.finish();
    });
    expect(await boss.requestTask("worker", { name: "last" })).to.equal("bye");
  });

  it("fails with UNAVAILABLE when the worker is gone without a word", async () => {
    const { boss, runner } = await bench();
    runner.bus.subscribe({ name: "stranger", onBusMessage() {} });
    runner.registry.register({ name: "stranger", runner: "elsewhere" });
    const task = boss.requestTask("stranger");
    await idle();
    runner.registry.unregister("stranger", "elsewhere");
    const error = await expectFailure(Code.UNAVAILABLE, task);
    expect(error.message).to.match(/"stranger"/);
  });

  it("fails with NOT_FOUND at once when the registry knows the worker, but nobody on the bus answers for it", async () => {
    const { boss, runner } = await bench();
    runner.registry.register({ name: "ghost", runner: "elsewhere" });
    await expectFailure(Code.NOT_FOUND, boss.requestTask("ghost"));
    logger.clear();
  });

  it("fails with UNAVAILABLE, naming the worker, when the bus has stopped", async () => {
    const { boss, runner } = await bench();
    runner.bus.stop();
    const error = await expectFailure(Code.UNAVAILABLE, boss.requestTask("worker"));
    expect(error.message).to.match(/^agent "worker": /);
  });

  it("is cancelled when its agent ends", async () => {
    const { boss, worker, sent } = await bench();
    worker.handleTask("slow", () => new Promise(() => {}));
    const task = boss.requestTask("worker", { name: "slow" });
    await idle();
    await boss.finish();
    const error = await expectFailure(Code.CANCELLED, task);
    expect(error.message).to.match(/agent "boss" stopped/);
    await idle();
    expect(bodyOf("taskCancel", sent[1]).reason).to.equal('agent "boss" stopped');
    expectThrown(Code.FAILED_PRECONDITION, () => boss.requestTask("worker"));
  });

  it("is cancelled when the runner is", async () => {
    const { boss, worker, runner } = await bench();
    worker.handleTask("slow", () => new Promise(() => {}));
    const task = boss.requestTask("worker", { name: "slow" });
    await idle();
    runner.cancel();
    await expectFailure(Code.CANCELLED, task);
  });

  it("can't be requested before its agent is on a bus", () => {
    const error = expectThrown(Code.FAILED_PRECONDITION, () => new BaseAgent("alone").requestTask("worker"));
    expect(error.message).to.match(/add it to a runner first/);
  });

  const bad: Readonly<Record<string, [field: RegExp, request: (boss: BaseAgent) => unknown]>> = {
    "an empty name of the worker": [/agentNames\[0\]/, (boss) => boss.requestTask("")],
    "an empty name": [/^name/, (boss) => boss.requestTask("worker", { name: "" })],
    "a negative timeout": [/^timeoutMs/, (boss) => boss.requestTask("worker", { timeoutMs: -1 })],
    "a timeout that is no number": [
      /^readyTimeoutMs/,
      (boss) => boss.requestTask("worker", { readyTimeoutMs: Number.NaN }),
    ],
    "a signal that is none": [/^signal/, (boss) => boss.requestTask("worker", { signal: {} as AbortSignal })],
    "a payload of a class": [
      /^payload\.when/,
      (boss) => boss.requestTask("worker", { payload: { when: new Date() as unknown as string } }),
    ],
    "a group of nobody": [/^agentNames/, (boss) => boss.requestTaskGroup([])],
    "a group with somebody twice": [/agentNames\[1\]/, (boss) => boss.requestTaskGroup(["worker", "worker"])],
  };
  for (const [what, [field, request]] of Object.entries(bad)) {
    it(`is refused with INVALID_ARGUMENT for ${what}`, async () => {
      const { boss } = await bench();
      expect(expectThrown(Code.INVALID_ARGUMENT, () => request(boss)).message).to.match(field);
    });
  }

  it("ends no process when it fails and nobody awaits it, nor when it is iterated alone", async () => {
    const { boss, worker } = await bench();
    const unhandled = collectUnhandled();
    try {
      worker.handleTask("fail", () => {
        throw new StatusError(Code.ABORTED, "no");
      });
      boss.requestTask("worker", { name: "fail" });
      let caught: unknown;
      try {
        for await (const event of boss.requestTask("worker", { name: "fail" })) {
          expect.fail(`an event came: ${event.type}`);
        }
      } catch (error) {
        caught = error;
      }
      expect(caught).to.be.instanceOf(StatusError).with.property("code", Code.ABORTED);
      await idle();
      await idle();
    } finally {
      unhandled.stop();
    }
    expect(unhandled.errors).to.deep.equal([]);
  });

  it("reports a hook or a handler of its events that throws, and goes on", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("sum", () => 3);
    boss.on("taskCompleted", () => {
      throw new Error("in the boss's event");
    });
    worker.on("taskRequested", () => {
      throw new Error("in the worker's event");
    });
    expect(await boss.requestTask("worker", { name: "sum" })).to.equal(3);
    await idle();
    expect(logger.takeErrors().map(String)).to.have.members([
      "Error: in the worker's event",
      "Error: in the boss's event",
    ]);
    expect(await boss.requestTask("worker", { name: "sum" })).to.equal(3);
    await idle();
    logger.clear();
  });

  for (const hook of ["activated", "frame", "busMessage"] as const) {
    it(`can be awaited in the hook ${hook}, where further messages wait for the hook`, async () => {
      const { boss, worker } = await bench();
      worker.handleTask("sum", () => 3);
      const result = deferred<unknown>();
      let task: Task | undefined;
      boss.hooks = {
        [hook]: async () => {
          if (task === undefined) {
            task = boss.requestTask("worker", { name: "sum" });
            result.resolve(await task);
          }
        },
      };
      const body = { frame: frame("llmText", { text: "hi" }), direction: Direction.DOWNSTREAM };
      worker.send(hook === "frame" ? busMessage("frame", body) : busMessage("activateAgent", {}, { target: "boss" }));
      expect(await result.promise).to.equal(3);
    });
  }
});
