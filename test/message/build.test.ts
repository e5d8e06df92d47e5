import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { describe, it } from "mocha";
import { LLMTextFrameSchema } from "../../gen/crossbus/v1/frame_kinds_pb.js";
import { Direction, FrameSchema } from "../../gen/crossbus/v1/frame_pb.js";
import { BusMessageSchema, TaskRequestSchema, TaskStatus } from "../../gen/crossbus/v1/message_pb.js";
import { busMessage, frame } from "../../src/message/build.js";
import { bodyTraits, frameTraits } from "../../src/message/case-traits.js";
import { MAX_LEVELS } from "../../src/message/check-value.js";
import { fromInit } from "../../src/message/from-init.js";
import type { BodyCase, FrameKind } from "../../src/message/types.js";
import { structToJs, toJs, toValue, type ValueInit } from "../../src/message/value.js";
import { expectInvalid } from "./expect-invalid.js";

/** Calls a builder as JavaScript can: with anything. */
const anyMessage = busMessage as (kind: string, init?: unknown, envelope?: unknown) => unknown;
const anyFrame = frame as (kind: string, init?: unknown) => unknown;

function nest(levels: number): { [key: string]: ValueInit } {
  let object: { [key: string]: ValueInit } = {};
  for (let i = 1; i < levels; i++) {
    object = { in: object };
  }
  return object;
}

describe("busMessage", () => {
  it("broadcast message has no target by default", () => {
    const message = busMessage("end", { reason: "done" }, { source: "main" });
    expect(message.target).to.equal(undefined);
    expect(message.source).to.equal("main");
    expect("target" in message).to.equal(false);
  });

  it("targeted message keeps its target", () => {
    const message = busMessage("activateAgent", { args: { greet: true } }, { source: "main", target: "assistant" });
    expect(message.target).to.equal("assistant");
    expect(toJs(message.body.value.args)).to.deep.equal({ greet: true });
  });

  it("frame message keeps frame, source and direction", () => {
    const text = frame("llmText", { text: "Hi" });
    const message = busMessage("frame", { frame: text, direction: Direction.UPSTREAM }, { source: "main" });
    expect(message.body.value.frame).to.equal(text);
    expect(message.body.value.direction).to.equal(Direction.UPSTREAM);
    expect(message.source).to.equal("main");
  });

  it("frame message with a target keeps it beside the frame", () => {
    const message = busMessage(
      "frame",
      { frame: frame("llmText", { text: "Hi" }), direction: Direction.DOWNSTREAM },
      { target: "assistant" },
    );
    expect(message.target).to.equal("assistant");
    expect(message.body.value.frame?.kind).to.deep.include({ case: "llmText" });
  });

  it("makes every case of the schema, without fields", () => {
    for (const kind of Object.keys(bodyTraits) as BodyCase[]) {
      const message = busMessage(kind);
      expect(message.body.case).to.equal(kind);
      expect(fromBinary(BusMessageSchema, toBinary(BusMessageSchema, message))).to.deep.equal(message);
    }
  });

  it("takes plain JavaScript wherever the schema has a Value or a Struct, also in lists and nested messages", () => {
    const message = busMessage("frame", {
      frame: {
        kind: {
          case: "llmContext",
          value: {
            context: { messages: [{ role: "user", content: "Hi" }], tools: { standardTools: [{ name: "t" }] } },
          },
        },
        metadata: { a: 1 },
      },
    });
    const read = fromBinary(BusMessageSchema, toBinary(BusMessageSchema, message));
    expect(read).to.deep.equal(message);
    const { kind, metadata } = message.body.value.frame ?? create(FrameSchema);
    expect(structToJs(metadata)).to.deep.equal({ a: 1 });
    const context = kind.case === "llmContext" ? kind.value.context : undefined;
    expect(context?.messages.map((each) => toJs(each))).to.deep.equal([{ role: "user", content: "Hi" }]);
    expect(context?.tools?.standardTools.map((each) => toJs(each))).to.deep.equal([{ name: "t" }]);
  });

  it("uses messages and values that are already made as they are", () => {
    const payload = toValue({ a: 1 });
    const request = create(TaskRequestSchema, { taskId: "1", payload });
    expect(busMessage("taskRequest", request).body.value).to.equal(request);
    expect(busMessage("taskRequest", { taskId: "1", payload }).body.value.payload).to.equal(payload);
  });

  it("converts plain JavaScript in a message that was spread", () => {
    const request = create(TaskRequestSchema, { taskId: "1", taskName: "sum" });
    const message = busMessage("taskRequest", { ...request, payload: { a: 1 } });
    expect(message.body.value.taskName).to.equal("sum");
    expect(toJs(message.body.value.payload)).to.deep.equal({ a: 1 });
    expectInvalid(() => anyMessage("taskUpdate", { ...request }), "taskUpdate.$typeName");
    const agents = { $typeName: "crossbus.v1.AgentRegistry", runner: "r", agents: [{ name: "a" }] };
    expect(anyMessage("agentRegistry", agents)).to.deep.equal(
      busMessage("agentRegistry", { runner: "r", agents: [{ name: "a" }] }),
    );
    const spread = { ...frame("llmText"), kind: { case: "llmContext", value: { context: { messages: ["Hi"] } } } };
    expect(anyMessage("frame", { frame: spread })).to.deep.equal(
      busMessage("frame", { frame: frame("llmContext", { context: { messages: ["Hi"] } }) }),
    );
  });

  it("leaves fields that are undefined out", () => {
    const message = busMessage("taskRequest", { taskId: "1", taskName: undefined, payload: undefined });
    expect(message.body.value).to.deep.equal(create(TaskRequestSchema, { taskId: "1" }));
  });

  it("names the path of what has no plain form", () => {
    expectInvalid(() => anyMessage("taskRequest", { payload: { when: new Date() } }), "taskRequest.payload.when");
    expectInvalid(
      () => anyFrame("llmContext", { context: { messages: [{ content: () => 1 }] } }),
      "llmContext.context.messages[0].content",
    );
  });

  it("refuses unknown cases, kinds and fields, by name", () => {
    expectInvalid(() => anyMessage("taskReqest"), "body", "taskReqest");
    expectInvalid(() => anyMessage("__proto__"), "body");
    expectInvalid(() => anyFrame("lmText"), "kind", "lmText");
    expectInvalid(() => anyMessage("taskRequest", { task_id: "1" }), "taskRequest.task_id", "no field");
    expectInvalid(() => anyMessage("frame", { frame: { kind: { case: "nope" } } }), "frame.frame.kind.case", "nope");
    expectInvalid(() => anyMessage("frame", { frame: { kind: 5 } }), "frame.frame.kind");
    expectInvalid(() => anyMessage("frame", { frame: { kind: { case: "text" } } }), "frame.frame.kind.value");
  });

  it("refuses values of a wrong type", () => {
    const wrong: readonly (readonly [string, string, unknown])[] = [
      ["taskRequest", "taskId", 5],
      ["taskRequest", "taskId", null],
      ["taskRequest", "taskId", "\ud800"],
      ["taskResponse", "status", "completed"],
      ["taskResponse", "status", 77],
      ["taskResponse", "status", 1.5],
      ["ttsSpeak", "appendToContext", 1],
      ["agentReady", "startedAt", new Date()],
      ["uiTaskUpdate", "at", 1],
      ["uiTaskUpdate", "at", 2n ** 63n],
      ["frame", "hops", -1],
      ["frame", "hops", 1.5],
      ["frame", "hops", 2 ** 32],
      ["frame", "hops", Number.NaN],
      ["frame", "hops", "1"],
      ["frame", "frame", new Date()],
      ["frame", "frame", null],
      ["agentRegistry", "agents", {}],
      ["agentRegistry", "agents", "a"],
    ];
    for (const [kind, key, given] of wrong) {
      expectInvalid(() => anyMessage(kind, { [key]: given }), `${kind}.${key}`);
    }
    expectInvalid(() => anyMessage("agentRegistry", { agents: [null] }), "agentRegistry.agents[0]");
    expectInvalid(() => anyMessage("agentRegistry", { agents: [{ name: 5 }] }), "agentRegistry.agents[0].name");
    expectInvalid(() => anyFrame("inputAudioRaw", { audio: [1, 2] }), "inputAudioRaw.audio");
    expectInvalid(() => anyMessage("end", null), "end");
    expectInvalid(() => anyMessage("end", "over"), "end");
  });

  it("takes the ends of each range", () => {
    expect(busMessage("frame", { hops: 2 ** 32 - 1 }).body.value.hops).to.equal(2 ** 32 - 1);
    expect(busMessage("uiTaskUpdate", { at: -(2n ** 63n) }).body.value.at).to.equal(-(2n ** 63n));
    expect(busMessage("taskResponse", { status: TaskStatus.ERROR }).body.value.status).to.equal(TaskStatus.ERROR);
  });

  it("refuses invalid names in the envelope", () => {
    expectInvalid(() => busMessage("end", {}, { source: "" }), "source");
    expectInvalid(() => busMessage("end", {}, { target: "a\nb" }), "target");
    expect(busMessage("end", {}, { source: undefined, target: undefined })).to.deep.equal(busMessage("end"));
  });

  it("takes no more levels than the bytes can be read with, wherever the value stands", () => {
    const readable = (message: ReturnType<typeof busMessage>) =>
      expect(fromBinary(BusMessageSchema, toBinary(BusMessageSchema, message))).to.deep.equal(message);
    const shallow = (levels: number) =>
      busMessage("frame", { frame: frame("llmContext", { context: { messages: [nest(levels)] } }) });
    readable(shallow(MAX_LEVELS));
    expectInvalid(() => shallow(MAX_LEVELS + 1), `llmContext.context.messages[0]${".in".repeat(MAX_LEVELS)}`);
    const deep = (levels: number) => ({
      functionCalls: [{ context: { tools: { standardTools: [nest(levels)] } } }],
    });
    readable(busMessage("frame", { frame: frame("functionCallsStarted", deep(MAX_LEVELS - 1)) }));
    const path = `functionCalls[0].context.tools.standardTools[0]${".in".repeat(MAX_LEVELS - 1)}`;
    expectInvalid(() => frame("functionCallsStarted", deep(MAX_LEVELS)), `functionCallsStarted.${path}`);
    const seventh = (levels: number) => ({ functionCalls: [{ context: { messages: [nest(levels)] } }] });
    readable(busMessage("frame", { frame: frame("functionCallsStarted", seventh(MAX_LEVELS - 1)) }));
    expect(() => frame("functionCallsStarted", seventh(MAX_LEVELS))).to.throw("32 levels");
    expect(() =>
      busMessage("frame", { frame: { kind: { case: "functionCallsStarted", value: seventh(MAX_LEVELS) } } }),
    ).to.throw("32 levels");
    const inline = { kind: { case: "functionCallsStarted", value: deep(MAX_LEVELS) } } as const;
    expectInvalid(() => busMessage("frame", { frame: inline }), `frame.frame.kind.value.${path}`);
  });

  it("has no maps to make: the schema has none", () => {
    for (const desc of [BusMessageSchema, FrameSchema]) {
      for (const file of [desc.file, ...desc.file.dependencies]) {
        const fields = file.messages.flatMap((message) => message.fields);
        const ours = fields.filter((field) => field.parent.typeName.startsWith("crossbus."));
        expect(ours.filter((field) => field.fieldKind === "map")).to.deep.equal([]);
      }
    }
  });
});

describe("frame", () => {
  it("makes every kind of the schema, without fields", () => {
    for (const kind of Object.keys(frameTraits) as FrameKind[]) {
      const made = frame(kind);
      expect(made.kind.case).to.equal(kind);
      expect(fromBinary(FrameSchema, toBinary(FrameSchema, made))).to.deep.equal(made);
    }
  });

  it("makes the message of its kind", () => {
    expect(frame("llmText", { text: "Hi", skipTts: false }).kind.value).to.deep.equal(
      create(LLMTextFrameSchema, { text: "Hi", skipTts: false }),
    );
  });

  it("keeps absent what was left out, so that Python's defaults hold", () => {
    expect(frame("llmText", { text: "Hi" }).kind.value.appendToContext).to.equal(undefined);
  });
});

describe("fromInit", () => {
  it("refuses a message of another type", () => {
    expectInvalid(() => fromInit(TaskRequestSchema, frame("text"), "init", 1), "init.$typeName");
  });
});
