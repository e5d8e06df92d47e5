import { expect } from "chai";
import { describe, it } from "mocha";
import { TaskStatus } from "../../../gen/crossbus/v1/message_pb.js";
import type { TaskEvent } from "../../../src/agent/tasks/task.js";
import type { TaskContext } from "../../../src/agent/tasks/task-context.js";
import { deferred } from "../../../src/base/deferred.js";
import { Code, StatusError } from "../../../src/base/status.js";
import { busMessage } from "../../../src/message/build.js";
import { expectRejected } from "../../support/expect-status.js";
import { idle, until } from "../../support/idle.js";
import { useRecordingLogger } from "../../support/recording-logger.js";
import { collect, expectFailure, useTaskBench } from "../../support/task-bench.js";

describe("the events of a task", () => {
  const logger = useRecordingLogger();
  const bench = useTaskBench(logger);

  it("come in their order, each with its kind and its worker, and end with the task", async () => {
    const { boss, worker } = await bench();
    // Taken apart, as handlers do.
    worker.handleTask("tell", ({ update, stream: { start, data, end } }) => {
      update({ progress: 1 });
      start({ parts: 1 });
      update({ progress: 2 });
      data({ part: 1 });
      end({ all: true });
    });
    const task = boss.requestTask("worker", { name: "tell" });
    expect(await collect(task)).to.deep.equal([
      { type: "update", agentName: "worker", data: { progress: 1 } },
      { type: "streamStart", agentName: "worker", data: { parts: 1 } },
      { type: "update", agentName: "worker", data: { progress: 2 } },
      { type: "streamData", agentName: "worker", data: { part: 1 } },
      { type: "streamEnd", agentName: "worker", data: { all: true } },
    ]);
    expect(await task).to.deep.equal({ all: true });
  });

  it("of several workers are interleaved as they come", async () => {
    const { boss, workers } = await bench("red", "blue");
    const turn = deferred<void>();
    workers["red"]?.handleTask("tell", async (task) => {
      task.update("first");
      await turn.promise;
      task.update("third");
    });
    workers["blue"]?.handleTask("tell", async (task) => {
      await idle();
      task.update("second");
      await idle();
      turn.resolve();
    });
    const task = boss.requestTaskGroup(["red", "blue"], { name: "tell" });
    const told = (await collect(task)).map(({ agentName, data }) => [agentName, data]);
    expect(told).to.deep.equal([
      ["red", "first"],
      ["blue", "second"],
      ["red", "third"],
    ]);
  });

  it("that came before anybody reads them are kept, also those of a task that has ended", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("count", async function* () {
      yield 1;
      yield 2;
    });
    const task = boss.requestTask("worker", { name: "count" });
    await task;
    await idle();
    expect((await collect(task)).map(({ type }) => type)).to.deep.equal([
      "streamStart",
      "streamData",
      "streamData",
      "streamEnd",
    ]);
    expect(await collect(task), "once they were read").to.deep.equal([]);
  });

  it("needn't be read: the task ends all the same", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("count", async function* () {
      for (let i = 0; i < 50; i++) {
        yield i;
      }
      return "done";
    });
    expect(await boss.requestTask("worker", { name: "count" })).to.equal("done");
  });

  it("that are still there are read before the reader gets the error of the task", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("break", (task) => {
      task.update(1);
      throw new StatusError(Code.ABORTED, "no more");
    });
    const task = boss.requestTask("worker", { name: "break" });
    await expectFailure(Code.ABORTED, task);
    const seen: unknown[] = [];
    await expectRejected(
      Code.ABORTED,
      (async () => {
        for await (const { data } of task) {
          seen.push(data);
        }
      })(),
    );
    expect(seen).to.deep.equal([1]);
  });

  it("wait for a reader that comes back to them", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("count", (task) => {
      for (const i of [1, 2, 3]) {
        task.update(i);
      }
    });
    const task = boss.requestTask("worker", { name: "count" });
    for await (const { data } of task) {
      expect(data).to.equal(1);
      break;
    }
    expect((await collect(task)).map(({ data }) => data)).to.deep.equal([2, 3]);
    expect(await task, "leaving the loop cancels nothing").to.equal(undefined);
  });

  it("have one reader at a time", async () => {
    const { boss, worker } = await bench();
    const gate = deferred<void>();
    worker.handleTask("wait", () => gate.promise);
    const task = boss.requestTask("worker", { name: "wait" });
    const first = collect(task);
    await expectRejected(Code.FAILED_PRECONDITION, collect(task));
    gate.resolve();
    expect(await first).to.deep.equal([]);
  });

  it("are kept up to 1 000, and a reader that comes too late is told what it missed", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("count", async (task) => {
      for (let i = 0; i < 1_010; i++) {
        task.update(i);
        if (i % 100 === 0) {
          await idle();
        }
      }
      return "done";
    });
    const task = boss.requestTask("worker", { name: "count" });
    expect(await task).to.equal("done");
    expect(task.droppedEvents).to.equal(10);
    const seen: TaskEvent[] = [];
    const error = await expectRejected(
      Code.RESOURCE_EXHAUSTED,
      (async () => {
        for await (const event of task) {
          seen.push(event);
        }
      })(),
    );
    expect(error.message).to.include("10 events");
    expect(seen.map(({ data }) => data)).to.deep.equal(Array.from({ length: 1_000 }, (_, i) => i));
  });

  for (const [how, handler, count] of [
    [
      "a generator yields without a pause",
      async function* generate() {
        for (let i = 0; i < 20_000; i++) {
          yield i;
        }
      },
      20_000,
    ],
    [
      "are sent in one go",
      (task: TaskContext) => {
        for (let i = 0; i < 5_000; i++) {
          task.stream.data(i);
        }
      },
      5_000,
    ],
    [
      "are large, and sent in one go",
      (task: TaskContext) => {
        for (let i = 0; i < 40; i++) {
          task.stream.data(new Uint8Array(1_000_000));
        }
      },
      40,
    ],
  ] as const) {
    it(`that ${how} all come to a reader that does nothing else`, async () => {
      const { boss, worker } = await bench();
      worker.handleTask("stream", handler);
      const events = await collect(boss.requestTask("worker", { name: "stream" }));
      expect(events.filter(({ type }) => type === "streamData")).to.have.length(count);
    });
  }

  it("are kept up to 10 000 for a reader that is slow, which is told what it missed", async () => {
    const { boss, worker } = await bench();
    const more = deferred<void>();
    worker.handleTask("count", async (task) => {
      task.update("first");
      await more.promise;
      for (let i = 0; i < 10_010; i++) {
        task.update(i);
        if (i % 100 === 0) {
          await idle();
        }
      }
    });
    const task = boss.requestTask("worker", { name: "count" });
    let seen = 0;
    await expectRejected(
      Code.RESOURCE_EXHAUSTED,
      (async () => {
        for await (const { data } of task) {
          if (data === "first") {
            more.resolve();
            await task;
          } else {
            seen++;
          }
        }
      })(),
    );
    expect(seen).to.equal(10_000);
    expect(task.droppedEvents).to.equal(10);
  });

  it("that come after a gap are dropped too, also when there is room again", async () => {
    const { boss, worker } = await bench();
    const more = deferred<void>();
    worker.handleTask("count", async (task) => {
      for (let i = 0; i < 1_001; i++) {
        task.update(i);
        if (i % 100 === 0) {
          await idle();
        }
      }
      await more.promise;
      task.update("after the gap");
    });
    const task = boss.requestTask("worker", { name: "count" });
    await until(() => task.droppedEvents === 1);
    const seen: unknown[] = [];
    await expectRejected(
      Code.RESOURCE_EXHAUSTED,
      (async () => {
        for await (const { data } of task) {
          seen.push(data);
          if (data === 10) {
            more.resolve();
            await task;
          }
        }
      })(),
    );
    expect(seen.at(-1)).to.equal(999);
    expect(task.droppedEvents).to.equal(2);
  });

  it("are kept up to 16 MiB", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("fill", async (task) => {
      for (let i = 0; i < 18; i++) {
        task.update(new Uint8Array(1_000_000));
        await idle();
      }
    });
    const task = boss.requestTask("worker", { name: "fill" });
    await task;
    expect(task.droppedEvents).to.equal(2);
    let count = 0;
    await expectRejected(
      Code.RESOURCE_EXHAUSTED,
      (async () => {
        for await (const _ of task) {
          count++;
        }
      })(),
    );
    expect(count).to.equal(16);
  });

  it("may be urgent, and overtake those before them", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("tell", (task) => {
      task.update("slow");
      task.update("fast", { urgent: true });
      task.respond("done");
    });
    const task = boss.requestTask("worker", { name: "tell" });
    expect((await collect(task)).map(({ data }) => data)).to.deep.equal(["fast", "slow"]);
    expect(await task).to.equal("done");
  });

  it("are asked for, and come", async () => {
    const { boss, worker } = await bench();
    const gate = deferred<void>();
    worker.handleTask("wait", (task) => {
      task.onUpdateRequest(() => task.update("half"));
      return gate.promise;
    });
    const task = boss.requestTask("worker", { name: "wait" });
    await idle();
    task.requestUpdate();
    for await (const { data } of task) {
      expect(data).to.equal("half");
      gate.resolve();
    }
    await task;
    expect(() => task.requestUpdate())
      .to.throw(StatusError)
      .with.property("code", Code.FAILED_PRECONDITION);
  });

  it("of strangers, of others than the worker, and after its response are dropped and counted", async () => {
    const { boss, workers } = await bench("worker", "stranger");
    const gate = deferred<void>();
    workers["worker"]?.handleTask("wait", async (task) => {
      await gate.promise;
      task.respond("done");
      workers["worker"]?.send(busMessage("taskUpdate", { taskId: task.id, update: "late" }, { target: "boss" }));
    });
    const task = boss.requestTask("worker", { name: "wait" });
    await idle();
    const target = { target: "boss" };
    const stranger = workers["stranger"];
    stranger?.send(busMessage("taskUpdate", { taskId: task.id, update: "no" }, target));
    stranger?.send(busMessage("taskStreamStart", { taskId: task.id }, target));
    stranger?.send(busMessage("taskStreamData", { taskId: task.id, data: "no" }, target));
    stranger?.send(busMessage("taskStreamEnd", { taskId: task.id, data: "no" }, target));
    stranger?.send(
      busMessage("taskResponseUrgent", { taskId: task.id, status: TaskStatus.COMPLETED, response: "no" }, target),
    );
    workers["worker"]?.send(busMessage("taskUpdate", { taskId: "another", update: "no" }, target));
    await idle();
    expect(boss.taskStats.dropped).to.equal(6);
    gate.resolve();
    expect(await task).to.equal("done");
    await idle();
    expect(boss.taskStats.dropped).to.equal(7);
    expect(await collect(task)).to.deep.equal([]);
  });
});
