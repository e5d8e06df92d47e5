import { expect } from "chai";
import { describe, it } from "mocha";
import { TaskStatus } from "../../../gen/crossbus/v1/message_pb.js";
import { deferred } from "../../../src/base/deferred.js";
import { asyncDispose } from "../../../src/base/dispose.js";
import { Code, StatusError } from "../../../src/base/status.js";
import { busMessage } from "../../../src/message/build.js";
import { markDelivered } from "../../../src/message/provenance.js";
import { expectThrown } from "../../support/expect-status.js";
import { idle, until } from "../../support/idle.js";
import { abortListeners } from "../../support/open-node.js";
import { useRecordingLogger } from "../../support/recording-logger.js";
import { aborted, bodyOf, expectFailure, useTaskBench } from "../../support/task-bench.js";

describe("cancelling a task", () => {
  const logger = useRecordingLogger();
  const bench = useTaskBench(logger);

  it("tells the worker to stop, with the reason, and what it comes with later is dropped", async () => {
    const { boss, worker, sent } = await bench();
    const told: unknown[] = [];
    const gate = deferred<void>();
    worker.on("taskCancelled", ({ id }, why) => told.push([id, why.message]));
    worker.handleTask("work", async ({ signal, update, respond }) => {
      const why = await aborted(signal);
      expect(why).to.include({ code: Code.CANCELLED });
      expect(expectThrown(Code.CANCELLED, () => update("late"))).to.equal(why);
      expectThrown(Code.CANCELLED, () => respond("late"));
      gate.resolve();
      return "late";
    });
    const task = boss.requestTask("worker", { name: "work" });
    await idle();
    task.cancel("no need");
    expect(task.state).to.equal("failed");
    const error = await expectFailure(Code.CANCELLED, task);
    expect(error.message).to.equal('task "work" was cancelled: no need');
    await gate.promise;
    await idle();
    expect(told).to.deep.equal([[task.id, "the task was cancelled by its requester: no need"]]);
    expect(sent.map(({ body }) => body.case)).to.deep.equal(["taskRequest", "taskCancel", "taskResponse"]);
    expect(bodyOf("taskResponse", sent[2]).status).to.equal(TaskStatus.CANCELLED);
    expect(boss.taskStats.dropped).to.equal(1);
  });

  for (const [what, reason, told] of [
    ["half a character", "bad \ud83d", "bad \ufffd"],
    ["more text than any queue has room for", "x".repeat(20_000_000), `${"x".repeat(4_096)}…`],
    ["no text", { by: "mistake" }, "an object of Object"],
    ["an error", new Error("no anvils"), "no anvils"],
  ] as const) {
    it(`tells the worker to stop although the reason is ${what}`, async () => {
      const { boss, worker } = await bench();
      const why = deferred<StatusError>();
      worker.handleTask("work", ({ signal }) => aborted(signal).then(why.resolve));
      const task = boss.requestTask("worker", { name: "work" });
      await idle();
      task.cancel(reason as string);
      await expectFailure(Code.CANCELLED, task);
      expect((await why.promise).message).to.equal(`the task was cancelled by its requester: ${told}`);
    });
  }

  it("reaches every worker, however many tasks are cancelled at once", async () => {
    const { boss, worker } = await bench();
    const stopped = new Set<unknown>();
    worker.handleTask("work", ({ payload, signal }) => aborted(signal).then(() => void stopped.add(payload)));
    const tasks = Array.from({ length: 3_000 }, (_, payload) => boss.requestTask("worker", { name: "work", payload }));
    await until(() => worker.taskStats.handled === tasks.length);
    for (const task of tasks) {
      task.cancel();
    }
    await until(() => stopped.size === tasks.length);
    await until(() => boss.taskStats.dropped === tasks.length);
  });

  it("does nothing once the task has ended", async () => {
    const { boss, worker, sent } = await bench();
    worker.handleTask("work", () => 1);
    const task = boss.requestTask("worker", { name: "work" });
    await task;
    task.cancel("too late");
    await task[asyncDispose]();
    expect(await task).to.equal(1);
    expect(task.state).to.equal("completed");
    expect(sent.map(({ body }) => body.case)).to.deep.equal(["taskRequest", "taskResponse"]);
  });

  it("before the worker is ready sends nothing at all", async () => {
    const { boss, sent, add } = await bench();
    const task = boss.requestTask("late", { name: "work" });
    task.cancel("never mind");
    await expectFailure(Code.CANCELLED, task);
    await add("late", (late) => late.handleTask("work", () => expect.fail("was requested")));
    await idle();
    expect(sent).to.deep.equal([]);
  });

  it("overtakes the request: the handler isn't called, and the worker says that it was cancelled", async () => {
    const { boss, worker, sent } = await bench();
    const told: unknown[] = [];
    worker.on("taskRequested", () => told.push("requested"));
    worker.on("taskCancelled", (_, { message }) => told.push(message));
    worker.handleTask("work", () => expect.fail("was called"));
    const task = boss.requestTask("worker", { name: "work" });
    task.cancel("too soon");
    await expectFailure(Code.CANCELLED, task);
    await idle();
    expect(told).to.deep.equal(["the task was cancelled by its requester: too soon"]);
    expect(sent.map(({ body }) => body.case)).to.deep.equal(["taskCancel", "taskRequest", "taskResponse"]);
    expect(bodyOf("taskResponse", sent[2]).status).to.equal(TaskStatus.CANCELLED);
  });

  it("overtakes its own request alone: another requester's task of that id is done", async () => {
    const { boss, worker, add } = await bench();
    const other = await add("other");
    const done: string[] = [];
    worker.handleTask("work", ({ requester }) => void done.push(requester));
    for (const requester of [boss, other]) {
      requester.send(busMessage("taskRequest", { taskId: "same", taskName: "work" }, { target: "worker" }));
    }
    boss.send(busMessage("taskCancel", { taskId: "same" }, { target: "worker" }));
    await idle();
    expect(done).to.deep.equal(["other"]);
  });

  it("of a task that there never is is forgotten", async () => {
    const { boss, worker } = await bench();
    boss.send(busMessage("taskCancel", { taskId: "none" }, { target: "worker" }));
    await idle();
    expect(worker.taskStats).to.deep.equal({ requested: 0, handled: 0, earlyCancels: 0, dropped: 1 });
    worker.handleTask("work", () => 1);
    boss.send(busMessage("taskRequest", { taskId: "none", taskName: "work" }, { target: "worker" }));
    await idle();
    expect(bodyOf("taskResponse", boss.messages.at(-1)).status).to.equal(TaskStatus.COMPLETED);
  });

  it("that came over a link is remembered for 30 s, up to 1 000 of them", async () => {
    const { boss, worker, clock, runner } = await bench();
    worker.handleTask("work", () => 1);
    const cancel = (id: string) => {
      const message = busMessage("taskCancel", { taskId: id }, { source: "boss", target: "worker" });
      markDelivered(message, {});
      runner.bus.send(message);
    };
    cancel("first");
    await idle();
    clock.advance(29_999);
    expect(worker.taskStats.earlyCancels).to.equal(1);
    for (let i = 0; i < 1_010; i++) {
      cancel(`none ${i}`);
      await idle();
    }
    expect(worker.taskStats.earlyCancels).to.equal(1_000);
    boss.send(busMessage("taskRequest", { taskId: "none 1009", taskName: "work" }, { target: "worker" }));
    await idle();
    expect(bodyOf("taskResponse", boss.messages.at(-1)).status).to.equal(TaskStatus.CANCELLED);
    expect(worker.taskStats.earlyCancels).to.equal(999);
    clock.advance(30_000);
    expect(worker.taskStats.earlyCancels).to.equal(0);
  });

  it("is remembered with little text: no peer fills the memory with a thousand of them", async () => {
    const { boss, worker, clock, runner } = await bench();
    const reasons: string[] = [];
    worker.on("taskCancelled", (_, { message }) => reasons.push(message));
    for (const [taskId, reason] of [
      ["i".repeat(1_025), "x"],
      ["i".repeat(1_024), "x".repeat(1_025)],
    ] as const) {
      const message = busMessage("taskCancel", { taskId, reason }, { source: "boss", target: "worker" });
      markDelivered(message, {});
      runner.bus.send(message);
    }
    await idle();
    expect(worker.taskStats.earlyCancels).to.equal(1);
    boss.send(busMessage("taskRequest", { taskId: "i".repeat(1_024) }, { target: "worker" }));
    await idle();
    expect(reasons).to.deep.equal(["the task was cancelled by its requester"]);
    expect(clock.pending).to.equal(0);
  });

  it("is remembered although another requester sends cancels without end", async () => {
    const { boss, worker, add } = await bench();
    const other = await add("other");
    const gate = deferred<void>();
    worker.hooks.activated = () => gate.promise;
    worker.handleTask("work", () => expect.fail("was called"));
    worker.activateAgent("worker");
    await idle();
    const task = boss.requestTask("worker", { name: "work" });
    task.cancel();
    await expectFailure(Code.CANCELLED, task);
    for (let i = 0; i < 1_200; i++) {
      other.send(busMessage("taskCancel", { taskId: `none ${i}` }, { target: "worker" }));
      await idle();
    }
    expect(worker.taskStats.earlyCancels).to.equal(1_001);
    gate.resolve();
    await idle();
    await idle();
    expect(worker.taskStats).to.include({ handled: 0, earlyCancels: 0 });
  });

  for (const when of ["before it is requested", "while it waits for the worker", "while it runs"] as const) {
    it(`by a signal ${when}`, async () => {
      const { boss, worker, sent } = await bench();
      worker.handleTask("work", ({ signal }) => aborted(signal).then(() => undefined));
      const controller = new AbortController();
      const reason = new Error("the page was left");
      if (when === "before it is requested") {
        controller.abort(reason);
      }
      const name = when === "while it waits for the worker" ? "late" : "worker";
      const task = boss.requestTask(name, { name: "work", signal: controller.signal });
      await idle();
      controller.abort(reason);
      const error = await expectFailure(Code.CANCELLED, task);
      expect(error.message).to.equal('task "work" was cancelled: the page was left');
      expect(error.cause).to.equal(reason);
      await idle();
      const cancels = sent.filter(({ body }) => body.case === "taskCancel");
      expect(cancels.map((message) => bodyOf("taskCancel", message).reason)).to.deep.equal(
        when === "while it runs" ? ["the page was left"] : [],
      );
      expect(abortListeners(controller.signal)).to.equal(0);
    });
  }

  it("by a signal whose reason is a text, which the worker is told", async () => {
    const { boss, worker, sent } = await bench();
    worker.handleTask("work", ({ signal }) => aborted(signal).then(() => undefined));
    const controller = new AbortController();
    const task = boss.requestTask("worker", { name: "work", signal: controller.signal });
    await idle();
    controller.abort("the page was left");
    expect((await expectFailure(Code.CANCELLED, task)).message).to.include("the page was left");
    await idle();
    expect(bodyOf("taskCancel", sent[1]).reason).to.equal("the page was left");
  });

  it("by a signal leaves no listener behind when the task completes", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("work", () => 1);
    const { signal } = new AbortController();
    const task = boss.requestTask("worker", { name: "work", signal });
    expect(abortListeners(signal)).to.equal(1);
    await task;
    expect(abortListeners(signal)).to.equal(0);
  });

  it("by a signal that many tasks share, which has one listener for all", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("work", ({ payload, signal }) =>
      payload === "quick" ? 1 : aborted(signal).then(() => undefined),
    );
    const controller = new AbortController();
    const { signal } = controller;
    const request = (payload: string) => boss.requestTask("worker", { name: "work", payload, signal });
    const quick = Array.from({ length: 20 }, () => request("quick"));
    const slow = Array.from({ length: 20 }, () => request("slow"));
    expect(abortListeners(signal)).to.equal(1);
    expect(await Promise.all(quick)).to.deep.equal(Array.from({ length: 20 }, () => 1));
    expect(abortListeners(signal)).to.equal(1);
    controller.abort();
    for (const task of slow) {
      await expectFailure(Code.CANCELLED, task);
    }
    expect(abortListeners(signal)).to.equal(0);
  });

  it("by leaving its block", async () => {
    const { boss, worker, sent } = await bench();
    worker.handleTask("work", ({ signal }) => aborted(signal).then(() => undefined));
    let left: PromiseLike<unknown>;
    {
      await using task = boss.requestTask("worker", { name: "work" });
      left = task;
      await idle();
    }
    await expectFailure(Code.CANCELLED, left);
    await idle();
    expect(bodyOf("taskCancel", sent[1]).reason).to.equal("the block that it belongs to was left");
  });

  it("ends an iteration with the error, wherever it is", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("work", ({ signal, update }) => {
      update(1);
      return aborted(signal).then(() => undefined);
    });
    const task = boss.requestTask("worker", { name: "work" });
    const seen: unknown[] = [];
    try {
      for await (const { data } of task) {
        seen.push(data);
        task.cancel();
      }
      expect.fail("the iteration throws");
    } catch (error) {
      expect(error).to.be.instanceOf(StatusError).and.to.include({ code: Code.CANCELLED });
    }
    expect(seen).to.deep.equal([1]);
  });

  it("stops a generator, which gets to clean up", async () => {
    const { boss, worker } = await bench();
    const steps: string[] = [];
    worker.handleTask("count", async function* () {
      try {
        for (let i = 0; ; i++) {
          await idle();
          yield i;
        }
      } finally {
        steps.push("cleaned up");
      }
    });
    const task = boss.requestTask("worker", { name: "count" });
    for await (const { data } of task) {
      if (data === 3) {
        break;
      }
    }
    task.cancel();
    await expectFailure(Code.CANCELLED, task);
    for (let i = 0; i < 5; i++) {
      await idle();
    }
    expect(steps).to.deep.equal(["cleaned up"]);
  });

  describe("on behalf of somebody else", () => {
    it("works by the id, and tells the worker the reason", async () => {
      const { boss, worker, sent } = await bench();
      worker.handleTask("work", ({ signal }) => aborted(signal).then(() => undefined));
      const task = boss.requestTask("worker", { name: "work" });
      await idle();
      expect(boss.requestCancelTask(task.id, "the user said so")).to.equal(true);
      await expectFailure(Code.CANCELLED, task);
      await idle();
      expect(bodyOf("taskCancel", sent[1]).reason).to.equal("the user said so");
    });

    it("is refused for a task that may not be cancelled, which its own requester can still cancel", async () => {
      const { boss, worker } = await bench();
      const gate = deferred<string>();
      worker.handleTask("work", () => gate.promise);
      const [kept, cancelled] = [1, 2].map(() => boss.requestTask("worker", { name: "work", cancellable: false }));
      await idle();
      expect(boss.requestCancelTask(kept?.id ?? "")).to.equal(false);
      cancelled?.cancel();
      await expectFailure(Code.CANCELLED, cancelled as PromiseLike<unknown>);
      gate.resolve("done");
      expect(await kept).to.equal("done");
    });

    it("is refused for one that isn't known, or has ended", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("work", () => 1);
      const task = boss.requestTask("worker", { name: "work" });
      await task;
      expect(boss.requestCancelTask(task.id)).to.equal(false);
      expect(boss.requestCancelTask("none")).to.equal(false);
    });

    it("is refused to others than its requester, and nothing comes of a stranger's cancel", async () => {
      const { boss, worker, add } = await bench();
      const stranger = await add("stranger");
      const gate = deferred<string>();
      worker.handleTask("work", () => gate.promise);
      const task = boss.requestTask("worker", { name: "work" });
      await idle();
      expect(stranger.requestCancelTask(task.id)).to.equal(false);
      stranger.send(busMessage("taskCancel", { taskId: task.id }, { target: "worker" }));
      await idle();
      expect(worker.taskStats).to.include({ handled: 1, dropped: 1 });
      gate.resolve("done");
      expect(await task).to.equal("done");
    });
  });
});
