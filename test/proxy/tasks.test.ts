import { toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { describe, it } from "mocha";
import { BusMessageSchema, TaskStatus } from "../../gen/crossbus/v1/message_pb.js";
import { defineTask } from "../../src/agent/tasks/task-type.js";
import { deferred } from "../../src/base/deferred.js";
import { Code, StatusError } from "../../src/base/status.js";
import type { Dialect, DialectOptions } from "../../src/codec/dialect.js";
import { busMessage } from "../../src/message/build.js";
import { type ForwardEntry, TASKS } from "../../src/message/forward.js";
import { toJs } from "../../src/message/value.js";
import { OrderSchema } from "../message/gen/acme/v1/order_pb.js";
import { type BridgeFixture, useBridge, wires } from "../support/bridge-fixture.js";
import { idle, until } from "../support/idle.js";
import { ProxyBench } from "../support/proxy-bench.js";
import { aborted, bodyOf, collect, expectFailure } from "../support/task-bench.js";

const forwardMessages: readonly ForwardEntry[] = ["frame", ...TASKS];

/** A bridge that tasks cross, and the agents at its ends. */
async function opened(bridge: BridgeFixture, options: DialectOptions & { readonly maxMessageBytes?: number } = {}) {
  await bridge.serveAssistants({ forwardMessages }, options);
  const [{ acme }, served] = await bridge.connect({ forwardMessages, reconnect: false, ...options });
  return { served, acme, assistant: served.assistant };
}

for (const { name, make } of wires) {
  describe(`tasks across a bridge over ${name}`, () => {
    const fixture = useBridge(make);

    for (const direction of ["the client asks for", "the server asks for"] as const) {
      describe(`that ${direction}`, () => {
        const open = async (dialect: Dialect = "protobuf") => {
          const bridge = fixture();
          const { acme, assistant } = await opened(bridge, { dialect });
          return direction === "the client asks for"
            ? { bridge, requester: acme, worker: assistant }
            : { bridge, requester: assistant, worker: acme };
        };

        for (const dialect of ["protobuf", "pipecat", "pipecat-subagents"] as const) {
          it(`are done as they are in one process, in dialect ${dialect}`, async () => {
            const { requester, worker } = await open(dialect);
            worker.handleTask("count", async function* ({ payload, update }) {
              update({ upTo: payload });
              for (let i = 1; i <= (payload as number); i++) {
                yield { i };
              }
              return "done";
            });
            const task = requester.requestTask(worker.name, { name: "count", payload: 3 });
            expect((await collect(task)).map(({ type, data }) => [type, data])).to.deep.equal([
              ["streamStart", undefined],
              ["update", { upTo: 3 }],
              ["streamData", { i: 1 }],
              ["streamData", { i: 2 }],
              ["streamData", { i: 3 }],
              ["streamEnd", "done"],
            ]);
            expect(await task).to.equal("done");
          });

          it(`fail with what the handler throws, with its code and details, in dialect ${dialect}`, async () => {
            const { requester, worker } = await open(dialect);
            worker.handleTask("find", () => {
              throw new StatusError(Code.NOT_FOUND, "no anvil", { details: [{ type: "retryInfo", retryable: false }] });
            });
            const task = requester.requestTask(worker.name, { name: "find" });
            const error = await expectFailure(Code.NOT_FOUND, task);
            expect(error.message).to.equal(`agent "${worker.name}": no anvil`);
            expect(error.details).to.deep.include({ type: "retryInfo", retryable: false });
            expect(task.outcomes.get(worker.name)?.status).to.equal(TaskStatus.ERROR);
          });

          it(`are typed and checked where they arrive, in dialect ${dialect}`, async () => {
            const { requester, worker } = await open(dialect);
            const order = defineTask("order", { request: OrderSchema, response: OrderSchema });
            worker.handleTask(order, ({ payload }) => ({ ...payload, quantity: payload.quantity + 1 }));
            const response = await requester.requestTask(worker.name, { task: order, payload: { quantity: 2 } });
            expect(response.quantity).to.equal(3);
            const wrong = requester.requestTask(worker.name, { name: "order", payload: { quantity: "x" } });
            const error = await expectFailure(Code.INVALID_ARGUMENT, wrong);
            expect(error.message).to.include("payload.quantity");
          });
        }

        it("are UNIMPLEMENTED at once where there is no handler", async () => {
          const { requester, worker } = await open();
          await expectFailure(Code.UNIMPLEMENTED, requester.requestTask(worker.name, { name: "none" }));
        });

        it("are cancelled, with the reason", async () => {
          const { requester, worker } = await open();
          const why = deferred<StatusError>();
          worker.handleTask("work", ({ signal }) => aborted(signal).then(why.resolve));
          const task = requester.requestTask(worker.name, { name: "work" });
          await until(() => worker.taskStats.handled === 1);
          task.cancel("enough");
          await expectFailure(Code.CANCELLED, task);
          expect((await why.promise).message).to.include("enough");
          await until(() => requester.taskStats.dropped === 1);
        });

        it("are not begun when the cancel overtakes the request", async () => {
          const { requester, worker } = await open();
          worker.handleTask("work", () => expect.fail("was called"));
          const task = requester.requestTask(worker.name, { name: "work" });
          task.cancel();
          await expectFailure(Code.CANCELLED, task);
          await until(() => worker.cases.includes("taskRequest") && worker.cases.includes("taskCancel"));
          await idle();
          expect(worker.taskStats).to.include({ handled: 0, earlyCancels: 0 });
        });

        it("fail with UNAVAILABLE at both ends when the connection is lost", async () => {
          const { bridge, requester, worker } = await open();
          const why = deferred<StatusError>();
          worker.handleTask("work", ({ signal }) => aborted(signal).then(why.resolve));
          const task = requester.requestTask(worker.name, { name: "work" });
          await until(() => worker.taskStats.handled === 1);
          const failure = task.then(
            () => expect.fail("it can't complete"),
            (error: StatusError) => error,
          );
          await bridge.clientConnections[0]?.close({
            code: Code.UNAVAILABLE,
            message: "pulled the plug",
            details: [],
          });
          // On the server's side the session's runner is cancelled at the same time, which is not why.
          expect([(await failure).code, (await why.promise).code]).to.deep.equal([Code.UNAVAILABLE, Code.UNAVAILABLE]);
          expect(requester.taskStats.requested).to.equal(0);
          expect(worker.taskStats.handled).to.equal(0);
          expect(bridge.logger.takeErrors().map(String)).to.deep.equal(["StatusError: pulled the plug"]);
        });
      });
    }

    it("aren't begun where they waited for the worker while the connection was lost", async () => {
      const bridge = fixture();
      await bridge.serveAssistants({ forwardMessages });
      const [{ acme, proxy }, { assistant }] = await bridge.connect({ forwardMessages, reconnect: false });
      const gate = deferred();
      acme.hooks.activated = () => gate.promise;
      let called = 0;
      acme.handleTask("work", () => void called++);
      acme.activateAgent("acme");
      await idle();
      const crossed = new Promise<void>((resolve) => {
        proxy.on("crossed", ({ body }) => body.case === "taskRequest" && resolve());
      });
      const task = assistant.requestTask("acme", { name: "work" });
      await crossed;
      const failure = task.then(
        () => expect.fail("it can't complete"),
        (error: StatusError) => error,
      );
      await bridge.clientConnections[0]?.close({ code: Code.UNAVAILABLE, message: "pulled the plug", details: [] });
      await failure;
      gate.resolve();
      await until(() => acme.cases.includes("taskRequest"));
      expect([called, acme.taskStats.handled]).to.deep.equal([0, 0]);
      bridge.logger.takeErrors();
    });

    it("fail with PERMISSION_DENIED at once where the policy of the requester's side doesn't let them out", async () => {
      const bridge = fixture();
      await bridge.serveAssistants({ forwardMessages });
      const [{ acme }] = await bridge.connect({ forwardMessages: ["frame"] });
      const error = await expectFailure(Code.PERMISSION_DENIED, acme.requestTask("assistant", { name: "work" }));
      expect(error.message).to.include('"proxy"').and.to.include("forwardMessages");
    });

    it("fail with PERMISSION_DENIED where the policy of the other side doesn't let them in", async () => {
      const bridge = fixture();
      await bridge.serveAssistants({ forwardMessages: ["frame", "taskResponseUrgent"] });
      const [{ acme }, { denied, assistant }] = await bridge.connect({ forwardMessages });
      const error = await expectFailure(Code.PERMISSION_DENIED, acme.requestTask("assistant", { name: "work" }));
      expect(error.message).to.include('"gateway"');
      expect(denied.map(({ direction, rule }) => [direction, rule])).to.deep.equal([["in", "case"]]);
      expect(assistant.cases).not.to.include("taskRequest");
    });

    it("are waited for until a timeout where the other side lets nothing of tasks in or out", async () => {
      const bridge = fixture();
      await bridge.serveAssistants({ forwardMessages: ["frame"] });
      const [{ acme }, { denied }] = await bridge.connect({ forwardMessages });
      const task = acme.requestTask("assistant", { name: "work", timeoutMs: 1_000 });
      await until(() => denied.length === 1);
      expect(task.state).to.equal("running");
      bridge.clock.advance(1_000);
      await expectFailure(Code.DEADLINE_EXCEEDED, task);
    });

    it("fail with PERMISSION_DENIED where the response may not come back", async () => {
      const bridge = fixture();
      await bridge.serveAssistants({ forwardMessages: ["taskRequest", "taskResponseUrgent"] });
      const [{ acme }, { assistant }] = await bridge.connect({ forwardMessages });
      assistant.handleTask("work", () => "secret");
      const error = await expectFailure(Code.PERMISSION_DENIED, acme.requestTask("assistant", { name: "work" }));
      expect(error.message).to.include('"gateway"');
    });

    it("fail with UNAVAILABLE at once while there is no connection to a worker that is known", async () => {
      const bridge = fixture();
      await bridge.serveAssistants({ forwardMessages });
      const [{ acme, runner }] = await bridge.connect({ forwardMessages, reconnect: false });
      acme.deactivateAgent("proxy");
      await until(() => acme.calls.includes("agentGone assistant"));
      runner.registry.register({ name: "assistant", runner: "elsewhere" });
      await expectFailure(Code.UNAVAILABLE, acme.requestTask("assistant", { name: "work" }));
    });

    it("fail with NOT_FOUND, at the gate, for an agent that no proxy leads to", async () => {
      const bridge = fixture();
      const { acme } = await opened(bridge);
      const failure = expectFailure(Code.NOT_FOUND, acme.requestTask("nobody", { name: "work" }));
      bridge.clock.advance(10_000);
      await failure;
    });

    it("fail with NOT_FOUND where the agent behind the bridge has gone since", async () => {
      const { acme, served } = await opened(fixture());
      const sent = busMessage("taskRequest", { taskId: "1", taskName: "work" }, { target: "assistant" });
      await served.assistant.finish();
      acme.send(sent);
      await until(() => acme.cases.includes("taskResponseUrgent"));
      const response = acme.messages.find(({ body }) => body.case === "taskResponseUrgent");
      expect(response?.source).to.equal("assistant");
      expect(bodyOf("taskResponseUrgent", response)).to.include({ taskId: "1", status: TaskStatus.ERROR });
      expect(toJs(bodyOf("taskResponseUrgent", response).response)).to.have.nested.property("error.code", "NOT_FOUND");
    });
  });

  describe(`tasks of a size across a bridge over ${name}`, () => {
    const fixture = useBridge(make);

    it("fail with RESOURCE_EXHAUSTED when the request or the response is too large for the link", async () => {
      const { acme, assistant } = await opened(fixture(), { maxMessageBytes: 4_096 });
      assistant.handleTask("work", ({ payload }) => (payload === "large" ? "x".repeat(5_000) : "small"));
      const tooLarge = acme.requestTask("assistant", { name: "work", payload: "x".repeat(5_000) });
      await expectFailure(Code.RESOURCE_EXHAUSTED, tooLarge);
      const answeredTooLarge = acme.requestTask("assistant", { name: "work", payload: "large" });
      await expectFailure(Code.RESOURCE_EXHAUSTED, answeredTooLarge);
      expect(await acme.requestTask("assistant", { name: "work" })).to.equal("small");
    });

    for (const side of ["the client's", "the server's"] as const) {
      it(`end the stream of ${side} worker of which a piece is too large for the link, at both ends`, async () => {
        const { acme, assistant } = await opened(fixture(), { maxMessageBytes: 4_096 });
        const [worker, requester] = side === "the client's" ? [acme, assistant] : [assistant, acme];
        const why = deferred<StatusError>();
        const returned = deferred<void>();
        worker.handleTask("tick", async function* ({ signal }) {
          void aborted(signal).then(why.resolve);
          try {
            for (let i = 0; ; i++) {
              yield i === 2 ? "x".repeat(5_000) : i;
              await idle();
            }
          } finally {
            returned.resolve();
          }
        });
        await expectFailure(Code.RESOURCE_EXHAUSTED, requester.requestTask(worker.name, { name: "tick" }));
        expect((await why.promise).message)
          .to.include("a piece of its stream was lost")
          .and.include("maxMessageBytes");
        await returned.promise;
        await until(() => worker.taskStats.handled === 0);
      });
    }
  });
}

describe("a request that the policy doesn't let in", () => {
  it("isn't read any further where the policy has no answer to it either", async () => {
    const bench = await ProxyBench.start({ side: "server", forwardMessages: ["frame"] });
    const request = busMessage("taskRequest", { taskId: "1" }, { source: "helper", target: "main" });
    const bytes = toBinary(BusMessageSchema, request);
    // The length of the id is one byte more than there is.
    bytes[bytes.length - 2] = 2;
    bench.connection.deliver(bytes);
    await idle();
    expect(bench.denied.map(({ rule }) => rule)).to.deep.equal(["case"]);
    expect(bench.connection.closedWith).to.equal(undefined);
    expect(bench.connection.sent).to.deep.equal([]);
    await bench.stop();
  });
});
