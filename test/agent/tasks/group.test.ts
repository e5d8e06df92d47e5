import { expect } from "chai";
import { describe, it } from "mocha";
import { TaskStatus } from "../../../gen/crossbus/v1/message_pb.js";
import { deferred } from "../../../src/base/deferred.js";
import { Code, StatusError } from "../../../src/base/status.js";
import { busMessage } from "../../../src/message/build.js";
import { expectRejected } from "../../support/expect-status.js";
import { idle } from "../../support/idle.js";
import { useRecordingLogger } from "../../support/recording-logger.js";
import { aborted, bodyOf, collect, expectFailure, type TaskBench, useTaskBench } from "../../support/task-bench.js";

const names = ["red", "blue"];

/** What a group gives, in short: names, statuses and responses. */
function shown(outcomes: ReadonlyMap<string, { status: TaskStatus; response: unknown }>) {
  return [...outcomes].map(([name, { status, response }]) => [name, TaskStatus[status], response]);
}

describe("a group of tasks", () => {
  const logger = useRecordingLogger();
  const open = useTaskBench(logger);
  const bench = async (handlers: Readonly<Record<string, () => unknown>> = {}): Promise<TaskBench> => {
    const made = await open(...names);
    for (const [name, handler] of Object.entries(handlers)) {
      made.workers[name]?.handleTask("work", handler as () => undefined);
    }
    return made;
  };

  it("sends one request to each worker, with one id, and gives the response of each", async () => {
    const { boss, sent } = await bench({ red: () => 1, blue: () => 2 });
    const task = boss.requestTaskGroup(names, { name: "work", payload: { n: 1 } });
    expect(task.agentNames).to.deep.equal(names);
    expect(shown(await task)).to.deep.equal([
      ["red", "COMPLETED", 1],
      ["blue", "COMPLETED", 2],
    ]);
    const requests = sent.filter(({ body }) => body.case === "taskRequest");
    expect(requests.map(({ target }) => target)).to.deep.equal(names);
    expect(requests.map((message) => bodyOf("taskRequest", message).taskId)).to.deep.equal([task.id, task.id]);
  });

  it("may have a single worker", async () => {
    const { boss } = await bench({ red: () => 1 });
    expect(shown(await boss.requestTaskGroup(["red"], { name: "work" }))).to.deep.equal([["red", "COMPLETED", 1]]);
  });

  it("waits for all workers, and requests nothing before the last of them is ready", async () => {
    const { boss, sent, add } = await bench({ red: () => 1 });
    const task = boss.requestTaskGroup(["red", "late"], { name: "work" });
    await idle();
    expect(task.state).to.equal("waiting");
    expect(sent).to.deep.equal([]);
    await add("late", (worker) => worker.handleTask("work", () => 3));
    expect(shown(await task)).to.deep.equal([
      ["red", "COMPLETED", 1],
      ["late", "COMPLETED", 3],
    ]);
  });

  it("fails with NOT_FOUND that names those who are missing, and nobody else", async () => {
    const { boss, clock, sent } = await bench({ red: () => 1 });
    const failure = expectFailure(Code.NOT_FOUND, boss.requestTaskGroup(["red", "no1", "no2"], { name: "work" }));
    clock.advance(10_000);
    const error = await failure;
    expect(error.message).to.include('"no1", "no2"').and.not.to.include("red");
    expect(error.details.map((detail) => "resourceName" in detail && detail.resourceName)).to.deep.equal([
      "no1",
      "no2",
    ]);
    expect(sent).to.deep.equal([]);
  });

  it("waits again for a worker that was ready and is gone before the others are", async () => {
    const { boss, add } = await bench();
    const task = boss.requestTaskGroup(["red", "late"], { name: "work" });
    boss.send(busMessage("endAgent", {}, { target: "red" }));
    await idle();
    await add("late", (worker) => worker.handleTask("work", () => 3));
    await idle();
    expect(task.state).to.equal("waiting");
    task.cancel();
  });

  it("is ended by the first error: the others are cancelled, and the outcomes so far can be seen", async () => {
    const gate = deferred<void>();
    const { boss, workers, sent } = await open("red", "blue", "green");
    workers["red"]?.handleTask("work", () => "done");
    workers["blue"]?.handleTask("work", async () => {
      await gate.promise;
      throw new StatusError(Code.OUT_OF_RANGE, "too blue");
    });
    const why = deferred<StatusError>();
    workers["green"]?.handleTask("work", ({ signal }) => aborted(signal).then(why.resolve));
    const failed: unknown[] = [];
    boss.on("taskFailed", ({ id }, error) => failed.push([id, error.code]));
    boss.on("taskCompleted", () => failed.push("completed"));
    const task = boss.requestTaskGroup(["red", "blue", "green"], { name: "work" });
    await idle();
    gate.resolve();
    const error = await expectFailure(Code.OUT_OF_RANGE, task);
    expect(error.message).to.equal('agent "blue": too blue');
    await idle();
    expect(shown(task.outcomes)).to.deep.equal([
      ["red", "COMPLETED", "done"],
      ["blue", "ERROR", { error: { code: "OUT_OF_RANGE", message: "too blue" } }],
    ]);
    expect(task.outcomes.get("blue")?.error).to.equal(error);
    const cancels = sent.filter(({ body }) => body.case === "taskCancel");
    expect(cancels.map(({ target }) => target)).to.deep.equal(["green"]);
    expect(bodyOf("taskCancel", cancels[0]).reason).to.equal('agent "blue" failed');
    expect(await why.promise)
      .to.be.instanceOf(StatusError)
      .and.to.include({ code: Code.CANCELLED });
    expect(failed).to.deep.equal([[task.id, Code.OUT_OF_RANGE]]);
  });

  it("waits for all in spite of errors with cancelOnError: false, and gives the error of each", async () => {
    const gate = deferred<string>();
    const { boss, sent } = await bench({
      red: () => {
        throw new StatusError(Code.ABORTED, "no");
      },
      blue: () => gate.promise,
    });
    const task = boss.requestTaskGroup(names, { name: "work", cancelOnError: false });
    await idle();
    expect(task.state).to.equal("running");
    gate.resolve("done");
    const outcomes = await task;
    expect(shown(outcomes)).to.deep.equal([
      ["red", "ERROR", { error: { code: "ABORTED", message: "no" } }],
      ["blue", "COMPLETED", "done"],
    ]);
    expect(outcomes.get("red")?.error).to.include({ code: Code.ABORTED, message: 'agent "red": no' });
    expect(outcomes.get("blue")?.error).to.equal(undefined);
    expect(sent.some(({ body }) => body.case === "taskCancel")).to.equal(false);
  });

  it("counts a worker that has cancelled, and waits for the others", async () => {
    const { boss, workers } = await bench({ blue: () => 2 });
    workers["red"]?.handleTask("work", ({ respond }) => respond(undefined, { status: TaskStatus.CANCELLED }));
    const outcomes = await boss.requestTaskGroup(names, { name: "work" });
    expect(shown(outcomes)).to.deep.equal([
      ["red", "CANCELLED", undefined],
      ["blue", "COMPLETED", 2],
    ]);
    expect(outcomes.get("red")?.error).to.include({ code: Code.CANCELLED });
  });

  it("is ended by a worker that is gone", async () => {
    const gate = deferred<void>();
    const { boss, runner, sent } = await bench({ blue: () => gate.promise });
    runner.bus.subscribe({ name: "stranger", onBusMessage() {} });
    runner.registry.register({ name: "stranger", runner: "elsewhere" });
    const task = boss.requestTaskGroup(["stranger", "blue"], { name: "work" });
    await idle();
    runner.registry.unregister("stranger", "elsewhere");
    const error = await expectFailure(Code.UNAVAILABLE, task);
    expect(error.message).to.include('agent "stranger"');
    await idle();
    expect(sent.filter(({ body }) => body.case === "taskCancel").map(({ target }) => target)).to.deep.equal(["blue"]);
    gate.resolve();
  });

  it("is cancelled with a reason, or without one: it fails in either case", async () => {
    const gate = deferred<void>();
    const { boss, sent } = await bench({ red: () => gate.promise, blue: () => gate.promise });
    const first = boss.requestTaskGroup(names, { name: "work" });
    const second = boss.requestTaskGroup(names, { name: "work" });
    await idle();
    first.cancel("enough");
    second.cancel();
    expect((await expectFailure(Code.CANCELLED, first)).message).to.equal('task "work" was cancelled: enough');
    expect((await expectFailure(Code.CANCELLED, second)).message).to.equal('task "work" was cancelled');
    await idle();
    const cancels = sent.filter(({ body }) => body.case === "taskCancel");
    expect(cancels.map(({ target, body }) => [target, (body.value as { reason?: string }).reason])).to.deep.equal([
      ["red", "enough"],
      ["blue", "enough"],
      ["red", undefined],
      ["blue", undefined],
    ]);
    gate.resolve();
  });

  it("is cancelled by a signal, at all its workers", async () => {
    const { boss, workers } = await bench();
    const stopped: string[] = [];
    for (const name of names) {
      workers[name]?.handleTask("work", ({ signal }) => aborted(signal).then(() => void stopped.push(name)));
    }
    const controller = new AbortController();
    const task = boss.requestTaskGroup(names, { name: "work", signal: controller.signal });
    await idle();
    controller.abort();
    await expectFailure(Code.CANCELLED, task);
    await idle();
    expect(stopped).to.deep.equal(names);
  });

  it("tells that it has completed once all have responded, and once alone", async () => {
    const gate = deferred<void>();
    const { boss } = await bench({ red: () => 1, blue: () => gate.promise });
    const told: string[] = [];
    boss.on("taskCompleted", ({ id, outcomes }) => told.push(`${id} ${[...outcomes.keys()]}`));
    const task = boss.requestTaskGroup(names, { name: "work" });
    await idle();
    expect(told).to.deep.equal([]);
    gate.resolve();
    await task;
    await idle();
    expect(told).to.deep.equal([`${task.id} ${names}`]);
  });

  it("fails with DEADLINE_EXCEEDED that names those who haven't responded, and cancels them", async () => {
    const gate = deferred<void>();
    const { boss, clock, sent } = await bench({ red: () => 1, blue: () => gate.promise });
    const task = boss.requestTaskGroup(names, { name: "work", timeoutMs: 100 });
    await idle();
    clock.advance(100);
    const error = await expectFailure(Code.DEADLINE_EXCEEDED, task);
    expect(error.message).to.equal('task "work" took longer than 100 ms: no response from agent "blue"');
    await idle();
    const cancels = sent.filter(({ body }) => body.case === "taskCancel");
    expect(cancels.map(({ target, body }) => [target, (body.value as { reason?: string }).reason])).to.deep.equal([
      ["blue", "timeout"],
    ]);
    gate.resolve();
  });

  it("is cancelled when its block is left by an error, and not when it has ended", async () => {
    const gate = deferred<void>();
    const { boss, sent } = await bench({ red: () => gate.promise, blue: () => 2 });
    let id = "";
    const left = (async () => {
      await using task = boss.requestTaskGroup(names, { name: "work" });
      id = task.id;
      await idle();
      throw new Error("oh no");
    })();
    await left.then(
      () => expect.fail("the error goes on"),
      (error: Error) => expect(error.message).to.equal("oh no"),
    );
    await idle();
    const cancels = sent.filter(({ body }) => body.case === "taskCancel");
    expect(cancels.map(({ target }) => target)).to.deep.equal(["red"]);
    expect(bodyOf("taskCancel", cancels[0]).taskId).to.equal(id);
    gate.resolve();
    await idle();
    {
      await using task = boss.requestTaskGroup(["blue"], { name: "work" });
      await task;
    }
    expect(sent.filter(({ body }) => body.case === "taskCancel")).to.have.length(1);
  });

  it("takes an urgent response, which overtakes normal data", async () => {
    const { boss, workers } = await bench();
    workers["red"]?.handleTask("work", (task) => {
      task.update("slow");
      task.respond("fast", { urgent: true });
    });
    workers["blue"]?.handleTask("work", () => idle().then(() => 2));
    const task = boss.requestTaskGroup(names, { name: "work" });
    expect(shown(await task)).to.deep.equal([
      ["red", "COMPLETED", "fast"],
      ["blue", "COMPLETED", 2],
    ]);
    // The update came once the worker was done.
    expect(await collect(task)).to.deep.equal([]);
    expect(boss.taskStats.dropped).to.equal(1);
  });

  it("is ended by an urgent error too", async () => {
    const { boss, workers } = await bench({ blue: () => new Promise(() => {}) as unknown });
    workers["red"]?.handleTask("work", ({ respond }) => {
      respond({ error: { code: "DATA_LOSS", message: "lost" } }, { status: TaskStatus.FAILED, urgent: true });
    });
    const failed: unknown[] = [];
    boss.on("taskFailed", (_, { code }) => failed.push(code));
    const error = await expectFailure(Code.DATA_LOSS, boss.requestTaskGroup(names, { name: "work" }));
    expect(error.message).to.equal('agent "red": lost');
    await idle();
    expect(failed).to.deep.equal([Code.DATA_LOSS]);
  });

  it("is completed by its workers alone, each of them once", async () => {
    const gate = deferred<string>();
    const { boss, workers, add } = await bench({ red: () => gate.promise, blue: () => gate.promise });
    const stranger = await add("stranger");
    const task = boss.requestTaskGroup(names, { name: "work" });
    await idle();
    const response = (text: string) =>
      busMessage("taskResponse", { taskId: task.id, status: TaskStatus.COMPLETED, response: text }, { target: "boss" });
    stranger.send(response("forged"));
    workers["red"]?.send(response("by hand"));
    workers["red"]?.send(response("twice"));
    await idle();
    expect(shown(task.outcomes)).to.deep.equal([["red", "COMPLETED", "by hand"]]);
    gate.resolve("done");
    expect(shown(await task)).to.deep.equal([
      ["red", "COMPLETED", "by hand"],
      ["blue", "COMPLETED", "done"],
    ]);
    await idle();
    // The stranger's, the second of "red", and what its handler came with at last.
    expect(boss.taskStats.dropped).to.equal(3);
  });

  it("can't be completed by a worker in another's name: what it sends goes out in its own", async () => {
    const gate = deferred<string>();
    const { boss, workers } = await bench({ red: () => gate.promise, blue: () => gate.promise });
    const task = boss.requestTaskGroup(names, { name: "work" });
    await idle();
    const forged = busMessage(
      "taskResponse",
      { taskId: task.id, status: TaskStatus.COMPLETED, response: "forged" },
      { source: "blue", target: "boss" },
    );
    workers["red"]?.send(forged);
    await idle();
    expect([...task.outcomes.keys()]).to.deep.equal(["red"]);
    gate.resolve("done");
    expect((await task).get("blue")?.response).to.equal("done");
  });

  it("iterates over the events of all, until the last has responded", async () => {
    const { boss, workers } = await bench();
    workers["red"]?.handleTask("work", async function* () {
      yield "r1";
      await idle();
      yield "r2";
    });
    workers["blue"]?.handleTask("work", async (task) => {
      task.update("b1");
      await idle();
      await idle();
      task.update("b2");
    });
    const told = await collect(boss.requestTaskGroup(names, { name: "work" }));
    const of = (name: string) =>
      told.filter(({ agentName }) => agentName === name).map(({ type, data }) => [type, data]);
    expect(of("red")).to.deep.equal([
      ["streamStart", undefined],
      ["streamData", "r1"],
      ["streamData", "r2"],
      ["streamEnd", undefined],
    ]);
    expect(of("blue")).to.deep.equal([
      ["update", "b1"],
      ["update", "b2"],
    ]);
  });

  it("throws its error at the end of the iteration", async () => {
    const { boss, workers } = await bench({ red: () => new Promise(() => {}) as unknown });
    workers["blue"]?.handleTask("work", (task) => {
      task.update("first");
      throw new StatusError(Code.ABORTED, "no");
    });
    const seen: unknown[] = [];
    await expectRejected(
      Code.ABORTED,
      (async () => {
        for await (const { data } of boss.requestTaskGroup(names, { name: "work" })) {
          seen.push(data);
        }
      })(),
    );
    expect(seen).to.deep.equal(["first"]);
  });
});
