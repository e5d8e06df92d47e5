import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import { describe, it } from "mocha";
import type { Frame } from "../../gen/crossbus/v1/frame_pb.js";
import { type BusMessage, TaskRequestSchema } from "../../gen/crossbus/v1/message_pb.js";
import { busMessage, frame } from "../../src/message/build.js";
import { type ForwardEntry, frameKind, TASKS } from "../../src/message/forward.js";
import { PIPECAT_FRAMES, pythonType } from "../../src/message/python-type.js";
import type { BusMessageWith, FrameWith } from "../../src/message/types.js";
import { toJs } from "../../src/message/value.js";
import { OrderSchema } from "./gen/acme/v1/order_pb.js";

// What these tests say is checked by the compiler: `@ts-expect-error` fails where there is no error.

/** A handler as a user writes it. */
function describeMessage(message: BusMessage): string {
  switch (message.body.case) {
    case "frame": {
      const kind = message.body.value.frame?.kind;
      return kind?.case === "llmText" ? kind.value.text : "another frame";
    }
    case "taskRequest":
      return message.body.value.taskId;
    case "end":
      // @ts-expect-error: an End has no task id
      return String(message.body.value.taskId);
    default:
      return "something else";
  }
}

describe("the types of messages", () => {
  it("narrow a handler on the case of the body and on the kind of the frame", () => {
    expect(describeMessage(busMessage("frame", { frame: frame("llmText", { text: "Hi" }) }))).to.equal("Hi");
    expect(describeMessage(busMessage("taskRequest", { taskId: "7" }))).to.equal("7");
    expect(describeMessage(busMessage("cancel"))).to.equal("something else");
  });

  it("know the body of what a builder made, without narrowing", () => {
    const message = busMessage("taskRequest", { taskId: "7", payload: [1] });
    const id: string = message.body.value.taskId;
    const text: string = frame("llmText", { text: "Hi" }).kind.value.text;
    expect([id, toJs(message.body.value.payload), text]).to.deep.equal(["7", [1], "Hi"]);
    const general: BusMessage = message;
    const request: BusMessageWith<"taskRequest"> = message;
    const kind: FrameWith<"llmText"> = frame("llmText");
    const any: Frame = kind;
    expect([general.body.case, request.body.case, any.kind.case]).to.deep.equal([
      "taskRequest",
      "taskRequest",
      "llmText",
    ]);
    // @ts-expect-error: a request isn't an update
    const update: BusMessageWith<"taskUpdate"> = message;
    expect(update).to.equal(message);
  });

  it("refuse unknown cases, kinds, fields and values that a field can't take", () => {
    const wrong = [
      // @ts-expect-error: no such case
      () => busMessage("taskReqest"),
      // @ts-expect-error: no such kind
      () => frame("lmText"),
      // @ts-expect-error: no such field
      () => busMessage("taskRequest", { task: "1" }),
      // @ts-expect-error: a string, not a number
      () => busMessage("taskRequest", { taskId: 1 }),
      // @ts-expect-error: a Date has no plain form
      () => busMessage("taskRequest", { payload: { when: new Date() } }),
      // @ts-expect-error: an unknown case of the oneof
      () => busMessage("frame", { frame: { kind: { case: "lmText", value: {} } } }),
      // @ts-expect-error: a field of another kind
      () => busMessage("frame", { frame: { kind: { case: "llmText", value: { audio: new Uint8Array() } } } }),
      // @ts-expect-error: an unknown key of the envelope
      () => busMessage("end", {}, { to: "assistant" }),
    ];
    for (const call of wrong) {
      expect(call).to.throw();
    }
  });

  it("take optional fields as undefined, and messages where fields are", () => {
    const request = create(TaskRequestSchema, { taskId: "1" });
    busMessage("taskRequest", request);
    busMessage("taskRequest", { taskName: undefined, payload: { a: undefined, b: [1n, "x", null, new Uint8Array()] } });
    busMessage("frame", { frame: { kind: { case: undefined } } });
    busMessage("frame", { frame: { extra: { a: 1 }, metadata: {} } });
  });
});

describe("the types of forwardMessages", () => {
  it("let no typo and nothing unforwardable compile", () => {
    const entries: readonly ForwardEntry[] = [
      "frame",
      "taskRequest",
      "endAgent",
      frameKind("llmText"),
      pythonType("acme.frames.PriceFrame"),
      OrderSchema,
      ...TASKS,
      ...PIPECAT_FRAMES,
    ];
    expect(entries.length).to.be.greaterThan(6);
    const wrong: readonly ForwardEntry[] = [
      // @ts-expect-error: a typo
      "taskReqest",
      // @ts-expect-error: never forwarded
      "end",
      // @ts-expect-error: never forwarded
      "cancel",
      // @ts-expect-error: goes with the bridge
      "activateAgent",
      // @ts-expect-error: the proxy's own
      "agentReady",
      // @ts-expect-error: list the schema of the message instead
      "custom",
      // @ts-expect-error: list the Python class instead
      "other",
    ];
    expect(wrong).to.have.length(7);
    // @ts-expect-error: no such kind
    expect(() => frameKind("lmText")).to.throw();
    // @ts-expect-error: list the Python class instead
    expect(() => frameKind("other")).to.throw();
  });
});
