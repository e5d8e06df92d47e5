import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";
import { type BusMessage, TaskStatus } from "../../../gen/crossbus/v1/message_pb.js";
import type { AgentRunner } from "../../../src/agent/agent-runner.js";
import type { Task } from "../../../src/agent/tasks/task.js";
import type { TaskContext } from "../../../src/agent/tasks/task-context.js";
import { deferred } from "../../../src/base/deferred.js";
import { Code, StatusError } from "../../../src/base/status.js";
import { busMessage } from "../../../src/message/build.js";
import { markClosed, markDelivered } from "../../../src/message/provenance.js";
import { double, toJs, type ValueInit } from "../../../src/message/value.js";
import { expectThrown } from "../../support/expect-status.js";
import { idle, until } from "../../support/idle.js";
import { useRecordingLogger } from "../../support/recording-logger.js";
import { aborted, bodyOf, collect, expectFailure, useTaskBench } from "../../support/task-bench.js";

/** Settles what is under way, also what takes several turns. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await idle();
  }
}

describe("the worker of a task", () => {
  const logger = useRecordingLogger();
  const bench = useTaskBench(logger);

  describe("responds", () => {
    for (const [what, thrown, code] of [
      ["a status whose details aren't text", { field: "\ud83d" }, Code.INVALID_ARGUMENT],
      ["a status whose details can't be sent", { field: new Date(0) }, Code.INVALID_ARGUMENT],
      ["what can't be shown", { constructor: { name: { toString: 1 } } }, Code.UNKNOWN],
      ["an error with an odd message", Object.assign(new Error(), { message: Symbol("x") }), Code.UNKNOWN],
    ] as const) {
      it(`when the handler throws ${what}, and goes on`, async () => {
        const { boss, worker } = await bench();
        const handler = () => {
          throw "field" in thrown
            ? new StatusError(Code.INVALID_ARGUMENT, "bad", { details: [{ type: "badRequest", ...thrown } as never] })
            : thrown;
        };
        worker.handleTask("work", handler, { sequential: true });
        for (let i = 0; i < 2; i++) {
          const error = await expectFailure(code, boss.requestTask("worker", { name: "work" }));
          if ("field" in thrown && typeof thrown.field === "string") {
            expect(error.details).to.deep.include({ type: "badRequest", field: "\ufffd" });
          }
        }
        expect(worker.taskStats.handled).to.equal(0);
        logger.takeErrors();
      });
    }

    const handlers: readonly [string, (task: TaskContext) => unknown, unknown][] = [
      ["with what the handler returns", () => ({ sum: 3 }), { sum: 3 }],
      ["with what its promise resolves with", async () => ({ sum: 3 }), { sum: 3 }],
      ["with null, where it returns that", () => null, null],
      ["with nothing, where it returns nothing", () => {}, undefined],
      [
        "with what it says, and not with what it returns then",
        ({ respond }) => {
          respond("said");
          return "returned";
        },
        "said",
      ],
      [
        "with the end of its stream",
        ({ stream }) => {
          stream.data(1);
          stream.end("end");
        },
        "end",
      ],
      [
        "with what it returns after it has streamed",
        ({ stream }) => {
          stream.data(1);
          return "returned";
        },
        "returned",
      ],
      [
        "once, in the middle of a stream",
        ({ stream, respond }) => {
          stream.data(1);
          respond("said");
        },
        "said",
      ],
    ];
    for (const [title, handler, expected] of handlers) {
      it(title, async () => {
        const { boss, worker } = await bench();
        worker.handleTask("work", handler as () => ValueInit);
        expect(await boss.requestTask("worker", { name: "work" })).to.deep.equal(expected);
        await settled();
        expect(boss.taskStats.dropped, "further responses").to.equal(0);
      });
    }

    it("once: what it says after that is refused with FAILED_PRECONDITION", async () => {
      const { boss, worker } = await bench();
      const checked = deferred<void>();
      worker.handleTask("work", ({ respond, update, stream }) => {
        respond("first");
        for (const call of [
          () => respond("second"),
          () => update("late"),
          () => stream.start(),
          () => stream.data("late"),
          () => stream.end(),
        ]) {
          expectThrown(Code.FAILED_PRECONDITION, call);
        }
        checked.resolve();
      });
      expect(await boss.requestTask("worker", { name: "work" })).to.equal("first");
      await checked.promise;
    });

    it("with a status, and may say what failed", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("work", ({ respond }) => respond({ stock: 0 }, { status: TaskStatus.FAILED }));
      const task = boss.requestTask("worker", { name: "work" });
      const error = await expectFailure(Code.UNKNOWN, task);
      expect(error.message).to.equal('agent "worker": answered with status failed');
      expect(task.outcomes.get("worker"))
        .to.include({ status: TaskStatus.FAILED })
        .and.to.deep.include({
          response: { stock: 0 },
        });
    });

    it("with no status that there isn't", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("work", ({ respond }) => {
        for (const status of [TaskStatus.UNSPECIFIED, 99 as TaskStatus]) {
          expectThrown(Code.INVALID_ARGUMENT, () => respond("x", { status }));
        }
        return "done";
      });
      expect(await boss.requestTask("worker", { name: "work" })).to.equal("done");
    });

    it("with INVALID_ARGUMENT where the handler returns what can't be sent", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("work", (() => ({ now: new Date() })) as unknown as () => ValueInit);
      const error = await expectFailure(Code.INVALID_ARGUMENT, boss.requestTask("worker", { name: "work" }));
      expect(error.message).to.match(/^agent "worker": response\.now: /);
    });

    it("with an error when a handler that returns a promise throws at once", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("work", (() => {
        throw new StatusError(Code.ABORTED, "at once");
      }) as () => Promise<void>);
      await expectFailure(Code.ABORTED, boss.requestTask("worker", { name: "work" }));
    });

    it("in spite of a stream that breaks: the requester gets its parts, and the error", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("count", async function* () {
        yield 1;
        throw new StatusError(Code.DATA_LOSS, "lost count");
      });
      const task = boss.requestTask("worker", { name: "count" });
      const seen: unknown[] = [];
      try {
        for await (const { type, data } of task) {
          seen.push([type, data]);
        }
        expect.fail("the iteration throws");
      } catch (error) {
        expect(error).to.include({ code: Code.DATA_LOSS });
      }
      expect(seen).to.deep.equal([
        ["streamStart", undefined],
        ["streamData", 1],
      ]);
    });

    it("though the handler throws after its response, which is reported where it happened", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("work", ({ respond }) => {
        respond("said");
        throw new StatusError(Code.ABORTED, "after that");
      });
      expect(await boss.requestTask("worker", { name: "work" })).to.equal("said");
      await settled();
      expect(boss.taskStats.dropped).to.equal(0);
      expect(worker.calls).to.deep.include("error after that");
      logger.takeErrors();
    });

    for (const [what, handler, expected] of [
      ["results", () => "done", "done"],
      [
        "errors",
        () => {
          throw new StatusError(Code.ABORTED, "no");
        },
        Code.ABORTED,
      ],
    ] as const) {
      it(`with ${what} to all, however many end at once`, async () => {
        const { boss, worker } = await bench();
        const gate = deferred<void>();
        worker.handleTask("work", () => gate.promise.then(handler));
        const tasks: Task[] = [];
        for (let batch = 1; batch <= 3; batch++) {
          tasks.push(...Array.from({ length: 4_500 }, () => boss.requestTask("worker", { name: "work" })));
          await until(() => worker.taskStats.handled === 4_500 * batch);
        }
        gate.resolve();
        const ends = tasks.map((task) =>
          task.then(
            (response) => response,
            ({ code }: StatusError) => code,
          ),
        );
        expect(new Set(await Promise.all(ends))).to.deep.equal(new Set([expected]));
        expect(boss.taskStats.dropped, "further responses").to.equal(0);
        expect(worker.calls.filter((call) => call.startsWith("error"))).to.deep.equal([]);
      }).timeout(20_000);
    }

    it("though its error is longer than any queue has room for: that is cut", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("work", () => {
        const field = "y".repeat(70_000_000);
        throw new StatusError(Code.ABORTED, "x".repeat(70_000_000), { details: [{ type: "badRequest", field }] });
      });
      const { message, details } = await expectFailure(Code.ABORTED, boss.requestTask("worker", { name: "work" }));
      expect(message).to.equal(`agent "worker": ${"x".repeat(4_096)}…`);
      expect(details[0]).to.deep.equal({ type: "badRequest", field: `${"y".repeat(4_096)}…` });
    });

    it("with what is no larger than there is room for: else RESOURCE_EXHAUSTED", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("work", () => "x".repeat(70_000_000));
      await expectFailure(Code.RESOURCE_EXHAUSTED, boss.requestTask("worker", { name: "work" }));
    });

    it("though its requester awaits that in a handler, with a long queue behind it", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("count", async function* () {
        yield 1;
        return "done";
      });
      const results: unknown[] = [];
      boss.hooks.busMessage = async ({ body }) => {
        if (body.case === "ttsSpeak" && results.length === 0) {
          results.push("begun");
          results.push(await boss.requestTask("worker", { name: "count" }));
        }
      };
      for (let i = 0; i < 8_000; i++) {
        worker.send(busMessage("ttsSpeak", { text: "hi" }, { target: "boss" }));
      }
      await until(() => results.length === 2);
      expect(results[1]).to.equal("done");
    });

    it("though its requester's queue is full of data: what ends the task is urgent then", async () => {
      const { boss, worker, sent } = await bench();
      worker.handleTask("work", ({ signal }) => aborted(signal).then(() => undefined));
      const task = boss.requestTask("worker", { name: "work" });
      await idle();
      expectThrown(Code.RESOURCE_EXHAUSTED, () => {
        for (;;) {
          worker.send(busMessage("taskUpdate", { taskId: task.id, update: 1 }, { target: "boss" }));
        }
      });
      const failure = expectFailure(Code.CANCELLED, task);
      await worker.finish();
      expect((await failure).message).to.equal('agent "worker": answered with status cancelled');
      expect(sent.some(({ body }) => body.case === "taskResponseUrgent")).to.equal(true);
    });
  });

  it("gets the request as it came, with the types of its values", async () => {
    const { boss, worker } = await bench();
    let request: BusMessage | undefined;
    worker.handleTask("work", (task) => {
      request = task.request;
    });
    const task = boss.requestTask("worker", { name: "work", payload: double(3) });
    await task;
    expect(request).to.deep.include({ source: "boss", target: "worker" });
    expect(bodyOf("taskRequest", request)).to.deep.include({ taskId: task.id, taskName: "work" });
    expect(bodyOf("taskRequest", request).payload?.kind).to.deep.equal({ case: "doubleValue", value: 3 });
  });

  describe("chooses the handler", () => {
    it("of the name, or the one for all other tasks, which need no name", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("a", () => "a");
      worker.handleOtherTasks(({ name }) => `other ${name}`);
      expect(await boss.requestTask("worker", { name: "a" })).to.equal("a");
      expect(await boss.requestTask("worker", { name: "b" })).to.equal("other b");
      expect(await boss.requestTask("worker")).to.equal("other undefined");
    });

    it("and says UNIMPLEMENTED where there is none, with a name and without", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("a", () => "a");
      const named = await expectFailure(Code.UNIMPLEMENTED, boss.requestTask("worker", { name: "b" }));
      expect(named.message).to.equal('agent "worker": there is no handler for task "b"');
      const unnamed = await expectFailure(Code.UNIMPLEMENTED, boss.requestTask("worker"));
      expect(unnamed.message).to.equal('agent "worker": there is no handler for tasks without a name');
    });

    it("of which there is one for each name", async () => {
      const { worker } = await bench();
      worker.handleTask("a", () => 1);
      worker.handleOtherTasks(() => 1);
      const error = expectThrown(Code.ALREADY_EXISTS, () => worker.handleTask("a", () => 2));
      expect(error.message).to.equal('agent "worker" has a handler for task "a" already');
      expectThrown(Code.ALREADY_EXISTS, () => worker.handleOtherTasks(() => 2));
      expectThrown(Code.INVALID_ARGUMENT, () => worker.handleTask("", () => 2));
      expectThrown(Code.INVALID_ARGUMENT, () => worker.handleTask("c", "no function" as unknown as () => void));
    });

    it("and does the task although the agent isn't active", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("a", () => "a");
      worker.deactivate();
      await idle();
      expect(worker.active).to.equal(false);
      expect(await boss.requestTask("worker", { name: "a" })).to.equal("a");
    });
  });

  describe("with several tasks", () => {
    it("does them side by side", async () => {
      const { boss, worker } = await bench();
      const gates = [deferred<void>(), deferred<void>()];
      const done: unknown[] = [];
      worker.handleTask("work", async ({ payload }) => {
        await gates[payload as number]?.promise;
        done.push(payload);
      });
      const tasks = [0, 1].map((payload) => boss.requestTask("worker", { name: "work", payload }));
      await idle();
      expect(worker.taskStats.handled).to.equal(2);
      gates[1]?.resolve();
      await tasks[1];
      gates[0]?.resolve();
      await tasks[0];
      expect(done).to.deep.equal([1, 0]);
    });

    it("does one after the other, in order, with a handler that is sequential; others go on", async () => {
      const { boss, worker } = await bench();
      const steps: string[] = [];
      const gate = deferred<void>();
      const handler = async ({ payload }: TaskContext) => {
        steps.push(`begin ${payload}`);
        await gate.promise;
        await idle();
        steps.push(`end ${payload}`);
      };
      worker.handleTask("write", handler, { sequential: true });
      worker.handleTask("read", ({ payload }) => void steps.push(`read ${payload}`));
      const tasks = [1, 2, 3].map((payload) => boss.requestTask("worker", { name: "write", payload }));
      await boss.requestTask("worker", { name: "read", payload: 4 });
      expect(steps).to.have.members(["begin 1", "read 4"]);
      gate.resolve();
      await Promise.all(tasks);
      expect(steps.slice(2)).to.deep.equal(["end 1", "begin 2", "end 2", "begin 3", "end 3"]);
    });

    it("has each sequential handler wait for itself alone", async () => {
      const { boss, worker } = await bench();
      const gate = deferred<void>();
      worker.handleTask("slow", () => gate.promise, { sequential: true });
      worker.handleTask("quick", () => "done", { sequential: true });
      const slow = boss.requestTask("worker", { name: "slow" });
      expect(await boss.requestTask("worker", { name: "quick" })).to.equal("done");
      expect(slow.state).to.equal("running");
      gate.resolve();
      await slow;
    });

    it("goes on with the next when one fails or is cancelled, and begins none that was cancelled", async () => {
      const { boss, worker } = await bench();
      const begun: unknown[] = [];
      worker.handleTask(
        "write",
        async ({ payload, signal }) => {
          begun.push(payload);
          if (payload === 1) {
            throw new StatusError(Code.ABORTED, "no");
          }
          if (payload === 2) {
            await aborted(signal);
          }
          return payload;
        },
        { sequential: true },
      );
      const [first, second, third, fourth] = [1, 2, 3, 4].map((payload) =>
        boss.requestTask("worker", { name: "write", payload }),
      );
      await expectFailure(Code.ABORTED, first as PromiseLike<unknown>);
      await settled();
      expect(begun).to.deep.equal([1, 2]);
      third?.cancel();
      await idle();
      second?.cancel();
      expect(await fourth).to.equal(4);
      expect(begun).to.deep.equal([1, 2, 4]);
    });

    it("counts the wait for those before against the requester's timeout", async () => {
      const { boss, worker, clock } = await bench();
      const gate = deferred<void>();
      worker.handleTask("write", () => gate.promise, { sequential: true });
      const first = boss.requestTask("worker", { name: "write" });
      const second = boss.requestTask("worker", { name: "write", timeoutMs: 100 });
      await idle();
      clock.advance(100);
      await expectFailure(Code.DEADLINE_EXCEEDED, second);
      gate.resolve();
      await first;
    });

    it("does one of an id once, however often it is requested meanwhile, and says so", async () => {
      const { boss, worker } = await bench();
      let calls = 0;
      const gate = deferred<string>();
      worker.handleTask("work", () => {
        calls++;
        return gate.promise;
      });
      const task = boss.requestTask("worker", { name: "work" });
      await idle();
      boss.send(busMessage("taskRequest", { taskId: task.id, taskName: "work" }, { target: "worker" }));
      await idle();
      boss.send(busMessage("taskRequest", { taskId: task.id, taskName: "work" }, { target: "worker" }));
      await idle();
      expect([calls, worker.taskStats.dropped]).to.deep.equal([1, 2]);
      expect(logger.take("warn").map(({ message }) => message)).to.deep.equal([
        "a task was requested again while it is being done",
      ]);
      gate.resolve("done");
      expect(await task).to.equal("done");
    });

    it("knows those of two requesters apart, though they have the same id", async () => {
      const { boss, worker, add } = await bench();
      const other = await add("other");
      const gate = deferred<void>();
      worker.handleTask("work", async ({ requester }) => {
        await gate.promise;
        return requester;
      });
      for (const requester of [boss, other]) {
        requester.send(busMessage("taskRequest", { taskId: "same", taskName: "work" }, { target: "worker" }));
      }
      await idle();
      expect(worker.taskStats.handled).to.equal(2);
      gate.resolve();
      await settled();
      for (const requester of [boss, other]) {
        expect(toJs(bodyOf("taskResponse", requester.messages.at(-1)).response)).to.equal(requester.name);
      }
    });
  });

  describe("is asked for an update", () => {
    it("and tells its hook, its event and the handler, in this order", async () => {
      const { boss, worker } = await bench();
      const gate = deferred<void>();
      const told: string[] = [];
      worker.on("taskUpdateRequested", ({ id }) => told.push(`event ${id}`));
      worker.handleTask("work", ({ onUpdateRequest }) => {
        onUpdateRequest(() => void told.push("handler"));
        return gate.promise;
      });
      const task = boss.requestTask("worker", { name: "work" });
      await idle();
      task.requestUpdate();
      await idle();
      expect(told).to.deep.equal([`event ${task.id}`, "handler"]);
      gate.resolve();
      await task;
    });

    it("about a task that it doesn't do, or another's: that is dropped and counted", async () => {
      const { boss, worker, add } = await bench();
      const stranger = await add("stranger");
      const gate = deferred<void>();
      worker.on("taskUpdateRequested", () => expect.fail("was told"));
      worker.handleTask("work", () => gate.promise);
      const task = boss.requestTask("worker", { name: "work" });
      await idle();
      stranger.send(busMessage("taskUpdateRequest", { taskId: task.id }, { target: "worker" }));
      boss.send(busMessage("taskUpdateRequest", { taskId: "none" }, { target: "worker" }));
      await idle();
      expect(worker.taskStats.dropped).to.equal(2);
      gate.resolve();
      await task;
    });

    it("and goes on when what it does then throws, which is reported", async () => {
      const { boss, worker } = await bench();
      const gate = deferred<string>();
      worker.handleTask("work", ({ onUpdateRequest }) => {
        onUpdateRequest(() => {
          throw new Error("no idea");
        });
        onUpdateRequest(() => Promise.reject(new Error("no idea either")));
        return gate.promise;
      });
      const task = boss.requestTask("worker", { name: "work" });
      await idle();
      task.requestUpdate();
      await settled();
      expect(worker.calls).to.include.members(["error no idea", "error no idea either"]);
      logger.takeErrors();
      gate.resolve("done");
      expect(await task).to.equal("done");
    });
  });

  describe("for somebody at the other end of a link", () => {
    let link: object;
    beforeEach(() => {
      link = {};
    });
    /** Has "guest", whom the registry need not know, request a task. */
    const request = (runner: AgentRunner, taskId: string, payload?: ValueInit) => {
      const body = { taskId, taskName: "work", payload };
      const message = busMessage("taskRequest", body, { source: "guest", target: "worker" });
      markDelivered(message, link);
      runner.bus.send(message);
    };
    const guestOn = (runner: AgentRunner) => {
      const responses = new Map<string, TaskStatus>();
      runner.bus.subscribe({
        name: "guest",
        onBusMessage: (message) => {
          if (message.body.case === "taskResponse") {
            const { taskId, status } = bodyOf("taskResponse", message);
            responses.set(taskId, status);
          }
        },
      });
      return responses;
    };

    for (const [what, most, payload] of [
      ["ten thousand tasks", 10_000, undefined],
      ["64 MiB", 63, "x".repeat(1_048_576)],
    ] as const) {
      it(`does at most ${what} at a time: more are RESOURCE_EXHAUSTED until some have ended`, async () => {
        const { worker, runner } = await bench();
        const responses = guestOn(runner);
        const first = deferred<void>();
        const others = deferred<void>();
        let begun = 0;
        worker.handleTask("work", () => (begun++ === 0 ? first : others).promise);
        for (let i = 0; i < most; i++) {
          request(runner, `${i}`, payload);
          if (i % 50 === 49) {
            await idle();
          }
        }
        await until(() => begun === most);
        request(runner, "too many", payload);
        await until(() => responses.size === 1);
        expect(responses.get("too many")).to.equal(TaskStatus.ERROR);
        first.resolve();
        await until(() => responses.get("0") === TaskStatus.COMPLETED);
        request(runner, "in time", payload);
        await until(() => begun === most + 1);
        others.resolve();
        await until(() => responses.size === most + 2);
      });
    }

    it("stops when the link is closed, whoever was announced", async () => {
      const { worker, runner, sent } = await bench();
      guestOn(runner);
      const reasons: StatusError[] = [];
      worker.handleTask("work", ({ signal }) => aborted(signal).then((why) => void reasons.push(why)));
      request(runner, "1");
      request(runner, "2");
      await idle();
      markClosed(link);
      await settled();
      expect(reasons.map(({ code }) => code)).to.deep.equal([Code.UNAVAILABLE, Code.UNAVAILABLE]);
      expect(sent.map(({ body }) => body.case)).to.deep.equal(["taskRequest", "taskRequest"]);
    });

    it("keeps no more than a thousand responses that it doesn't take, beside its queue", async () => {
      const { worker, runner } = await bench();
      const stuck = deferred<void>();
      let taken = 0;
      runner.bus.subscribe({
        name: "guest",
        onBusMessage: () => {
          taken++;
          return stuck.promise;
        },
      });
      for (let i = 0; i < 13_000; i++) {
        request(runner, `${i}`);
        if (i % 500 === 499) {
          await idle();
        }
      }
      await settled();
      // Two are with the guest, 10 000 and 1 000 wait in its queue, and 1 000 are kept.
      expect(worker.taskStats).to.include({ handled: 0, dropped: 998 });
      expect(logger.takeErrors()).to.deep.equal([]);
      stuck.resolve();
      await until(() => taken === 12_002);
    }).timeout(20_000);
  });

  describe("is told to stop", () => {
    it("with UNAVAILABLE when the requester is gone, and says nothing to it", async () => {
      const { worker, runner, sent } = await bench();
      runner.bus.subscribe({ name: "guest", onBusMessage() {} });
      runner.registry.register({ name: "guest", runner: "elsewhere" });
      const why = deferred<StatusError>();
      const told: number[] = [];
      worker.on("taskCancelled", (_, { code }) => told.push(code));
      worker.handleTask("work", ({ signal }) => aborted(signal).then(why.resolve));
      runner.bus.send(
        busMessage("taskRequest", { taskId: "1", taskName: "work" }, { source: "guest", target: "worker" }),
      );
      await idle();
      runner.registry.unregister("guest", "elsewhere");
      expect(await why.promise).to.include({ code: Code.UNAVAILABLE });
      expect((await why.promise).message).to.equal('agent "guest", which requested the task, is gone');
      await settled();
      expect(told).to.deep.equal([Code.UNAVAILABLE]);
      expect(sent.map(({ body }) => body.case)).to.deep.equal(["taskRequest"]);
    });

    it("when its agent ends: it responds to all it does and to all that wait, with cancelled", async () => {
      const { boss, worker, sent } = await bench();
      worker.handleTask("work", () => new Promise<void>(() => {}), { sequential: true });
      const tasks = [1, 2].map(() => boss.requestTask("worker", { name: "work" }));
      await idle();
      await worker.finish();
      for (const task of tasks) {
        await expectFailure(Code.CANCELLED, task);
      }
      const responses = sent.filter(({ body }) => body.case === "taskResponse");
      expect(responses.map((message) => bodyOf("taskResponse", message).status)).to.deep.equal([
        TaskStatus.CANCELLED,
        TaskStatus.CANCELLED,
      ]);
    });
  });

  describe("streams with a generator", () => {
    it("which isn't asked for more once the task was cancelled, while it waited for room", async () => {
      const { worker, runner } = await bench();
      const stuck = deferred<void>();
      runner.bus.subscribe({ name: "guest", onBusMessage: () => stuck.promise });
      const steps: string[] = [];
      worker.handleTask("count", async function* () {
        try {
          yield 1;
          steps.push("went on");
          yield 2;
          steps.push("went on");
        } finally {
          steps.push("cleaned up");
        }
      });
      for (let i = 0; i < 6_000; i++) {
        worker.send(busMessage("ttsSpeak", { text: "hi" }, { target: "guest" }));
      }
      const from = { source: "guest", target: "worker" };
      runner.bus.send(busMessage("taskRequest", { taskId: "1", taskName: "count" }, from));
      await settled();
      expect(worker.taskStats.handled).to.equal(1);
      expect(steps).to.deep.equal([]);
      runner.bus.send(busMessage("taskCancel", { taskId: "1" }, from));
      await settled();
      expect(steps).to.deep.equal(["cleaned up"]);
      stuck.resolve();
    });

    it("no faster than the requester takes it", async () => {
      const { boss, worker, runner } = await bench();
      const gate = deferred<void>();
      boss.hooks = { activated: () => gate.promise };
      let yielded = 0;
      worker.handleTask("count", async function* () {
        for (; yielded < 30_000; yielded++) {
          yield yielded;
        }
        return "all";
      });
      const task = boss.requestTask("worker", { name: "count" });
      const seen = collect(task);
      let most = 0;
      runner.bus.subscribe({
        name: "gauge",
        observes: true,
        onBusMessage: () => {
          most = Math.max(most, runner.bus.isCongested("boss") ? 1 : 0);
        },
      });
      gate.resolve();
      expect(await task).to.equal("all");
      expect((await seen).length).to.equal(30_002);
      expect(task.droppedEvents).to.equal(0);
    }).timeout(20_000);

    it("until it responds in another way: what it yields after that counts for nothing", async () => {
      const { boss, worker } = await bench();
      const steps: string[] = [];
      worker.handleTask("count", async function* ({ respond }) {
        try {
          yield 1;
          respond("said");
          yield 2;
          steps.push("went on");
        } finally {
          steps.push("cleaned up");
        }
      });
      expect(await boss.requestTask("worker", { name: "count" })).to.equal("said");
      await settled();
      expect(steps).to.deep.equal(["cleaned up"]);
      expect(worker.calls.filter((call) => call.startsWith("error"))).to.deep.equal([]);
    });

    it("of an object that only looks like one: what has next() and is async iterable", async () => {
      const { boss, worker } = await bench();
      worker.handleTask("none", (() => ({ next: 1 })) as unknown as () => ValueInit);
      expect(await boss.requestTask("worker", { name: "none" }), "a plain value").to.deep.equal({ next: 1 });
    });
  });

  it("reports a hook or an event handler that throws, and goes on", async () => {
    const { boss, worker } = await bench();
    worker.handleTask("work", () => "done");
    worker.on("taskRequested", () => {
      throw new Error("no");
    });
    expect(await boss.requestTask("worker", { name: "work" })).to.equal("done");
    expect(logger.takeErrors()).to.have.length(1);
  });

  it("may be responded for by whoever is told of the request, before the handler", async () => {
    const { boss, worker } = await bench();
    worker.on("taskRequested", ({ name, respond }) => name === "work" && respond("from the event"));
    worker.handleTask("work", () => expect.fail("was called"));
    expect(await boss.requestTask("worker", { name: "work" })).to.equal("from the event");
  });
});
