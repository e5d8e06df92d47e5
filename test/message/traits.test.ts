import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import { describe, it } from "mocha";
import { FrameSchema } from "../../gen/crossbus/v1/frame_pb.js";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { busMessage, frame } from "../../src/message/build.js";
import { isDroppable, isLocalFrame, isSystem, isSystemFrame } from "../../src/message/traits.js";
import type { BodyCase, FrameKind } from "../../src/message/types.js";

const frameMessage = (kind: FrameKind) => busMessage("frame", { frame: frame(kind) });

describe("isSystem", () => {
  it("task cancel is system priority, and so are cancels, errors and urgent answers", () => {
    const system: readonly BodyCase[] = ["taskCancel", "cancel", "cancelAgent", "agentError", "taskResponseUrgent"];
    for (const kind of system) {
      expect(isSystem(busMessage(kind)), kind).to.equal(true);
    }
  });

  it("requests, answers and ends are data", () => {
    for (const kind of ["taskRequest", "taskResponse", "end", "endAgent", "activateAgent", "other"] as const) {
      expect(isSystem(busMessage(kind)), kind).to.equal(false);
    }
    expect(isSystem(create(BusMessageSchema))).to.equal(false);
  });

  it("a frame message has the priority of its frame's kind", () => {
    expect(isSystem(frameMessage("interruption"))).to.equal(true);
    expect(isSystem(frameMessage("llmText"))).to.equal(false);
    expect(isSystem(busMessage("frame"))).to.equal(false);
    expect(isSystemFrame(create(FrameSchema))).to.equal(false);
  });
});

describe("isDroppable", () => {
  it("takes media, never text or anything but frames", () => {
    for (const kind of ["inputAudioRaw", "outputAudioRaw", "ttsAudioRaw", "inputImageRaw"] as const) {
      expect(isDroppable(frameMessage(kind)), kind).to.equal(true);
    }
    for (const kind of ["text", "llmText", "transcription", "interruption", "llmContext"] as const) {
      expect(isDroppable(frameMessage(kind)), kind).to.equal(false);
    }
    expect(isDroppable(busMessage("frame"))).to.equal(false);
    expect(isDroppable(busMessage("taskUpdate"))).to.equal(false);
  });
});

describe("isLocalFrame", () => {
  it("takes the kinds that start and end one pipeline", () => {
    for (const kind of ["start", "end", "cancel", "stop"] as const) {
      expect(isLocalFrame(frame(kind)), kind).to.equal(true);
    }
    expect(isLocalFrame(frame("endWorker"))).to.equal(false);
    expect(isLocalFrame(create(FrameSchema))).to.equal(false);
  });
});
