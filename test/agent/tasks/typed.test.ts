import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import { describe, it } from "mocha";
import type { Task } from "../../../src/agent/tasks/task.js";
import { defineTask } from "../../../src/agent/tasks/task-type.js";
import { Code } from "../../../src/base/status.js";
import type { JsValue } from "../../../src/message/value.js";
import { toJs } from "../../../src/message/value.js";
import { type Order, OrderSchema } from "../../message/gen/acme/v1/order_pb.js";
import { Grade, type Sample, SampleSchema } from "../../message/gen/acme/v1/sample_pb.js";
import { expectThrown } from "../../support/expect-status.js";
import { useRecordingLogger } from "../../support/recording-logger.js";
import { bodyOf, collect, expectFailure, useTaskBench } from "../../support/task-bench.js";

const inspect = defineTask("inspect", {
  request: OrderSchema,
  update: SampleSchema,
  stream: OrderSchema,
  response: SampleSchema,
});

/** Compiles only if both types are the same. */
function same<A, B>(
  ..._: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? [] : ["the types differ"]
): void {}

describe("a task that was declared", () => {
  const logger = useRecordingLogger();
  const bench = useTaskBench(logger);

  it("carries its messages both ways, in all four parts", async () => {
    const { boss, worker } = await bench();
    let seen: unknown;
    worker.handleTask(inspect, ({ payload, update, stream }) => {
      same<typeof payload, Order>();
      seen = payload;
      update({ grade: Grade.GOOD });
      stream.data({ id: "piece", quantity: 1 });
      return { texts: [payload.id], int64Field: 2n ** 60n };
    });
    const task = boss.requestTask("worker", { task: inspect, payload: { id: "anvil", quantity: 3 } });
    const events = await collect(task);
    const response = await task;
    same<typeof response, Sample>();
    expect(seen).to.deep.equal(create(OrderSchema, { id: "anvil", quantity: 3 }));
    expect(response).to.deep.equal(create(SampleSchema, { texts: ["anvil"], int64Field: 2n ** 60n }));
    expect(events.map(({ type }) => type)).to.deep.equal(["update", "streamStart", "streamData", "streamEnd"]);
    for (const event of events) {
      switch (event.type) {
        case "update":
          same<typeof event.data, Sample>();
          expect(event.data.grade).to.equal(Grade.GOOD);
          break;
        case "streamStart":
          same<typeof event.data, JsValue | undefined>();
          break;
        case "streamData":
          same<typeof event.data, Order>();
          expect(event.data).to.deep.equal(create(OrderSchema, { id: "piece", quantity: 1 }));
          break;
        case "streamEnd":
          same<typeof event.data, Sample>();
          expect(event.data).to.equal(response);
      }
    }
  });

  it("streams with a generator of its messages", async () => {
    const { boss, worker } = await bench();
    worker.handleTask(inspect, async function* ({ payload }) {
      for (let quantity = 1; quantity <= payload.quantity; quantity++) {
        yield { id: payload.id, quantity };
      }
      return { uint32Field: payload.quantity };
    });
    const task = boss.requestTask("worker", { task: inspect, payload: { id: "a", quantity: 2 } });
    expect((await task).uint32Field).to.equal(2);
    const pieces = (await collect(task)).filter((event) => event.type === "streamData");
    expect(pieces.map(({ data }) => (data as Order).quantity)).to.deep.equal([1, 2]);
  });

  it("gives the messages of each worker of a group", async () => {
    const { boss, workers } = await bench("red", "blue");
    for (const [name, worker] of Object.entries(workers)) {
      worker.handleTask(inspect, () => ({ stringField: name }));
    }
    const outcomes = await boss.requestTaskGroup(["red", "blue"], { task: inspect });
    const response = outcomes.get("blue")?.response;
    same<typeof response, Sample | undefined>();
    expect(response?.stringField).to.equal("blue");
  });

  it("may declare some parts alone: the others carry plain values", async () => {
    const { boss, worker } = await bench();
    const weigh = defineTask("weigh", { request: OrderSchema });
    worker.handleTask(weigh, ({ payload, update }) => {
      update(["any", "value"]);
      return payload.quantity * 2;
    });
    const task = boss.requestTask("worker", { task: weigh, payload: { quantity: 21 } });
    same<typeof task, Task>();
    expect(await task).to.equal(42);
    expect(await collect(task))
      .to.have.nested.property("[0].data")
      .that.deep.equals(["any", "value"]);
  });

  it("is the same on the bus as one that wasn't: plain values under the names of the .proto file", async () => {
    const { boss, worker, sent } = await bench();
    worker.handleTask("inspect", ({ payload }) => {
      expect(payload).to.deep.equal({ id: "anvil", quantity: 3 });
      return { string_field: "fine", grade: "GRADE_BETTER" };
    });
    const response = await boss.requestTask("worker", { task: inspect, payload: { id: "anvil", quantity: 3 } });
    expect(response).to.deep.equal(create(SampleSchema, { stringField: "fine", grade: Grade.BETTER }));
    expect(toJs(bodyOf("taskRequest", sent[0]).payload)).to.deep.equal({ id: "anvil", quantity: 3 });
  });

  it("serves a requester that doesn't know of the declaration", async () => {
    const { boss, worker } = await bench();
    worker.handleTask(inspect, ({ payload }) => ({ stringField: payload.id }));
    const response = (await boss.requestTask("worker", { name: "inspect", payload: { id: "x" } })) as {
      readonly string_field: string;
    };
    expect(response.string_field).to.equal("x");
  });

  it("has a payload that isn't valid refused with the path of the field, and the handler isn't called", async () => {
    const { boss, worker } = await bench();
    worker.handleTask(inspect, () => expect.fail("was called"));
    for (const [payload, path] of [
      [{ id: "a", quantity: "three" }, "payload.quantity"],
      [{ id: "a", quantity: -1 }, "payload.quantity"],
      [{ id: 7 }, "payload.id"],
      ["text", "payload"],
    ] as const) {
      const error = await expectFailure(
        Code.INVALID_ARGUMENT,
        boss.requestTask("worker", { name: "inspect", payload }),
      );
      expect(error.message.startsWith(`agent "worker": ${path}: `), error.message).to.equal(true);
      expect(error.details).to.deep.include({ type: "badRequest", field: path });
    }
  });

  for (const [part, handler] of [
    ["response", () => ({ grade: "GRADE_WORST" })],
    ["update", ({ update }) => update({ grade: "GRADE_WORST" })],
    ["streamData", ({ stream }) => stream.data({ quantity: "x" })],
    ["streamEnd", ({ stream }) => stream.end({ grade: "GRADE_WORST" })],
  ] as const satisfies readonly (readonly [string, Parameters<Worker["handleTask"]>[1]])[]) {
    it(`fails with INVALID_ARGUMENT, naming the worker, where the ${part} of an untyped worker isn't valid`, async () => {
      const { boss, worker } = await bench();
      worker.handleTask("inspect", handler);
      const error = await expectFailure(Code.INVALID_ARGUMENT, boss.requestTask("worker", { task: inspect }));
      expect(error.message.startsWith(`agent "worker": ${part}.`), error.message).to.equal(true);
    });
  }

  it("has what its handler sends checked before it goes out", async () => {
    const { boss, worker } = await bench();
    worker.handleTask(inspect, ({ update, stream }) => {
      expectThrown(Code.INVALID_ARGUMENT, () => update({ int32Field: 0.5 }));
      expectThrown(Code.INVALID_ARGUMENT, () => stream.data({ quantity: -1 }));
      return { texts: ["\ud800"] };
    });
    const error = await expectFailure(Code.INVALID_ARGUMENT, boss.requestTask("worker", { task: inspect }));
    expect(error.message).to.match(/^agent "worker": response\.texts\[0\]: /);
  });

  it("isn't requested with a payload that isn't valid", async () => {
    const { boss, sent } = await bench();
    const error = expectThrown(Code.INVALID_ARGUMENT, () =>
      boss.requestTask("worker", { task: inspect, payload: { quantity: 2 ** 40 } }),
    );
    expect(error.message).to.match(/^payload\.quantity: /);
    expect(sent).to.deep.equal([]);
  });

  it("isn't answered with fields that its message doesn't have, which the compiler doesn't look for", async () => {
    const { boss, worker } = await bench();
    worker.handleTask(inspect, async () => ({ stringField: "a", int32Feild: 1 }));
    const error = await expectFailure(Code.INVALID_ARGUMENT, boss.requestTask("worker", { task: inspect }));
    expect(error.message).to.equal(
      'agent "worker": response.int32Feild: acme.v1.Sample has no field "int32Feild", got 1',
    );
  });

  it("isn't requested with such fields either", async () => {
    const { boss, sent } = await bench();
    const payload = { id: "a", quantitiy: 1 };
    const error = expectThrown(Code.INVALID_ARGUMENT, () => boss.requestTask("worker", { task: inspect, payload }));
    expect(error.message).to.match(/^payload\.quantitiy: acme\.v1\.Order has no field "quantitiy"/);
    expect(sent).to.deep.equal([]);
  });

  it("must have a name, and schemas of messages", () => {
    expectThrown(Code.INVALID_ARGUMENT, () => defineTask("", {}));
    const error = expectThrown(Code.INVALID_ARGUMENT, () => defineTask("x", { request: {} as typeof OrderSchema }));
    expect(error.message).to.match(/^schemas\.request: /);
  });

  it("doesn't compile with what isn't there", () => {
    // Never called: it has only to be refused by the compiler.
    const refused = (agent: Worker) => {
      // @ts-expect-error: a field that the message doesn't have
      agent.requestTask("worker", { task: inspect, payload: { nmae: "anvil" } });
      // @ts-expect-error: a field of another type
      agent.requestTask("worker", { task: inspect, payload: { id: 5 } });
      // @ts-expect-error: a response of another type
      agent.handleTask(inspect, () => ({ id: "anvil" }));
      // @ts-expect-error: an update of another type
      agent.handleTask(inspect, ({ update }) => update({ quantity: 1 }));
      // @ts-expect-error: a name beside the declaration, which has one
      agent.requestTask("worker", { task: inspect, name: "other" });
    };
    expect(refused).to.be.a("function");
  });
});

type Worker = Awaited<ReturnType<ReturnType<typeof useTaskBench>>>["worker"];
