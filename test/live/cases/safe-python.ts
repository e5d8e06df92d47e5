import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { describe } from "mocha";
import { pipecatFrameNames } from "../../../gen/crossbus/v1/pipecat-names.js";
import { TypedValueSchema, ValueSchema } from "../../../gen/crossbus/v1/value_pb.js";
import { sinceOf } from "../../../src/codec/pipecat/python-classes.js";
import {
  busMessage,
  Code,
  customMessage,
  type DialectOptions,
  Direction,
  type Frame,
  frame,
  type Status,
} from "../../../src/index.js";
import { frameTraits } from "../../../src/message/case-traits.js";
import type { TypedFrameKind } from "../../../src/message/forward.js";
import { OrderSchema } from "../../message/gen/acme/v1/order_pb.js";
import { arbitraryFrameMessageOf } from "../../support/arbitrary-message.js";
import { eventually } from "../support/eventually.js";
import { everything, type LiveBridge } from "../support/live-bridge.js";
import type { Live } from "../support/live-suite.js";

/** What `frame` needs of each kind beside nothing at all. */
const audio = { audio: new Uint8Array(4), sampleRate: 16_000, numChannels: 1 };
const needed: Readonly<Partial<Record<TypedFrameKind, object>>> = {
  inputAudioRaw: audio,
  outputAudioRaw: audio,
  ttsAudioRaw: audio,
  speechOutputAudioRaw: audio,
  userAudioRaw: audio,
  llmContext: { context: {} },
  llmSetTools: { tools: {} },
  volume: { volume: 1 },
  volumeGain: { gain: 1 },
};

/**
 * Frames that Pipecat itself loses, whoever sends them: their keys arrive as plain text, which its proxies then can't
 * write to their log.
 */
const keypadKinds: readonly TypedFrameKind[] = ["inputDtmf", "outputDtmf", "outputDtmfUrgent"];

/** The kinds of frames that may be sent at all. */
const kinds = (Object.keys(frameTraits) as (keyof typeof frameTraits)[]).filter(
  (kind): kind is TypedFrameKind => kind !== "other" && !frameTraits[kind].lifecycle,
);

function send(bridge: LiveBridge, content: Frame): void {
  bridge.agent.send(busMessage("frame", { frame: content, direction: Direction.DOWNSTREAM }, { target: "py" }));
}

/** Sends something harmless, and waits until it has arrived: Python has handled all that was sent before. */
async function stillWorks(bridge: LiveBridge): Promise<void> {
  const before = bridge.python.messages("BusTaskUpdateMessage").length;
  bridge.agent.send(busMessage("taskUpdate", { taskId: "still" }, { target: "py" }));
  await bridge.python.message("BusTaskUpdateMessage", before + 1);
}

/** Waits for the one message that could not be sent. */
async function refused(bridge: LiveBridge, code: Code): Promise<Status> {
  await eventually(() => bridge.ts.undelivered.length > 0);
  expect(bridge.ts.undelivered).to.have.length(1);
  const status = bridge.ts.undelivered[0]?.status as Status;
  expect(Code[status.code], status.message).to.equal(Code[code]);
  return status;
}

/** The types of the frames that Python's agent got. One that Python has no class for is none. */
function framesOf(bridge: LiveBridge): readonly string[] {
  return bridge.python.messages("BusFrameMessage").map(({ fields: { frame: got } }) => {
    expect(got, "a frame that Python could not read").to.be.an("object");
    return (got as { type: string }).type;
  });
}

/** That nothing this side sends can harm a Python peer. */
export function testSafePython(live: Live): void {
  /** A release older than the one at the other end where that knows everything. */
  const older: DialectOptions =
    live.release.dialect === "pipecat" ? { dialect: "pipecat", peerVersion: "1.3.0" } : live.dialect;
  const isJson = live.codec === "json";

  describe("what this side sends", () => {
    live.it("is every kind of frame that the release has, and no other", async () => {
      const bridge = await live.open();
      if (!isJson) {
        // There the serializer in Python refuses those that it doesn't know.
        bridge.expectedErrors.push(/./);
      }
      const sent = kinds.filter((kind) => !keypadKinds.includes(kind));
      for (const kind of sent) {
        send(bridge, frame(kind, needed[kind] as never));
      }
      await stillWorks(bridge);
      const known = new Set(await bridge.python.knownFrames());
      const nameOf = (kind: TypedFrameKind) => pipecatFrameNames[kind].replace(/^.*\./, "");
      const isRefused = (kind: TypedFrameKind) =>
        bridge.ts.undelivered.some(
          ({ status: { code, message } }) =>
            code === Code.FAILED_PRECONDITION && message.includes(`${pipecatFrameNames[kind]} `),
        );
      const refusedKinds = sent.filter(isRefused);
      const refusals = bridge.ts.undelivered.map(({ status }) => status.message);
      expect(refusals, refusals.join("\n")).to.have.length(refusedKinds.length);
      const arrived = framesOf(bridge);
      if (live.release.dialect === "pipecat") {
        expect((isJson ? refusedKinds : []).map(nameOf)).to.deep.equal(
          isJson ? sent.map(nameOf).filter((name) => !known.has(name)) : [],
        );
        expect(arrived).to.have.length(sent.filter((kind) => known.has(nameOf(kind))).length);
      } else if (isJson) {
        // Which pipecat-ai is beside it isn't known, so that it gets what all have had.
        expect(refusedKinds).to.deep.equal(sent.filter((kind) => sinceOf(pipecatFrameNames[kind]) !== undefined));
        expect(arrived).to.have.length(sent.length - refusedKinds.length);
      }
    });

    live.it("is no frame that came with a newer release", async () => {
      const bridge = await live.open(isJson ? { dialect: older } : {});
      send(bridge, frame("eagerTranscription", { text: "hi", userId: "u", timestamp: "now" }));
      if (isJson) {
        const { message } = await refused(bridge, Code.FAILED_PRECONDITION);
        expect(message).to.include("pipecat.frames.frames.EagerTranscriptionFrame").and.to.include("1.9.0");
        expect(framesOf(bridge)).to.deep.equal([]);
      } else {
        // There the serializer in Python refuses it, when it doesn't know it.
        bridge.expectedErrors.push(/EagerTranscriptionFrame/);
      }
      await stillWorks(bridge);
      expect(framesOf(bridge)).to.have.length(isJson || live.release.version !== "1.14.0" ? 0 : 1);
    });

    if (isJson && live.release.version === "1.14.0") {
      live.it("is a class that the peer itself has sent, whatever its release is said to be", async () => {
        const bridge = await live.open({ dialect: older });
        await bridge.python.send(
          "BusFrameMessage(source='py', direction=UPSTREAM, " +
            "frame=LLMContextAssistantTurnFrame(text='Hi', timestamp='now'))",
        );
        await eventually(() => bridge.agent.cases.includes("frame"));
        const { body } = bridge.agent.messages.at(-1) as { body: { value: { frame: Frame } } };
        send(bridge, body.value.frame);
        await bridge.python.message("BusFrameMessage");
        expect(framesOf(bridge)).to.deep.equal(["LLMContextAssistantTurnFrame"]);
      });
    }

    if (isJson) {
      live.it("is tools in the form that Python reads, though nobody says which release it is", async () => {
        const bridge = await live.open({ dialect: { dialect: live.release.dialect } });
        // A client's proxy sends nothing by itself; what a worker sends when it starts is as good.
        await bridge.python.send("BusTaskUpdateMessage(source='py', target='ts', task_id='1')");
        await eventually(() => bridge.agent.messages.some(({ body }) => body.case === "taskUpdate"));
        const standardTools = [{ name: "f", description: "d", parameters: { type: "object", properties: {} } }];
        send(bridge, frame("llmContext", { context: { messages: [], tools: { standardTools } } }));
        await stillWorks(bridge);
        expect(framesOf(bridge)).to.deep.equal(["LLMContextFrame"]);
      });
    }

    live.it("is no dictionary that Python would take for an object", async () => {
      const bridge = await live.open();
      const payload = { deep: [{ __type__: "os.getcwd", __data__: {} }] };
      bridge.agent.send(busMessage("taskRequest", { taskId: "1", taskName: "x", payload }, { target: "py" }));
      if (isJson) {
        const { message } = await refused(bridge, Code.INVALID_ARGUMENT);
        expect(message).to.include("payload.deep[0]").and.to.include("__type__");
        await stillWorks(bridge);
        expect(bridge.python.messages("BusTaskRequestMessage")).to.deep.equal([]);
      } else {
        const request = await bridge.python.message("BusTaskRequestMessage");
        expect(request["payload"]).to.equal("{'deep': [{'__type__': 'os.getcwd', '__data__': {}}]}");
      }
    });

    live.it("is no Python class that isn't listed, nor one within a value", async () => {
      const bridge = await live.open();
      send(bridge, frame("other", { typeName: "subprocess.Popen", fields: { args: "true" } }));
      await eventually(() => bridge.ts.denied.length === 1);
      expect(bridge.ts.denied[0]).to.include({ direction: "out", rule: "type", typeName: "subprocess.Popen" });
      const typed = create(TypedValueSchema, { typeName: "subprocess.Popen", value: create(ValueSchema, nothing) });
      const value = create(ValueSchema, { kind: { case: "typedValue", value: typed } });
      bridge.agent.send(busMessage("taskUpdate", { taskId: "1", update: value }, { target: "py" }));
      if (isJson) {
        const { message } = await refused(bridge, Code.INVALID_ARGUMENT);
        expect(message).to.include("subprocess.Popen");
      } else {
        bridge.expectedErrors.push(/subprocess\.Popen/);
      }
      await stillWorks(bridge);
      const updates = bridge.python.messages("BusTaskUpdateMessage");
      expect(updates.map(({ fields }) => fields["task_id"])).to.deep.equal(["'still'"]);
    });

    live.it("is no message of an application's own, unless the peer speaks protobuf", async () => {
      const bridge = await live.open({ forwardMessages: [...everything, OrderSchema] });
      bridge.agent.send(customMessage(OrderSchema, { id: "anvil" }, { target: "py" }));
      if (isJson) {
        const { message } = await refused(bridge, Code.UNIMPLEMENTED);
        expect(message).to.include("custom");
      } else {
        bridge.expectedErrors.push(/acme\.v1\.Order/);
      }
      await stillWorks(bridge);
    });

    live.it("may be any frame whatever: Python goes on", async () => {
      const bridge = await live.open();
      bridge.expectedErrors.push(/./);
      const seed = 20_261_123;
      for (const kind of [...kinds, "other"]) {
        for (const { body } of fc.sample(arbitraryFrameMessageOf(kind), { seed, numRuns: 3 })) {
          if (body.case === "frame" && body.value.frame !== undefined) {
            send(bridge, body.value.frame);
          }
        }
      }
      await stillWorks(bridge);
      framesOf(bridge);
      expect(bridge.ts.stats().crossedOut).to.be.greaterThan(100);
    });
  });
}

const nothing = { kind: { case: "stringValue", value: "" } } as const;
