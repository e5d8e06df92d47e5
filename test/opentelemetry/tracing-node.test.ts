import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { expect } from "chai";
import { describe, it } from "mocha";
import { Direction } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { deferred } from "../../src/base/deferred.js";
import { Code, StatusError } from "../../src/base/status.js";
import type { Dialect, DialectOptions } from "../../src/codec/dialect.js";
import { busMessage, frame } from "../../src/message/build.js";
import { type ForwardEntry, TASKS } from "../../src/message/forward.js";
import { messageContext } from "../../src/opentelemetry/trace-context.js";
import { tracing } from "../../src/opentelemetry/tracing.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import { type BridgeFixture, type NamedWire, resumableWires, useBridge } from "../support/bridge-fixture.js";
import { idle, until } from "../support/idle.js";
import { RelayFixture } from "../support/relay-fixture.js";
import { aborted, expectFailure } from "../support/task-bench.js";
import { TestAgent } from "../support/test-agent.js";
import { useSpans } from "./use-spans.js";

const forwardMessages: readonly ForwardEntry[] = ["frame", ...TASKS];

const memory: NamedWire["make"] = (options) => new MemoryTransport(options);

/** A bridge between two runners that are traced, and the agents at its ends. */
async function opened(
  bridge: BridgeFixture,
  options: DialectOptions & { readonly maxMessageBytes?: number } = {},
  forwarded = { client: forwardMessages, server: forwardMessages },
) {
  bridge.tracing = tracing;
  await bridge.serveAssistants({ forwardMessages: forwarded.server }, options);
  const [{ acme, proxy }, served] = await bridge.connect({
    forwardMessages: forwarded.client,
    reconnect: false,
    ...options,
  });
  return { acme, assistant: served.assistant, proxy, served };
}

/** The trace that a message carries. */
function carried(message: BusMessage | undefined): string | undefined {
  return message?.traceContext?.traceparent.slice(3, 35);
}

for (const { name: wire, make } of resumableWires) {
  describe(`tracing across a bridge over ${wire}`, () => {
    const spans = useSpans();
    const fixture = useBridge(make);

    for (const dialect of [undefined, "protobuf", "pipecat", "pipecat-subagents"] as const) {
      it(`a task is one trace, and each span the child of the one before: ${dialect ?? "resumable"}`, async () => {
        const { acme, assistant } = await opened(fixture(), { dialect: dialect as Dialect | undefined });
        assistant.handleTask("price", async () => {
          await idle();
          return spans.within("look up", () => 39);
        });
        const task = spans.within("order", () => acme.requestTask("assistant", { name: "price", payload: "anvil" }));
        expect(await task).to.equal(39);
        const handled = [
          "crossbus handle price",
          "crossbus receive taskRequest",
          "crossbus send taskRequest",
          "crossbus request price",
          "order",
        ];
        expect(spans.path("look up")).to.deep.equal(["look up", ...handled]);
        const responded = ["crossbus receive taskResponse", "crossbus send taskResponse", ...handled];
        expect(spans.path("crossbus receive taskResponse")).to.deep.equal(responded);
        expect(spans.names).to.have.lengthOf(8);
        expect(new Set(spans.all.map((span) => span.spanContext().traceId))).to.have.lengthOf(1);
        for (const { status } of spans.all) {
          expect(status.code).to.equal(SpanStatusCode.UNSET);
        }
      });
    }

    it("spans say what crosses, how large it is and between whom, and nothing of what it says", async () => {
      const { acme, assistant, proxy } = await opened(fixture());
      const sizes: number[] = [];
      proxy.on("crossed", (_, direction, bytes) => void (direction === "out" && sizes.push(bytes)));
      assistant.handleTask("price", () => {
        throw new StatusError(Code.NOT_FOUND, "no glass anvil is sold here");
      });
      const task = acme.requestTask("assistant", { name: "price", payload: "glass anvil" });
      await expectFailure(Code.NOT_FOUND, task);
      const between = { "crossbus.source": "acme", "crossbus.target": "assistant" };
      const crossing = {
        ...between,
        "messaging.system": "crossbus",
        "messaging.destination.name": "assistant",
        "messaging.message.envelope.size": sizes[0],
        "crossbus.case": "taskRequest",
      };
      const sent = spans.named("crossbus send taskRequest");
      expect(sent.kind).to.equal(SpanKind.PRODUCER);
      expect(sent.attributes).to.deep.equal({
        ...crossing,
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.client.id": "proxy",
      });
      const received = spans.named("crossbus receive taskRequest");
      expect(received.kind).to.equal(SpanKind.CONSUMER);
      expect(received.attributes).to.deep.equal({
        ...crossing,
        "messaging.operation.name": "receive",
        "messaging.operation.type": "receive",
        "messaging.client.id": "gateway",
      });
      const error = { "error.type": "NOT_FOUND" };
      for (const name of ["crossbus request price", "crossbus handle price"]) {
        const { kind, status, attributes } = spans.named(name);
        expect(kind).to.equal(SpanKind.INTERNAL);
        expect(status).to.deep.equal({ code: SpanStatusCode.ERROR });
        const of = { "crossbus.task.id": task.id, "crossbus.task.name": "price" };
        expect(attributes).to.deep.equal({ ...between, ...of, ...error });
      }
      expect(spans.text()).not.to.include("glass");
    });

    it("a cancel is part of the trace, and how the task went on both sides", async () => {
      const { acme, assistant } = await opened(fixture());
      assistant.handleTask("wait", ({ signal }) => aborted(signal).then(() => {}));
      const task = acme.requestTask("assistant", { name: "wait" });
      await until(() => assistant.taskStats.handled === 1);
      task.cancel("enough");
      await expectFailure(Code.CANCELLED, task);
      await until(() => spans.names.includes("crossbus receive taskResponse"));
      expect(spans.path("crossbus receive taskCancel")).to.deep.equal([
        "crossbus receive taskCancel",
        "crossbus send taskCancel",
        "crossbus request wait",
      ]);
      for (const name of ["crossbus request wait", "crossbus handle wait"]) {
        expect(spans.named(name).attributes["error.type"]).to.equal("CANCELLED");
      }
    });

    it("what a handler asks others for is part of its task, also across the bridge", async () => {
      const { acme, assistant } = await opened(fixture());
      acme.handleTask("confirm", () => true);
      assistant.handleTask("order", async () => {
        await idle();
        return await assistant.requestTask("acme", { name: "confirm" });
      });
      expect(await acme.requestTask("assistant", { name: "order" })).to.equal(true);
      expect(spans.path("crossbus request confirm").slice(0, 2)).to.deep.equal([
        "crossbus request confirm",
        "crossbus handle order",
      ]);
      expect(spans.path("crossbus handle confirm")).to.include("crossbus request order");
    });

    it("the refusal of a request is part of its trace", async () => {
      const responses = ["taskResponse", "taskResponseUrgent"] as const;
      // Over a plain link, where the client learns of it only then.
      const { acme, assistant } = await opened(
        fixture(),
        { dialect: "protobuf" },
        { client: forwardMessages, server: responses },
      );
      await expectFailure(Code.PERMISSION_DENIED, acme.requestTask("assistant", { name: "order" }));
      expect(assistant.taskStats.handled).to.equal(0);
      expect(spans.path("crossbus send taskResponseUrgent").slice(1)).to.deep.equal([
        "crossbus send taskRequest",
        "crossbus request order",
      ]);
    });

    it("a relay in between hands the trace on with the bytes, and takes no part in it", async () => {
      const [front, back] = [fixture(), fixture()];
      front.tracing = tracing;
      back.tracing = tracing;
      const joined = new RelayFixture(front, back);
      await joined.serve({ dialect: "protobuf" });
      const [{ acme }, { assistant }] = await joined.connect({ dialect: "protobuf" });
      assistant.handleTask("price", () => 39);
      await acme.requestTask("assistant", { name: "price" });
      expect(spans.path("crossbus handle price")).to.deep.equal([
        "crossbus handle price",
        "crossbus receive taskRequest",
        "crossbus send taskRequest",
        "crossbus request price",
      ]);
    });

    it("a message that can't be sent says so in its span", async () => {
      const { acme } = await opened(fixture(), { maxMessageBytes: 10_000 });
      await expectFailure(
        Code.RESOURCE_EXHAUSTED,
        acme.requestTask("assistant", { name: "x", payload: "x".repeat(20_000) }),
      );
      const { status, attributes } = spans.named("crossbus send taskRequest");
      expect(status).to.deep.equal({ code: SpanStatusCode.ERROR });
      expect(attributes["error.type"]).to.equal("RESOURCE_EXHAUSTED");
    });

    it("the message on the bus stays as it was sent, and carries the trace of its sender", async () => {
      const { acme, assistant, proxy, served } = await opened(fixture());
      const sent: BusMessage[] = [];
      const received: BusMessage[] = [];
      proxy.on("crossed", (message, direction) => void (direction === "out" && sent.push(message)));
      served.proxy.on("crossed", (message, direction) => void (direction === "in" && received.push(message)));
      assistant.handleTask("price", ({ request }) => {
        expect(trace.getSpanContext(messageContext(request))?.spanId).to.equal(
          spans.named("crossbus receive taskRequest").spanContext().spanId,
        );
      });
      await acme.requestTask("assistant", { name: "price" });
      const spanOf = (message: BusMessage | undefined) => message?.traceContext?.traceparent.slice(36, 52);
      expect(spanOf(sent[0])).to.equal(spans.named("crossbus request price").spanContext().spanId);
      expect(spanOf(received[0])).to.equal(spans.named("crossbus receive taskRequest").spanContext().spanId);
    });

    it("frames have spans where they are part of a trace, media never, and all carry it", async () => {
      const { acme, assistant } = await opened(fixture());
      assistant.activateAgent("assistant");
      await until(() => assistant.active);
      const active: (string | undefined)[] = [];
      assistant.hooks = {
        frame: async () => {
          await idle();
          active.push(trace.getActiveSpan()?.spanContext().traceId);
        },
      };
      const send = (kind: "text" | "ttsAudioRaw") => {
        const one =
          kind === "text"
            ? frame("text", { text: "hi" })
            : frame("ttsAudioRaw", { audio: new Uint8Array(4), sampleRate: 8000, numChannels: 1 });
        acme.send(busMessage("frame", { frame: one, direction: Direction.DOWNSTREAM }, { target: "assistant" }));
      };
      send("text");
      send("ttsAudioRaw");
      await until(() => active.length === 2);
      expect(spans.names).to.deep.equal([]);
      spans.within("turn", () => {
        send("ttsAudioRaw");
        send("text");
      });
      await until(() => active.length === 4);
      expect(spans.path("crossbus receive frame")).to.deep.equal([
        "crossbus receive frame",
        "crossbus send frame",
        "turn",
      ]);
      expect(spans.named("crossbus send frame").attributes["crossbus.frame_kind"]).to.equal("text");
      const { traceId } = spans.named("turn").spanContext();
      expect(active).to.deep.equal([undefined, undefined, traceId, traceId]);
    });
  });
}

describe("tracing in one process", () => {
  const spans = useSpans();
  const fixture = useBridge(memory);

  /** Two agents on a bus that is traced. */
  async function pair() {
    const bridge = fixture();
    bridge.tracing = tracing;
    const runner = bridge.runner();
    const [one, two] = [new TestAgent("one"), new TestAgent("two")];
    await runner.addAgent(one);
    await runner.addAgent(two);
    const ready = deferred();
    runner.once("ready", ready.resolve);
    void runner.run();
    await ready.promise;
    await idle();
    return { one, two, runner };
  }

  it("an agent handles each message in the trace that it carries, whoever had the bus run", async () => {
    const { one, two } = await pair();
    const active: (string | undefined)[] = [];
    two.hooks = { activated: () => void active.push(trace.getActiveSpan()?.spanContext().traceId) };
    spans.within("first", () => one.activateAgent("two"));
    one.activateAgent("two");
    spans.within("second", () => one.activateAgent("two"));
    await until(() => active.length === 3);
    const [first, second] = ["first", "second"].map((name) => spans.named(name).spanContext().traceId);
    expect(active).to.deep.equal([first, undefined, second]);
  });

  it("a message that carries a trace keeps it, and one that can't be read has the active one instead", async () => {
    const { one, two } = await pair();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (const text of [traceparent, "00-0"]) {
      const message = busMessage("activateAgent", {}, { target: "two" });
      message.traceContext = { $typeName: "crossbus.v1.TraceContext", traceparent: text };
      spans.within(`given ${text}`, () => one.send(message));
      expect(message.traceContext.traceparent).to.equal(text);
    }
    const arrived = () => two.messages.filter(({ source }) => source === "one") as BusMessage[];
    await until(() => arrived().filter(({ body }) => body.case === "activateAgent").length === 2);
    const [kept, replaced] = arrived().filter(({ body }) => body.case === "activateAgent");
    expect(kept?.traceContext?.traceparent).to.equal(traceparent);
    expect(carried(replaced)).to.equal(spans.named("given 00-0").spanContext().traceId);
  });

  it("the names that only a peer knows, or makes as long as it likes, are no names of spans", async () => {
    const { one, two } = await pair();
    two.handleOtherTasks(() => "done");
    const taskName = "x".repeat(300);
    one.send(busMessage("taskRequest", { taskId: "y".repeat(300), taskName }, { target: "two" }));
    await until(() => spans.all.length === 1);
    const { attributes } = spans.named("crossbus handle task");
    expect(attributes["crossbus.task.name"]).to.equal("x".repeat(256));
    expect(attributes["crossbus.task.id"]).to.equal("y".repeat(256));
  });

  it("a group is one span, with a child for each of its workers", async () => {
    const { one, two, runner } = await pair();
    const three = new TestAgent("three");
    await runner.addAgent(three);
    for (const worker of [two, three]) {
      worker.handleTask("count", () => 1);
    }
    await one.requestTaskGroup(["two", "three"], { name: "count" });
    const group = spans.named("crossbus request count");
    expect(group.attributes["crossbus.target"]).to.deep.equal(["two", "three"]);
    const handled = spans.all.filter(({ name }) => name === "crossbus handle count");
    expect(handled.map((span) => span.attributes["crossbus.target"])).to.have.members(["two", "three"]);
    for (const span of handled) {
      expect(span.parentSpanContext?.spanId).to.equal(group.spanContext().spanId);
    }
  });

  it("what a handler responds by itself is how its task went", async () => {
    const { one, two } = await pair();
    two.handleTask("fail", ({ respond }) => respond("so so", { status: 3 }));
    await one.requestTask("two", { name: "fail" }).then(undefined, () => {});
    expect(spans.named("crossbus handle fail").attributes["error.type"]).to.equal("UNKNOWN");
  });
});

describe("without an SDK, or without tracing", () => {
  const fixture = useBridge(memory);

  for (const [name, given] of [
    ["an SDK", tracing],
    ["tracing", undefined],
  ] as const) {
    it(`without ${name}, messages go on as they are, with what they carry`, async () => {
      const bridge = fixture();
      bridge.tracing = given;
      await bridge.serveAssistants({ forwardMessages });
      const [{ acme, proxy }, { assistant }] = await bridge.connect({ forwardMessages, reconnect: false });
      const sent: BusMessage[] = [];
      proxy.on("crossed", (message, direction) => void (direction === "out" && sent.push(message)));
      const plain = busMessage("taskUpdateRequest", { taskId: "1" }, { target: "assistant" });
      const traced = busMessage("taskUpdateRequest", { taskId: "2" }, { target: "assistant" });
      traced.traceContext = {
        $typeName: "crossbus.v1.TraceContext",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03",
        tracestate: "a=b , c=d",
      };
      acme.send(plain);
      acme.send(traced);
      const arrived = () => assistant.messages.filter(({ body }) => body.case === "taskUpdateRequest") as BusMessage[];
      await until(() => arrived().length === 2);
      expect(sent[0]).to.equal(plain);
      expect(sent[1]).to.equal(traced);
      expect(arrived()[0]?.traceContext).to.equal(undefined);
      expect(arrived()[1]?.traceContext).to.deep.equal(traced.traceContext);
    });
  }
});
