import { expect } from "chai";
import { describe, it } from "mocha";
import { pipecatBodyNames, pipecatFrameNames, pipecatSubagentsBodyNames } from "../../gen/crossbus/v1/pipecat-names.js";
import { bodyTraits, frameTraits } from "../../src/message/case-traits.js";
import { frameKind, isForwardableCase, TASKS, type TypedFrameKind } from "../../src/message/forward.js";
import { PIPECAT_FRAMES, pythonType } from "../../src/message/python-type.js";
import { expectInvalid } from "./expect-invalid.js";

describe("isForwardableCase", () => {
  it("takes the cases that the schema lets users list", () => {
    const cases = Object.keys(bodyTraits).filter(isForwardableCase);
    expect(cases).to.include.members(["frame", "endAgent", "cancelAgent", "agentError", "ttsSpeak", "uiEvent"]);
    for (const never of ["end", "cancel", "agentRegistry", "agentReady", "activateAgent", "custom", "other"]) {
      expect(isForwardableCase(never), never).to.equal(false);
    }
    expect(isForwardableCase("taskReqest")).to.equal(false);
    expect(isForwardableCase("constructor")).to.equal(false);
  });
});

describe("frameKind", () => {
  it("takes any kind that has a schema, also those that end things", () => {
    expect(frameKind("llmText")).to.deep.equal({ kind: "frameKind", frameKind: "llmText" });
    expect(frameKind("endWorker").frameKind).to.equal("endWorker");
  });

  it("refuses unknown kinds, and sends those without a schema to pythonType", () => {
    expectInvalid(() => frameKind("lmText" as TypedFrameKind), "frameKind", "lmText");
    expectInvalid(() => frameKind("toString" as TypedFrameKind), "frameKind");
    expectInvalid(() => frameKind("other" as TypedFrameKind), "frameKind", "pythonType");
    expect(Object.hasOwn(frameTraits, "other")).to.equal(true);
  });
});

describe("pythonType", () => {
  it("takes a qualified class name", () => {
    for (const typeName of ["acme.frames.PriceFrame", "a.B", "_a._b._C1", "größe.Maß"]) {
      expect(pythonType(typeName)).to.deep.equal({ kind: "pythonType", typeName });
    }
  });

  it("refuses what isn't one", () => {
    const malformed = ["", "PriceFrame", ".PriceFrame", "acme.", "acme..P", "acme.1P", "acme.P()", "acme.P\n", " a.P"];
    for (const typeName of [...malformed, "a-b.P", "acme/frames.P", "builtins.eval; a.B"]) {
      expectInvalid(() => pythonType(typeName), "pythonType", "qualified class name");
    }
    expectInvalid(() => pythonType(5 as unknown as string), "pythonType");
  });

  it("says what to write instead of a class that the schema has", () => {
    expectInvalid(() => pythonType(pipecatFrameNames.llmText), "pythonType", /frameKind\("llmText"\)/);
    expectInvalid(() => pythonType(pipecatBodyNames.taskRequest), "pythonType", /list "taskRequest"/);
    expectInvalid(() => pythonType(pipecatSubagentsBodyNames.taskRequest), "pythonType", /list "taskRequest"/);
    expectInvalid(() => pythonType(pipecatBodyNames.end), "pythonType", /"end" is not forwarded/);
  });

  it("refuses every class of the schema", () => {
    const names = [pipecatBodyNames, pipecatSubagentsBodyNames, pipecatFrameNames].flatMap((each) =>
      Object.values(each),
    );
    for (const typeName of names) {
      expectInvalid(() => pythonType(typeName), "pythonType", "the schema has this class");
    }
  });
});

describe("the presets", () => {
  it("TASKS has every case about tasks and nothing else", () => {
    expect([...TASKS].sort()).to.deep.equal([
      "taskCancel",
      "taskRequest",
      "taskResponse",
      "taskResponseUrgent",
      "taskStreamData",
      "taskStreamEnd",
      "taskStreamStart",
      "taskUpdate",
      "taskUpdateRequest",
      "taskUpdateUrgent",
    ]);
  });

  it("PIPECAT_FRAMES has the typed frames and the classes without a schema, nested ones too", () => {
    const names = PIPECAT_FRAMES.map((entry) => (typeof entry === "string" ? entry : entry.typeName));
    expect(names).to.include.members([
      "frame",
      "pipecat.processors.frameworks.rtvi.frames.RTVIClientMessageFrame",
      "pipecat.processors.frameworks.rtvi.frames.RTVIServerMessageFrame",
      "pipecat.processors.frameworks.rtvi.frames.RTVIServerResponseFrame",
      "pipecat.processors.frameworks.rtvi.frames.RTVIConfigureObserverFrame",
      "pipecat.metrics.metrics.TTFBMetricsData",
      "pipecat.metrics.metrics.ProcessingMetricsData",
      "pipecat.metrics.metrics.LLMUsageMetricsData",
      "pipecat.metrics.metrics.LLMTokenUsage",
      "pipecat.metrics.metrics.TTSUsageMetricsData",
      "pipecat.metrics.metrics.TurnMetricsData",
      "pipecat.metrics.metrics.SmartTurnMetricsData",
      "pipecat.utils.errors.ErrorCategory",
    ]);
    expect(new Set(names).size).to.equal(names.length);
  });
});
