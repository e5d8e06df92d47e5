import { expect } from "chai";
import { describe } from "mocha";
import {
  busMessage,
  Code,
  defineTask,
  double,
  LocalMessage,
  StatusError,
  type Task,
  type TaskHandler,
  TaskStatus,
} from "../../../src/index.js";
import type { BodyCase, BodyOf } from "../../../src/message/types.js";
import { OrderSchema } from "../../message/gen/acme/v1/order_pb.js";
import { expectRejected } from "../../support/expect-status.js";
import { eventually } from "../support/eventually.js";
import type { LiveBridge } from "../support/live-bridge.js";
import type { Live } from "../support/live-suite.js";

const payload = { topic: "café", n: 3, x: double(3), none: null };
const shownPayload = "{'topic': 'café', 'n': 3, 'x': 3.0, 'none': None}";

/** Which messages of tasks came from Python, in order. */
function cases(bridge: LiveBridge): readonly string[] {
  return bridge.agent.cases.filter((kind) => kind?.startsWith("task")) as string[];
}

/** Waits until a message of a case came, and gives its body. */
async function body<C extends BodyCase>(bridge: LiveBridge, kind: C): Promise<BodyOf<C>> {
  const find = () => bridge.agent.messages.find((message) => message.body.case === kind);
  await eventually(() => find() !== undefined);
  return find()?.body.value as BodyOf<C>;
}

/** What a task tells, in short. */
async function events(task: Task<unknown>): Promise<readonly (readonly [string, unknown])[]> {
  const all: (readonly [string, unknown])[] = [];
  for await (const { type, data } of task) {
    all.push([type, data]);
  }
  return all;
}

/** The types of the messages about tasks that Python got, in order. */
function typesInPython(bridge: LiveBridge): readonly string[] {
  const types = bridge.python.told("message").map(({ message }) => (message as { type: string }).type);
  return types.filter((type) => type.startsWith("BusTask"));
}

/** Tasks across the bridge, in Pipecat's own terms on the other side of it. */
export function testTasks(live: Live): void {
  describe("tasks that Python does", () => {
    live.it("gives updates and the response of a handler of its own", async () => {
      const bridge = await live.open();
      const task = bridge.agent.requestTask("py", { name: "decorated", payload });
      expect(await events(task)).to.deep.equal([["update", { progress: 0.5 }]]);
      expect(await task).to.deep.equal({ topic: "café", n: 3, x: 3, none: null });
      const request = await bridge.python.message("BusTaskRequestMessage");
      expect(request).to.include({
        source: "'ts'",
        target: "'py'",
        task_id: `'${task.id}'`,
        task_name: "'decorated'",
        payload: shownPayload,
      });
      expect(cases(bridge)).to.deep.equal(["taskUpdate", "taskResponse"]);
    });

    live.it("serves one that was declared as any other", async () => {
      const bridge = await live.open();
      const order = defineTask("decorated", { request: OrderSchema, response: OrderSchema });
      const response = await bridge.agent.requestTask("py", { task: order, payload: { id: "anvil", quantity: 3 } });
      expect(response).to.deep.include({ $typeName: "acme.v1.Order", id: "anvil", quantity: 3 });
      const request = await bridge.python.message("BusTaskRequestMessage");
      expect(request["payload"]).to.equal("{'id': 'anvil', 'quantity': 3}");
    });

    live.it("streams", async () => {
      const bridge = await live.open();
      const task = bridge.agent.requestTask("py", { name: "stream" });
      expect(await events(task)).to.deep.equal([
        ["streamStart", { parts: 2 }],
        ["streamData", { part: 1 }],
        ["streamData", { part: 2 }],
        ["streamEnd", { last: true }],
      ]);
      expect(await task).to.deep.equal({ last: true });
    });

    live.it("answers with urgent messages", async () => {
      const bridge = await live.open();
      const task = bridge.agent.requestTask("py", { name: "urgent", payload });
      expect(await events(task)).to.deep.equal([["update", { progress: 1 }]]);
      expect(cases(bridge)).to.deep.equal(["taskUpdateUrgent", "taskResponseUrgent"]);
    });

    live.it("fails", async () => {
      const bridge = await live.open();
      const task = bridge.agent.requestTask("py", { name: "fail" });
      const error = await expectRejected(Code.UNKNOWN, Promise.resolve(task));
      expect(error.message).to.equal('agent "py": answered with status failed');
      expect(task.outcomes.get("py")).to.deep.include({ status: TaskStatus.FAILED, response: { why: "no stock" } });
    });

    live.it("doesn't answer where its handler has a bug, which a timeout is for", async () => {
      const bridge = await live.open();
      bridge.expectedErrors.push(/no such thing/);
      const task = bridge.agent.requestTask("py", { name: "raise", timeoutMs: 500 });
      await expectRejected(Code.DEADLINE_EXCEEDED, Promise.resolve(task));
      expect(await bridge.python.message("BusTaskCancelMessage")).to.include({
        task_id: `'${task.id}'`,
        reason: "'timeout'",
      });
    });

    live.it("is asked how it is going, and cancelled", async () => {
      const bridge = await live.open();
      const task = bridge.agent.requestTask("py", { name: "wait" });
      await bridge.python.message("BusTaskRequestMessage");
      task.requestUpdate();
      for await (const { data } of task) {
        expect(data).to.deep.equal({ asked: true });
        task.cancel("too late");
        break;
      }
      await expectRejected(Code.CANCELLED, Promise.resolve(task));
      expect(await bridge.python.event("cancelled")).to.include({ id: task.id, reason: "too late" });
      // It says so itself once more, which nobody needs.
      expect(await body(bridge, "taskResponse")).to.include({ taskId: task.id, status: TaskStatus.CANCELLED });
      await eventually(() => bridge.agent.taskStats.dropped === 1);
      expect(bridge.agent.taskStats.requested).to.equal(0);
    });

    live.it("gets the cancel of a request that it hasn't seen before the request, which it then does", async () => {
      const bridge = await live.open();
      const task = bridge.agent.requestTask("py", { name: "plain", payload });
      task.cancel("too soon");
      const response = await body(bridge, "taskResponse");
      expect(response.status).to.equal(TaskStatus.COMPLETED);
      expect(typesInPython(bridge)).to.deep.equal(["BusTaskCancelMessage", "BusTaskRequestMessage"]);
      await eventually(() => bridge.agent.taskStats.dropped === 1);
    });

    if (live.direction === "TypeScript client") {
      live.it("fails with UNAVAILABLE when the connection is lost", async () => {
        const bridge = await live.open({ reconnect: false });
        const task = bridge.agent.requestTask("py", { name: "wait" });
        await bridge.python.message("BusTaskRequestMessage");
        await bridge.python.command("end");
        const error = await expectRejected(Code.UNAVAILABLE, Promise.resolve(task));
        expect(error.message).to.include('agent "py"');
        expect(bridge.agent.taskStats.requested).to.equal(0);
      });
    }
  });

  describe("tasks that Python asks for", () => {
    /** Has Python ask for a task, which "ts" does so. */
    const request = async (handler: TaskHandler | undefined, sent = "{'topic': 'café', 'n': 3, 'none': None}") => {
      const bridge = await live.open();
      if (handler !== undefined) {
        bridge.agent.handleTask("research", handler);
      }
      await bridge.python.command("request", { name: "research", payload: sent });
      return bridge;
    };

    live.it("gets updates, a stream's parts and a response, once the agent is known to be ready", async () => {
      const seen: unknown[] = [];
      const bridge = await request((task) => {
        seen.push([task.name, task.requester, task.payload]);
        task.update({ progress: double(1) });
        task.stream.start();
        task.stream.data({ text: "bad" });
        task.respond(payload);
      });
      const done = await bridge.python.event("taskDone");
      expect(done["response"]).to.equal(shownPayload);
      expect(seen).to.deep.equal([["research", "py", { topic: "café", n: 3, none: null }]]);
      const told = bridge.python.told("taskEvent").map(({ type, data }) => `${type} ${data}`);
      expect(told).to.deep.equal(["update {'progress': 1.0}", "stream_start None", "stream_data {'text': 'bad'}"]);
    });

    live.it("gets what a generator yields, and what it returns for its response", async () => {
      const bridge = await request(async function* () {
        yield { part: 1 };
        yield { part: 2 };
        return { text: "end" };
      });
      expect((await bridge.python.event("taskDone"))["response"]).to.equal("{'text': 'end'}");
      const told = bridge.python.told("taskEvent").map(({ type, data }) => `${type} ${data}`);
      expect(told).to.deep.equal([
        "stream_start None",
        "stream_data {'part': 1}",
        "stream_data {'part': 2}",
        "stream_end {'text': 'end'}",
      ]);
    });

    live.it("gets an urgent update and an urgent response", async () => {
      const bridge = await request((task) => {
        task.update({ soon: true }, { urgent: true });
        task.respond({}, { urgent: true });
      });
      expect((await bridge.python.event("taskDone"))["response"]).to.equal("{}");
      expect(typesInPython(bridge)).to.deep.equal(["BusTaskUpdateUrgentMessage", "BusTaskResponseUrgentMessage"]);
    });

    live.it("is told of what a handler throws, as an error that says what it is", async () => {
      const bridge = await request(() => {
        throw new StatusError(Code.NOT_FOUND, "no such topic");
      });
      expect((await bridge.python.event("taskFailed"))["error"]).to.match(/^(Task|Job)(Group)?Error: .*errored/);
      expect(await bridge.python.message("BusTaskResponseMessage")).to.include({
        response: "{'error': {'code': 'NOT_FOUND', 'message': 'no such topic'}}",
      });
    });

    live.it("is told at once of a task that nobody does", async () => {
      const bridge = await request(undefined);
      expect((await bridge.python.event("taskFailed"))["error"]).to.match(/^(Task|Job)(Group)?Error: .*errored/);
      expect(await bridge.python.message("BusTaskResponseMessage")).to.include({
        response: "{'error': {'code': 'UNIMPLEMENTED', 'message': 'there is no handler for task \"research\"'}}",
      });
    });

    live.it("is told of a payload that isn't what was declared", async () => {
      const bridge = await live.open();
      let calls = 0;
      bridge.agent.handleTask(defineTask("research", { request: OrderSchema }), () => void calls++);
      await bridge.python.command("request", { name: "research", payload: "{'id': 'anvil', 'quantity': 'three'}" });
      await bridge.python.event("taskFailed");
      const { response } = await bridge.python.message("BusTaskResponseMessage");
      expect(response).to.include("'code': 'INVALID_ARGUMENT'").and.to.include("payload.quantity");
      expect(calls).to.equal(0);
    });

    live.it("cancels with a reason, which stops the handler", async () => {
      let why: unknown;
      const bridge = await request(
        ({ signal }) =>
          new Promise((resolve) =>
            signal.addEventListener("abort", () => {
              why = signal.reason;
              resolve();
            }),
          ),
      );
      const { id } = await bridge.python.event("requested");
      await eventually(() => bridge.agent.taskStats.handled === 1);
      await bridge.python.command("cancel_request", { task: id, reason: "changed my mind" });
      await eventually(() => why !== undefined);
      expect(why).to.be.instanceOf(StatusError).and.to.include({ code: Code.CANCELLED });
      expect((why as StatusError).message).to.include("changed my mind");
      expect((await bridge.python.event("taskFailed"))["error"]).to.include("changed my mind");
      expect(bridge.agent.taskStats.handled).to.equal(0);
    });

    live.it("cancels a request that comes after the cancel: it isn't begun", async () => {
      const bridge = await live.open();
      let calls = 0;
      bridge.agent.handleTask("x", () => void calls++);
      await bridge.python.send(
        "BusTaskRequestMessage(source='py', target='ts', task_id='1', task_name='x')",
        "BusTaskCancelMessage(source='py', target='ts', task_id='1', reason='too soon')",
      );
      expect(await bridge.python.message("BusTaskResponseMessage")).to.include({ task_id: "'1'" });
      expect(cases(bridge)).to.deep.equal(["taskCancel", "taskRequest"]);
      expect(calls).to.equal(0);
      expect(bridge.agent.taskStats.earlyCancels).to.equal(0);
    });

    live.it("gets a response of other kinds of agents too, which write it themselves", async () => {
      const bridge = await live.open({
        hooks: (agent) => ({
          busMessage: (message) => {
            if (!(message instanceof LocalMessage) && message.body.case === "taskRequest") {
              const { taskId } = message.body.value;
              agent.send(busMessage("taskStreamEnd", { taskId, data: { by: "hand" } }, { target: message.source }));
            }
          },
        }),
      });
      bridge.agent.handleOtherTasks(() => new Promise(() => {}));
      await bridge.python.command("request", { name: "any", payload: "None" });
      expect((await bridge.python.event("taskDone"))["response"]).to.equal("{'by': 'hand'}");
    });
  });
}
