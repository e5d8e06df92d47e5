import { create, createRegistry, equals, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { Direction, type Frame, FrameSchema } from "../../gen/crossbus/v1/frame_pb.js";
import { type BusMessage, BusMessageSchema, TaskStatus } from "../../gen/crossbus/v1/message_pb.js";
import { type Value, ValueSchema } from "../../gen/crossbus/v1/value_pb.js";
import { Code, StatusError } from "../../src/base/status.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { busMessage } from "../../src/message/build.js";
import { bodyTraits, frameTraits } from "../../src/message/case-traits.js";
import { toJs, toValue } from "../../src/message/value.js";
import { concat, field, mistyped, varint } from "../support/arbitrary-bytes.js";
import { arbitraryBusMessage, arbitraryBusMessageOf, arbitraryFrameMessageOf } from "../support/arbitrary-message.js";
import { asRead, toBase64, toHex } from "../support/bytes.js";

const everything = { registry: createRegistry(), unknown: true };

function message(init: MessageInitShape<typeof BusMessageSchema>): BusMessage {
  return create(BusMessageSchema, { source: "acme", target: "assistant", ...init });
}

function expectRoundTrip(original: BusMessage): void {
  const bytes = protobufCodec.encode(original);
  expect(toHex(bytes)).to.equal(toHex(toBinary(BusMessageSchema, original)));
  const decoded = protobufCodec.decode(bytes);
  if (!equals(BusMessageSchema, decoded, original, everything)) {
    expect(decoded).to.deep.equal(original);
    expect.fail("not equal for protobuf-es");
  }
  expect(toHex(protobufCodec.encode(decoded))).to.equal(toHex(bytes));
}

const end = message({ body: { case: "end", value: {} } });
const textFrame = message({
  body: {
    case: "frame",
    value: {
      frame: { kind: { case: "text", value: { text: "hi" } } },
      direction: Direction.DOWNSTREAM,
    },
  },
});

describe("the protobuf codec writes", () => {
  // Worked out by hand from the schema and the rules of the wire format.
  const golden: Record<string, [BusMessage, string]> = {
    "an end": [end, "0a0461636d65 1209617373697374616e74 920100"],
    "a text frame": [textFrame, "0a0461636d65 1209617373697374616e74 1a0a 0a06 2204 0a026869 1001"],
    "a broadcast of a cancel with a reason": [
      create(BusMessageSchema, { source: "a", body: { case: "cancel", value: { reason: "no" } } }),
      "0a0161 a20104 0a026e6f",
    ],
    "a task request with an integer": [
      message({ source: "a", target: "", body: { case: "taskRequest", value: { taskId: "t", payload: toValue(-3) } } }),
      "0a0161 1200 c20207 0a0174 1a021805",
    ],
  };
  for (const [name, [original, bytes]] of Object.entries(golden)) {
    it(`${name} as these bytes`, () => {
      expect(toHex(protobufCodec.encode(original))).to.equal(bytes.replaceAll(" ", ""));
      expectRoundTrip(original);
    });
  }

  it("a Uint8Array", () => {
    expect(protobufCodec.encode(end).constructor).to.equal(Uint8Array);
  });

  it("refuses nothing because another message is encoded meanwhile, and isn't confused by it", () => {
    const inner = busMessage("end", { reason: "enough" }, { source: "inner" });
    const outer = busMessage("cancel", { reason: "enough" }, { source: "outer" });
    const expected = toBinary(BusMessageSchema, outer);
    const within: Uint8Array[] = [];
    Object.defineProperty(outer, "source", {
      enumerable: true,
      get: () => {
        within.push(protobufCodec.encode(inner));
        return "outer";
      },
    });
    expect(protobufCodec.encode(outer)).to.deep.equal(expected);
    expect(within).to.have.length.above(1);
    expect(new Set(within.map((bytes) => toBase64(bytes)))).to.deep.equal(
      new Set([toBase64(toBinary(BusMessageSchema, inner))]),
    );
  });
});

describe("the protobuf codec brings back", () => {
  const messages: Record<string, BusMessage> = {
    "a simple message": end,
    "a broadcast": create(BusMessageSchema, { source: "acme", body: { case: "endAgent", value: {} } }),
    "an activation with args": message({
      body: { case: "activateAgent", value: { args: toValue({ greeting: "hi", n: 3, x: 3.5, list: [null, true] }) } },
    }),
    "an activation without args": message({ body: { case: "activateAgent", value: {} } }),
    "an end with its reason": message({ body: { case: "end", value: { reason: "done" } } }),
    "a cancel": message({ body: { case: "cancel", value: {} } }),
    "a task request with its payload": message({
      body: { case: "taskRequest", value: { taskId: "t1", taskName: "sum", payload: toValue({ of: [1, 2n ** 80n] }) } },
    }),
    "a task response": message({
      body: {
        case: "taskResponse",
        value: { taskId: "t1", status: TaskStatus.COMPLETED, response: toValue({ sum: 3 }) },
      },
    }),
    "a frame": textFrame,
    "text with a byte order mark": message({ body: { case: "agentError", value: { error: "\ufeffoops" } } }),
  };
  for (const [name, original] of Object.entries(messages)) {
    it(name, () => expectRoundTrip(original));
  }

  it("the direction upstream", () => {
    const upstream = message({
      body: {
        case: "frame",
        value: { frame: { kind: { case: "text", value: {} } }, direction: Direction.UPSTREAM, bridge: "b", hops: 2 },
      },
    });
    const decoded = protobufCodec.decode(protobufCodec.encode(upstream));
    expect(decoded.body.value).to.deep.include({ direction: Direction.UPSTREAM, bridge: "b", hops: 2 });
  });

  it("fields that Python restores after construction", () => {
    const frame = create(FrameSchema, {
      id: 2n ** 62n,
      name: "TextFrame#0",
      pts: -1n,
      kind: { case: "text", value: {} },
    });
    const decoded = protobufCodec.decode(protobufCodec.encode(message({ body: { case: "frame", value: { frame } } })));
    expect(decoded.body.case === "frame" && decoded.body.value.frame).to.deep.include({ id: 2n ** 62n, pts: -1n });
  });

  it("any message, canonically", () => {
    fc.assert(fc.property(arbitraryBusMessage(), expectRoundTrip), { numRuns: 1500 });
  });

  for (const bodyCase of Object.keys(bodyTraits)) {
    it(`any message of case ${bodyCase}`, () => {
      fc.assert(fc.property(arbitraryBusMessageOf(bodyCase), expectRoundTrip), { numRuns: 20 });
    });
  }

  it("any frame of every kind", () => {
    for (const kind of Object.keys(frameTraits)) {
      fc.assert(fc.property(arbitraryFrameMessageOf(kind), expectRoundTrip), { numRuns: 10 });
    }
  });

  it("unknown fields, at every depth", () => {
    const bytes = concat(
      field(1, "acme"),
      field(
        3,
        field(1, field(4, field(1, "hi"), mistyped(99, 0, varint(7))), field(15, "x")),
        mistyped(9, 5, varint(0, 4)),
      ),
      field(7, "newer"),
      mistyped(8, 1, new Uint8Array(8)),
    );
    expect(toHex(protobufCodec.encode(protobufCodec.decode(bytes)))).to.equal(toHex(bytes));
  });

  it("payloads nested as deep as they may be, in the deepest place of the schema", () => {
    let payload: Value = toValue("x");
    for (let level = 1; level < 32; level++) {
      payload = toValue({ a: payload });
    }
    const deepest = message({
      body: {
        case: "frame",
        value: { frame: { kind: { case: "llmContext", value: { context: { messages: [payload] } } } } },
      },
    });
    expectRoundTrip(deepest);
    expect(() => fromBinary(BusMessageSchema, protobufCodec.encode(deepest))).not.to.throw();
  });

  it("bytes as a view of what came in, as a Uint8Array also from what the platform has read", () => {
    const audio = message({
      body: {
        case: "frame",
        value: { frame: { kind: { case: "inputAudioRaw", value: { audio: Uint8Array.of(1, 2) } } } },
      },
    });
    const chunk = asRead(protobufCodec.encode(audio));
    const decoded = protobufCodec.decode(chunk);
    const kind = decoded.body.case === "frame" ? decoded.body.value.frame?.kind : undefined;
    const bytes = kind?.case === "inputAudioRaw" ? kind.value.audio : undefined;
    expect(bytes?.constructor).to.equal(Uint8Array);
    expect(bytes?.buffer).to.equal(chunk.buffer);
  });
});

describe("the protobuf codec doesn't encode", () => {
  type Path = readonly [string, unknown];
  const body = (value: unknown): Path => ["body", value];
  const unencodable: Record<string, [Path, string]> = {
    "a lone surrogate": [["source", "a\ud800"], "message.source: must be a string without lone surrogates"],
    "a source that isn't a string": [["source", 7], "message.source: must be a string"],
    "a missing source": [["source", undefined], "message.source: must be a string"],
    "a target that is null": [["target", null], "message.target: must be a string"],
    "a message without a body": [body({ case: undefined }), "body is missing"],
    "a body that isn't a oneof": [body("end"), "message.body: must be an object with a case"],
    "an unknown case": [body({ case: "enD", value: {} }), "message.body: must be a case that the schema knows"],
    "a case by its number": [
      body({ case: 18, value: end.body.value }),
      "message.body: must be a case that the schema knows",
    ],
    "a body of the wrong type": [body({ case: "cancel", value: end.body.value }), "message.body.cancel: must be a"],
    "a body that is undefined": [body({ case: "end", value: undefined }), "message.body.end: must be a"],
  };
  for (const [name, [[key, value], reason]] of Object.entries(unencodable)) {
    it(name, () => expectRefused({ ...end, [key]: value } as BusMessage, reason));
  }

  const made: Record<string, [MessageInitShape<typeof BusMessageSchema>["body"], string]> = {
    "a frame message without a frame": [{ case: "frame", value: {} }, "frame has no frame"],
    "a frame without a kind": [{ case: "frame", value: { frame: {} } }, "frame has no kind"],
    "a frame of kind other without a type name": [
      { case: "frame", value: { frame: { kind: { case: "other", value: {} } } } },
      "no type name",
    ],
    "custom without a message": [{ case: "custom", value: {} }, "custom has no message"],
    "custom with another type URL": [{ case: "custom", value: { message: { typeUrl: "acme.Order" } } }, "type URL"],
    "other without a type name": [{ case: "other", value: {} }, "no type name"],
    "a number beyond 32 bits": [
      { case: "frame", value: { frame: { kind: { case: "text", value: {} } }, hops: 2 ** 32 } },
      "message.body.frame.hops: must be an integer of 32 bits without sign, got 4294967296",
    ],
    "a negative number without sign": [
      { case: "frame", value: { frame: { kind: { case: "text", value: {} } }, hops: -1 } },
      "message.body.frame.hops: must be an integer",
    ],
    "a fraction in an enum": [
      { case: "taskResponse", value: { taskId: "", status: 1.5 as TaskStatus } },
      "message.body.taskResponse.status: must be an integer of 32 bits",
    ],
    "a bigint beyond 64 bits": [
      { case: "uiTaskUpdate", value: { at: 2n ** 63n } },
      "message.body.uiTaskUpdate.at: must be a bigint of 64 bits",
    ],
    "a number where a bigint belongs": [
      { case: "uiTaskUpdate", value: { at: 5 as unknown as bigint } },
      "message.body.uiTaskUpdate.at: must be a bigint",
    ],
    "text where bytes belong": [
      {
        case: "frame",
        value: { frame: { kind: { case: "inputAudioRaw", value: { audio: "x" as unknown as Uint8Array } } } },
      },
      "message.body.frame.frame.kind.inputAudioRaw.audio: must be a Uint8Array",
    ],
    "text where a bool belongs": [
      { case: "ttsSpeak", value: { appendToContext: "no" as unknown as boolean } },
      "message.body.ttsSpeak.appendToContext: must be a boolean",
    ],
    "a lone surrogate within a list": [
      { case: "agentRegistry", value: { agents: [{ name: "x" }, { name: "\udc00" }] } },
      "message.body.agentRegistry.agents[1].name: must be a string without lone surrogates",
    ],
    "a Value without a kind": [
      { case: "taskUpdate", value: { update: {} } },
      "message.body.taskUpdate.update: must have a kind",
    ],
    "a Value without a kind in a list": [
      {
        case: "frame",
        value: { frame: { kind: { case: "llmMessagesAppend", value: { messages: [toValue(1), {}] } } } },
      },
      "llmMessagesAppend.messages[1]: must have a kind",
    ],
    "a key twice": [
      {
        case: "other",
        value: { typeName: "x", fields: { entries: [0, 1].map(() => ({ key: "k", value: toValue(1) })) } },
      },
      "message.body.other.fields.k: a key must occur once",
    ],
  };
  for (const [name, [init, reason]] of Object.entries(made)) {
    it(name, () => expectRefused(message({ ...(init && { body: init }) }), reason));
  }

  it("a list that isn't one", () => {
    const registry = message({ body: { case: "agentRegistry", value: {} } });
    (registry.body.value as unknown as { agents: unknown }).agents = {};
    expectRefused(registry, "message.body.agentRegistry.agents: must be an array");
  });

  it("a payload that create() didn't make", () => {
    const update = message({ body: { case: "taskUpdate", value: {} } });
    (update.body.value as unknown as { update: unknown }).update = { kind: { case: "boolValue", value: true } };
    expectRefused(update, "message.body.taskUpdate.update: must be a Value");
  });

  it("what isn't a bus message", () => {
    for (const value of [undefined, null, 7, {}, create(ValueSchema)]) {
      expectRefused(value as unknown as BusMessage, "must be a crossbus.v1.BusMessage");
    }
  });

  it("unknown fields that contradict the known ones", () => {
    const data = Uint8Array.of(1, 0x78);
    const broadcast = create(BusMessageSchema, { source: "acme", body: { case: "end", value: {} } });
    const withUnknown = (no: number): BusMessage => ({ ...broadcast, $unknown: [{ no, wireType: 2, data }] });
    expectRefused(withUnknown(2), "unknown fields ($unknown) contradict");
    expectRefused(withUnknown(1), "source occurs twice");
    expectRefused({ ...withUnknown(1), source: "" }, "unknown fields ($unknown) contradict");
    const empty = Uint8Array.of(0);
    const hidden = create(BusMessageSchema, { source: "acme" });
    expectRefused({ ...hidden, $unknown: [{ no: 18, wireType: 2, data: empty }] }, "contradict");
    const frame: Frame = { ...create(FrameSchema), $unknown: [{ no: 4, wireType: 2, data: empty }] };
    expectRefused(message({ body: { case: "frame", value: { frame } } }), "contradict");
    expectRefused(withUnknown(20), "body occurs twice");
    expectRefused(withUnknown(99), "unknown case 99");
    expectRoundTrip(withUnknown(7));
    expectRefused(withUnknown(-1), "can't be encoded");
  });

  function expectRefused(original: BusMessage, reason: string): void {
    expect(() => protobufCodec.encode(original))
      .to.throw(StatusError, reason)
      .with.property("code", Code.INVALID_ARGUMENT);
  }
});

describe("the protobuf codec doesn't decode", () => {
  const update = (...value: Uint8Array[]): Uint8Array => concat(field(1, "acme"), field(43, field(2, ...value)));
  const entry = field(1, field(1, "k"), field(2, mistyped(2, 0, varint(1))));
  const nested = (levels: number): Uint8Array =>
    levels === 1 ? mistyped(2, 0, varint(1)) : field(7, field(1, nested(levels - 1)));
  const undecodable: Record<string, [Uint8Array, string]> = {
    "text that isn't UTF-8": [concat(field(1, "acme"), field(24, field(1, Uint8Array.of(0xff)))), "UTF-8"],
    "long text that isn't UTF-8": [
      concat(field(1, "acme"), field(24, field(1, "x".repeat(100), Uint8Array.of(0xc3)))),
      "UTF-8",
    ],
    "a mistyped field": [
      concat(field(1, "acme"), field(18, mistyped(1, 0, varint(1)))),
      "crossbus.v1.End.reason has wire type 0",
    ],
    "a mistyped field of a list": [
      concat(field(1, "acme"), field(22, mistyped(2, 0, varint(1)))),
      "agents has wire type 0",
    ],
    "a mistyped message": [concat(field(1, "acme"), field(16, mistyped(1, 0, varint(1)))), "args has wire type 0"],
    "a number as text": [concat(field(1, "acme"), field(41, field(2, "1"))), "status has wire type 2"],
    "a field that reaches past its message": [
      concat(field(1, "acme"), field(18, varint(10), varint(4)), field(7, "xx")),
      "past the end",
    ],
    "a message that reaches past its message": [
      concat(field(1, "acme"), field(16, varint(10), varint(6)), field(7, "xxxx")),
      "past the end",
    ],
    "a double that reaches past its message": [
      concat(field(1, "acme"), field(43, field(2, varint(4 * 8 + 1), "1234")), field(7, "xxxx")),
      "end within a field",
    ],
    "a group": [concat(field(1, "acme"), field(18, varint(9 * 8 + 3), varint(9 * 8 + 4))), "wire type 3"],
    "a Value without a kind": [update(), "update: must have a kind"],
    "a key twice": [update(field(8, entry, entry)), "update.k: a key must occur once"],
    "a payload that occurs twice": [
      concat(field(1, "acme"), field(43, field(2, nested(1)), field(2, nested(1)))),
      "update occurs twice",
    ],
    "a payload nested too deep": [update(nested(33)), "must be nested at most 32 levels deep"],
    "a payload nested beyond all reason": [update(nested(2000)), "nested deeper than 100"],
    "a Value without a kind in a list": [
      concat(field(1, "acme"), field(3, field(1, field(20, field(1, nested(1)), field(1))))),
      "messages[1]: must have a kind",
    ],
    "a key twice in a Struct of the envelope": [
      concat(field(5, entry, entry), field(1, "acme"), field(18)),
      "extra.k: a key must occur once",
    ],
  };
  for (const [name, [bytes, reason]] of Object.entries(undecodable)) {
    it(name, () => {
      expect(protobufCodec.peek(bytes)).to.have.property("case");
      expect(() => protobufCodec.decode(bytes))
        .to.throw(StatusError, reason)
        .with.property("code", Code.INVALID_ARGUMENT);
    });
  }

  it("but decodes a payload of 32 levels, and a key of every name", () => {
    expect(protobufCodec.decode(update(nested(32))).body.case).to.equal("taskUpdate");
    const odd = field(1, field(1, "__proto__"), field(2, mistyped(2, 0, varint(1))));
    const { body } = protobufCodec.decode(update(field(8, odd)));
    const js = body.case === "taskUpdate" ? toJs(body.value.update) : undefined;
    expect(Object.keys(js ?? {})).to.deep.equal(["__proto__"]);
  });

  it("and merges, as protobuf-es does, other messages that occur twice", () => {
    const bytes = concat(
      field(4, field(1, "a"), field(9, "x")),
      field(1, "acme"),
      field(18),
      field(4, field(2, "b"), field(9, "y")),
    );
    const decoded = protobufCodec.decode(bytes);
    expect(decoded.traceContext).to.deep.include({ traceparent: "a", tracestate: "b" });
    expect(decoded.traceContext?.$unknown).to.have.length(2);
    expect(decoded).to.deep.equal(fromBinary(BusMessageSchema, bytes));
  });
});
