import { expect } from "chai";
import { describe } from "mocha";
import { type BusMessage, busMessage, double, LocalMessage, TaskStatus, toJs } from "../../../src/index.js";
import type { BodyCase, BodyOf } from "../../../src/message/types.js";
import { eventually } from "../support/eventually.js";
import type { LiveBridge } from "../support/live-bridge.js";
import type { Live } from "../support/live-suite.js";

const toPython = { target: "py" };
const payload = { topic: "café", n: 3, x: double(3), none: null };
const shownPayload = "{'topic': 'café', 'n': 3, 'x': 3.0, 'none': None}";

/** The bodies of the messages of a case that came, about a task. */
function bodies<C extends BodyCase>(bridge: LiveBridge, kind: C): BodyOf<C>[] {
  return bridge.agent.messages.flatMap(({ body }) => (body.case === kind ? [body.value as BodyOf<C>] : []));
}

/** Waits until a message of a case came, and gives its body. */
async function body<C extends BodyCase>(bridge: LiveBridge, kind: C, times = 1): Promise<BodyOf<C>> {
  await eventually(() => bodies(bridge, kind).length >= times);
  return bodies(bridge, kind)[times - 1] as BodyOf<C>;
}

/** Which messages of tasks came, in order. */
function cases(bridge: LiveBridge): readonly string[] {
  return bridge.agent.cases.filter((kind) => kind?.startsWith("task")) as string[];
}

/** Tasks, as raw messages here and as Pipecat's own in Python. */
export function testTasks(live: Live): void {
  const ask = (bridge: LiveBridge, taskName: string) =>
    bridge.agent.send(busMessage("taskRequest", { taskId: "task-1", taskName, payload }, toPython));

  describe("tasks that Python does", () => {
    live.it("answers a request with an update and a response", async () => {
      const bridge = await live.open();
      ask(bridge, "update");
      const request = await bridge.python.message("BusTaskRequestMessage");
      expect(request).to.include({
        source: "'ts'",
        target: "'py'",
        task_id: "'task-1'",
        task_name: "'update'",
        payload: shownPayload,
      });
      const response = await body(bridge, "taskResponse");
      expect(response).to.include({ taskId: "task-1", status: TaskStatus.COMPLETED });
      expect(toJs(response.response)).to.deep.equal({ topic: "café", n: 3, x: 3, none: null });
      expect(toJs(bodies(bridge, "taskUpdate")[0]?.update)).to.deep.equal({ progress: 0.5 });
      expect(cases(bridge)).to.deep.equal(["taskUpdate", "taskResponse"]);
    });

    live.it("streams", async () => {
      const bridge = await live.open();
      ask(bridge, "stream");
      await body(bridge, "taskStreamEnd");
      expect(cases(bridge)).to.deep.equal(["taskStreamStart", "taskStreamData", "taskStreamData", "taskStreamEnd"]);
      expect(bodies(bridge, "taskStreamData").map(({ data }) => toJs(data))).to.deep.equal([{ part: 1 }, { part: 2 }]);
      expect(toJs(bodies(bridge, "taskStreamEnd")[0]?.data)).to.deep.equal({ last: true });
    });

    live.it("answers with urgent messages", async () => {
      const bridge = await live.open();
      ask(bridge, "urgent");
      const response = await body(bridge, "taskResponseUrgent");
      expect(response).to.include({ taskId: "task-1", status: TaskStatus.COMPLETED });
      expect(cases(bridge)).to.deep.equal(["taskUpdateUrgent", "taskResponseUrgent"]);
    });

    live.it("fails", async () => {
      const bridge = await live.open();
      ask(bridge, "fail");
      const response = await body(bridge, "taskResponse");
      expect(response.status).to.equal(TaskStatus.FAILED);
      expect(toJs(response.response)).to.deep.equal({ why: "no stock" });
    });

    live.it("is asked how it is going, and cancelled", async () => {
      const bridge = await live.open();
      ask(bridge, "wait");
      await bridge.python.message("BusTaskRequestMessage");
      bridge.agent.send(busMessage("taskUpdateRequest", { taskId: "task-1" }, toPython));
      expect(toJs((await body(bridge, "taskUpdate")).update)).to.deep.equal({ asked: true });
      bridge.agent.send(busMessage("taskCancel", { taskId: "task-1", reason: "too late" }, toPython));
      const cancelled = await bridge.python.event("cancelled");
      expect(cancelled).to.include({ id: "task-1", reason: "too late" });
      const response = await body(bridge, "taskResponse");
      expect(response).to.include({ taskId: "task-1", status: TaskStatus.CANCELLED });
    });

    live.it("gets the cancel of a request that it hasn't seen before the request, which it then does", async () => {
      const bridge = await live.open();
      ask(bridge, "plain");
      bridge.agent.send(busMessage("taskCancel", { taskId: "task-1", reason: "too soon" }, toPython));
      const response = await body(bridge, "taskResponse");
      expect(response.status).to.equal(TaskStatus.COMPLETED);
      const types = bridge.python.told("message").map(({ message }) => (message as { type: string }).type);
      expect(types.filter((type) => type.startsWith("BusTask"))).to.deep.equal([
        "BusTaskCancelMessage",
        "BusTaskRequestMessage",
      ]);
    });
  });

  describe("tasks that Python asks for", () => {
    /** Has Python ask for a task, which "ts" answers so. */
    const request = async (answers: (taskId: string, message: BusMessage) => readonly BusMessage[]) => {
      const bridge = await live.open({
        hooks: (agent) => ({
          busMessage: (message) => {
            if (!(message instanceof LocalMessage) && message.body.case === "taskRequest") {
              for (const answer of answers(message.body.value.taskId, message)) {
                agent.send(answer);
              }
            }
          },
        }),
      });
      await bridge.python.command("request", { name: "research", payload: "{'topic': 'café', 'n': 3, 'none': None}" });
      return bridge;
    };
    const answerTo = (message: BusMessage) => ({ target: message.source });

    live.it("gets updates, a stream's parts and a response, once the agent is known to be ready", async () => {
      const bridge = await request((taskId, message) => [
        busMessage("taskUpdate", { taskId, update: { progress: double(1) } }, answerTo(message)),
        busMessage("taskStreamStart", { taskId }, answerTo(message)),
        busMessage("taskStreamData", { taskId, data: { text: "bad" } }, answerTo(message)),
        busMessage("taskResponse", { taskId, status: TaskStatus.COMPLETED, response: payload }, answerTo(message)),
      ]);
      const done = await bridge.python.event("taskDone");
      expect(done["response"]).to.equal(shownPayload);
      const got = bodies(bridge, "taskRequest")[0];
      expect(got?.taskName).to.equal("research");
      expect(toJs(got?.payload)).to.deep.equal({ topic: "café", n: 3, none: null });
      const events = bridge.python.told("taskEvent").map(({ type, data }) => `${type} ${data}`);
      expect(events).to.deep.equal(["update {'progress': 1.0}", "stream_start None", "stream_data {'text': 'bad'}"]);
    });

    live.it("gets the end of a stream for its response", async () => {
      const bridge = await request((taskId, message) => [
        busMessage("taskStreamStart", { taskId, data: { parts: 1 } }, answerTo(message)),
        busMessage("taskStreamEnd", { taskId, data: { text: "end" } }, answerTo(message)),
      ]);
      expect((await bridge.python.event("taskDone"))["response"]).to.equal("{'text': 'end'}");
    });

    live.it("gets an urgent update and an urgent response", async () => {
      const bridge = await request((taskId, message) => [
        busMessage("taskUpdateUrgent", { taskId, update: { soon: true } }, answerTo(message)),
        busMessage("taskResponseUrgent", { taskId, status: TaskStatus.COMPLETED, response: {} }, answerTo(message)),
      ]);
      expect((await bridge.python.event("taskDone"))["response"]).to.equal("{}");
      const types = bridge.python.told("message").map(({ message }) => (message as { type: string }).type);
      expect(types).to.include.members(["BusTaskUpdateUrgentMessage", "BusTaskResponseUrgentMessage"]);
    });

    live.it("is told of a failure", async () => {
      const bridge = await request((taskId, message) => [
        busMessage("taskResponse", { taskId, status: TaskStatus.ERROR, response: { why: "x" } }, answerTo(message)),
      ]);
      expect((await bridge.python.event("taskFailed"))["error"]).to.match(/^(Task|Job)(Group)?Error: .*errored/);
      // It cancels what it takes for a group.
      expect((await body(bridge, "taskCancel")).reason).to.include("errored");
    });

    live.it("cancels with a reason", async () => {
      const bridge = await request(() => []);
      const { id } = await bridge.python.event("requested");
      await bridge.python.command("cancel_request", { task: id, reason: "changed my mind" });
      const cancel = await body(bridge, "taskCancel");
      expect(cancel).to.include({ taskId: id, reason: "changed my mind" });
      expect((await bridge.python.event("taskFailed"))["error"]).to.include("changed my mind");
    });

    live.it("sends the cancel of a request ahead of it when neither was under way", async () => {
      const bridge = await live.open();
      await bridge.python.send(
        "BusTaskRequestMessage(source='py', target='ts', task_id='1', task_name='x')",
        "BusTaskCancelMessage(source='py', target='ts', task_id='1', reason='too soon')",
      );
      await body(bridge, "taskRequest");
      await body(bridge, "taskCancel");
      expect(cases(bridge)).to.deep.equal(["taskCancel", "taskRequest"]);
    });
  });
}
