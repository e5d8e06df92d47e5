import { create, type Message } from "@bufbuild/protobuf";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type BusMessage, MessageFrameFieldsSchema, OtherMessageSchema } from "../../../gen/crossbus/v1/message_pb.js";
import { ValueSchema } from "../../../gen/crossbus/v1/value_pb.js";
import { Code, StatusError } from "../../../src/base/status.js";
import { jsonCodec } from "../../../src/codec/pipecat/json-codec.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import { busMessage, frame } from "../../../src/message/build.js";
import { toStruct, type ValueInit } from "../../../src/message/value.js";
import { expectThrown } from "../../support/expect-status.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const envelope = { source: "a", target: "b" };

const codec = jsonCodec({ dialect: "pipecat", pipecatVersion: undefined });
codec.allowTypes?.(new Set(["acme.Thing"]));

const framed = (content: ReturnType<typeof frame>) => busMessage("frame", { frame: content, direction: 1 }, envelope);
const tools = { standardTools: [{ name: "f" }] };

/** The numbers of fields to come that are no case or kind to come. */
const freeNumbers: Readonly<Record<string, number>> = { "crossbus.v1.BusMessage": 7, "crossbus.v1.Frame": 15 };

/** Messages that hold messages of all sorts. */
const whole: Readonly<Record<string, BusMessage>> = {
  update: busMessage("taskUpdate", { taskId: "1", update: { list: [1], x: 1 } }, envelope),
  context: framed(frame("llmContext", { context: { messages: [{ role: "user" }], tools } })),
  "flat tools": framed(frame("llmContext", { context: { tools: { ...tools, flat: true } } })),
  tools: framed(frame("llmSetTools", { tools })),
  calls: framed(frame("functionCallsStarted", { functionCalls: [{ functionName: "f", toolCallId: "1" }] })),
  other: busMessage("other", { typeName: "acme.Thing", fields: { x: 1 } }, envelope),
  "other frame": framed(frame("other", { typeName: "acme.Thing", fields: { x: 1 } })),
  registry: busMessage("agentRegistry", { runner: "r", agents: [{ name: "n" }] }, envelope),
  extra: {
    ...busMessage("end", {}, envelope),
    extra: toStruct({ x: [1] }),
    frameFields: create(MessageFrameFieldsSchema, { name: "n" }),
  },
  typed: busMessage(
    "taskUpdate",
    {
      taskId: "1",
      update: create(ValueSchema, {
        kind: {
          case: "typedValue",
          value: { typeName: "acme.Thing", value: { kind: { case: "boolValue", value: true } } },
        },
      }),
    },
    envelope,
  ),
};

/** All messages within a message, with where they stand. */
function messagesIn(part: unknown, path = ""): readonly (readonly [path: string, message: Message])[] {
  if (typeof part !== "object" || part === null || part instanceof Uint8Array) {
    return [];
  }
  const inner = Object.entries(part).flatMap(([key, value]) => messagesIn(value, `${path}.${key}`));
  return "$typeName" in part ? [[path, part as Message], ...inner] : inner;
}

describe("nothing is lost in silence on the way to JSON", () => {
  for (const [name, message] of Object.entries(whole)) {
    it(`unknown fields of Protocol Buffers, which are refused: ${name}`, () => {
      codec.encode(message);
      const lost = messagesIn(message).flatMap(([path, part]) => {
        part.$unknown = [{ no: freeNumbers[part.$typeName] ?? 1_000, wireType: 0, data: Uint8Array.of(1) }];
        // A peer can send them.
        const received = protobufCodec.decode(protobufCodec.encode(message));
        delete part.$unknown;
        try {
          codec.encode(received);
          return [`${part.$typeName} at ${name}${path}`];
        } catch (error) {
          expect(error).to.be.instanceOf(StatusError).with.property("code", Code.INVALID_ARGUMENT);
          expect((error as StatusError).message).to.match(/only Protocol Buffers know/);
          return [];
        }
      });
      expect(lost).to.deep.equal([]);
    });
  }

  it("the fields of a frame beside a message that is kept whole, which are among its own", () => {
    const message = busMessage("other", { typeName: "acme.Thing", fields: { x: 1 } }, envelope);
    message.frameFields = create(MessageFrameFieldsSchema, { id: 7n, metadata: toStruct({ k: null }) });
    expect(JSON.parse(decoder.decode(codec.encode(message)))).to.deep.equal({
      __type__: "acme.Thing",
      __data__: { ...envelope, id: 7, metadata: { k: null }, x: 1 },
    });
    message.frameFields = create(MessageFrameFieldsSchema, { interruptible: true });
    message.body = {
      case: "other",
      value: create(OtherMessageSchema, { typeName: "acme.Thing", fields: toStruct({ interruptible: false }) }),
    };
    expectThrown(Code.INVALID_ARGUMENT, () => codec.encode(message));
  });

  it("no message is written that is too deep to be read", () => {
    let value: ValueInit = 1;
    for (let levels = 1; levels <= 32; levels++) {
      const message = busMessage("other", { typeName: "acme.Thing", fields: {} }, envelope);
      message.frameFields = create(MessageFrameFieldsSchema, { metadata: toStruct({ k: value }) });
      let bytes: Uint8Array;
      try {
        bytes = codec.encode(message);
      } catch (error) {
        expect(error).to.be.instanceOf(StatusError).with.property("code", Code.INVALID_ARGUMENT);
        expect(levels).to.be.greaterThan(29);
        return;
      }
      expect(codec.decode(bytes), `${levels} levels`).to.have.property("body");
      value = [value];
    }
    expect.fail("all levels were taken");
  });

  it("two fields that have one name in Python are refused together", () => {
    codec.encode(framed(frame("llmSetTools", { toolList: [] })));
    const both = framed(frame("llmSetTools", { tools, toolList: [] }));
    expect(expectThrown(Code.INVALID_ARGUMENT, () => codec.encode(both)).message).to.match(/tools/);
  });

  it("a list of tools is refused that would be read as something else", () => {
    for (const toolList of [{ standard_tools: [] }, Uint8Array.of(1)]) {
      expectThrown(Code.INVALID_ARGUMENT, () => codec.encode(framed(frame("llmSetTools", { toolList }))));
    }
  });

  it("an unknown field is refused where the schema has no room for it, or comes back from Protocol Buffers", () => {
    const wire =
      '{"__type__":"pipecat.bus.messages.BusEndMessage","__data__":{"source":"a","trace_context":{"traceparent":"x","new":1}}}';
    const message = codec.decode(encoder.encode(wire));
    if (!("invalid" in message)) {
      const copy = protobufCodec.decode(protobufCodec.encode(message));
      expect(JSON.parse(decoder.decode(codec.encode(copy)))).to.deep.equal(JSON.parse(wire));
    }
  });

  it("tools of the flat form have no room for anything else", () => {
    const flat = jsonCodec({ dialect: "pipecat", pipecatVersion: "1.3.0" });
    const context = (more: object) => framed(frame("llmContext", { context: { tools: { ...tools, ...more } } }));
    flat.encode(context({}));
    flat.encode(context({ extra: toStruct({}) }));
    expectThrown(Code.FAILED_PRECONDITION, () => flat.encode(context({ customTools: { gemini: [] } })));
    expectThrown(Code.FAILED_PRECONDITION, () => flat.encode(context({ extra: toStruct({ x: 1 }) })));
  });

  it("a big integer that Python can't read is refused before it costs time", function () {
    this.timeout(1_000);
    const huge = (length: number) => {
      const value = new Uint8Array(length).fill(0x5a);
      return busMessage(
        "taskUpdate",
        { taskId: "1", update: create(ValueSchema, { kind: { case: "bigIntValue", value } }) },
        envelope,
      );
    };
    codec.encode(huge(1_785));
    for (const length of [1_787, 10_000, 4_000_000]) {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => codec.encode(huge(length)));
      expect(error.message).to.match(/ 4300/);
    }
  });
});
