import { toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type BusMessage, BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { agree } from "../../src/codec/agree.js";
import type { Peeked } from "../../src/codec/codec.js";
import { decodeMessage } from "../../src/codec/decode-message.js";
import { decodeHot } from "../../src/codec/hot-reader.js";
import { encodeHot } from "../../src/codec/hot-writer.js";
import { peek } from "../../src/codec/peek.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { busMessage, frame } from "../../src/message/build.js";
import { bodyTraits, frameTraits } from "../../src/message/case-traits.js";
import type { BodyCase, FrameKind } from "../../src/message/types.js";
import {
  arbitraryDamaged,
  arbitraryEncoded,
  arbitraryWire,
  concat,
  field,
  mistyped,
  varint,
} from "../support/arbitrary-bytes.js";
import { arbitraryBusMessageOf, arbitraryFrameMessageOf } from "../support/arbitrary-message.js";
import { sameBytes, toHex } from "../support/bytes.js";

const hotKinds: readonly FrameKind[] = ["inputAudioRaw", "outputAudioRaw", "ttsAudioRaw", "text", "llmText"];
const hotBodies = (Object.keys(bodyTraits) as BodyCase[]).filter((name) => name.startsWith("task"));
const coldKinds = (Object.keys(frameTraits) as FrameKind[]).filter((name) => !hotKinds.includes(name));
const coldBodies = (Object.keys(bodyTraits) as BodyCase[]).filter(
  (name) => name !== "frame" && !hotBodies.includes(name),
);

/** How many of the messages are encoded and decoded by the generated code. Those have to be as any others. */
function hot(arbitrary: fc.Arbitrary<BusMessage>, numRuns: number): { encoded: number; decoded: number } {
  const tally = { encoded: 0, decoded: 0 };
  fc.assert(
    fc.property(arbitrary, (message) => {
      const expected = toBinary(BusMessageSchema, message);
      const bytes = encodeHot(message);
      if (bytes !== undefined) {
        tally.encoded++;
        expect(bytes).to.deep.equal(expected);
      }
      const decoded = decodeHot(expected);
      if (decoded !== undefined) {
        tally.decoded++;
        expect(decoded).to.deep.equal(decodeMessage(BusMessageSchema, expected));
      }
    }),
    { numRuns },
  );
  return tally;
}

const audio = (samples: Uint8Array) =>
  busMessage("frame", { frame: frame("inputAudioRaw", { audio: samples, sampleRate: 16_000, numChannels: 1 }) });

describe("what an encoded message keeps", () => {
  // Text in it may be three times as long in bytes as it has letters.
  for (const [name, made] of [
    ["that is written by generated code", frame("text", { text: "x".repeat(500_000) })],
    ["that isn't", frame("inputTransportMessage", { message: "x".repeat(500_000) })],
  ] as const) {
    it(`is little more than its bytes, of a large one ${name}`, () => {
      const bytes = protobufCodec.encode(busMessage("frame", { frame: made }, { source: "acme" }));
      expect(bytes.buffer.byteLength).to.be.below(1.4 * bytes.length);
    });
  }
});

describe("the generated code for hot messages", function () {
  this.timeout(60_000);

  for (const [name, arbitrary] of [
    ...hotKinds.map((kind) => [`frames of the kind ${kind}`, arbitraryFrameMessageOf(kind)] as const),
    ...hotBodies.map((body) => [`messages of the case ${body}`, arbitraryBusMessageOf(body)] as const),
  ]) {
    it(`gives the bytes of protobuf-es, and the messages of the other decoder, for ${name}`, () => {
      expect(hot(arbitrary, 300)).to.deep.equal({ encoded: 300, decoded: 300 });
    });
  }

  it("leaves all others", () => {
    for (const kind of coldKinds) {
      expect(hot(arbitraryFrameMessageOf(kind), 3), kind).to.deep.equal({ encoded: 0, decoded: 0 });
    }
    for (const body of coldBodies) {
      expect(hot(arbitraryBusMessageOf(body), 3), body).to.deep.equal({ encoded: 0, decoded: 0 });
    }
  });

  for (const [what, arbitrary, numRuns] of [
    ["any bytes", fc.uint8Array({ maxLength: 40 }), 20_000],
    ["messages", arbitraryEncoded(), 3_000],
    ["whatever the wire format can say", arbitraryWire(), 5_000],
    ["damaged messages", arbitraryDamaged(), 5_000],
  ] as const) {
    it(`reads nothing that others read in another way, of ${what}`, () => {
      fc.assert(
        fc.property(arbitrary, (bytes) => {
          const message = decodeHot(bytes);
          if (message !== undefined) {
            expect(message).to.deep.equal(decodeMessage(BusMessageSchema, bytes));
            expect(agree(peek(bytes) as Peeked, message)).to.equal(true);
          }
        }),
        { numRuns },
      );
    });
  }

  it("keeps apart what it has written: messages that are kept stay as they were", () => {
    const samples = fc.array(fc.uint8Array({ minLength: 0, maxLength: 3_000, size: "max" }), {
      minLength: 40,
      maxLength: 80,
    });
    fc.assert(
      fc.property(samples, (all) => {
        const encoded = all.map((one) => encodeHot(audio(one)));
        const expected = all.map((one) => toBinary(BusMessageSchema, audio(one)));
        expect(encoded).to.deep.equal(expected);
      }),
      { numRuns: 20 },
    );
  });

  it("writes messages larger than the memory that it takes at a time, and goes on with small ones", () => {
    for (const size of [20_000, 60_000, 70_000, 1_000_000, 10, 40_000, 65_536]) {
      const message = audio(new Uint8Array(size).fill(size));
      const text = busMessage("taskUpdate", { taskId: "1", update: { text: "ä".repeat(size / 2) } });
      for (const one of [message, text]) {
        expect(sameBytes(encodeHot(one), toBinary(BusMessageSchema, one)), `${size}`).to.equal(true);
      }
    }
  });

  it("has text of the same shape read as what it is", () => {
    // Of the same length, with the same first and last letters: such share a place among what was read lately.
    const texts = ["anvil", "aXvil", "anvil", "añil", "anéil", "anvil", ""];
    for (const source of [...texts, ...texts]) {
      const message = busMessage("taskCancel", { taskId: source, reason: `${source}!` });
      expect(decodeHot(toBinary(BusMessageSchema, message))).to.deep.equal(message);
    }
  });

  it("writes nothing wrong after a message that it gave up in the middle", () => {
    const good = (i: number) => busMessage("taskUpdate", { taskId: `${i}`, update: ["x".repeat(1_000)] });
    const kept: (Uint8Array | undefined)[] = [];
    for (let i = 0; i < 200; i++) {
      const text = "y".repeat(i % 20 === 0 ? 90_000 : 900);
      const bad = busMessage("taskRequest", { taskId: "2", payload: { text } });
      // It is written last, since a message is written from its end.
      bad.source = 3 as never;
      expect(encodeHot(bad)).to.equal(undefined);
      kept.push(encodeHot(good(i)));
    }
    const expected = kept.map((_, i) => toBinary(BusMessageSchema, good(i)));
    expect(kept.findIndex((bytes, i) => !sameBytes(bytes, expected[i]))).to.equal(-1);
  });

  it("writes no lone surrogates, and no fields of wrong types", () => {
    for (const taskId of ["\ud800", `${"x".repeat(100)}\udc00`, "ä\ud800", 3, null, undefined, {}]) {
      const message = busMessage("taskCancel", { taskId: "1", reason: "x" });
      Object.assign(message.body.value, { taskId });
      expect(encodeHot(message)).to.equal(undefined);
    }
    for (const [field, values] of Object.entries({
      audio: [[1, 2], "ab", null, undefined],
      sampleRate: [-1, 1.5, 2 ** 32, "16000", null],
      numChannels: [Number.NaN, true],
    })) {
      for (const value of values) {
        const message = audio(new Uint8Array(2));
        Object.assign(message.body.value?.frame?.kind.value ?? {}, { [field]: value });
        expect(encodeHot(message), `${field} ${value}`).to.equal(undefined);
      }
    }
  });

  it("reads no padded tags and lengths, no groups, and nothing that occurs twice", () => {
    const name = (number: number, text: string) => field(number, text);
    const cancel = field(46, name(1, "id"));
    expect(decodeHot(cancel)?.body.case).to.equal("taskCancel");
    for (const bytes of [
      concat(varint(46 * 8 + 2, 3), varint(4), name(1, "id")),
      concat(varint(10, 2), varint(1), "a", cancel),
      concat(varint(10), varint(1, 2), "a", cancel),
      concat(varint(10), varint(1, 3), "a", cancel),
      concat(name(1, "a"), name(1, "a"), cancel),
      concat(cancel, cancel),
      mistyped(46, 3, new Uint8Array(0)),
      concat(cancel, mistyped(1, 0, Uint8Array.of(1))),
      concat(cancel, Uint8Array.of(10, 3, 97)),
      field(46, concat(name(1, "id"), Uint8Array.of(18, 5, 97))),
    ]) {
      expect(decodeHot(bytes), toHex(bytes)).to.equal(undefined);
    }
  });

  it("isn't confused by a message that encodes another while it is encoded", () => {
    const inner = audio(new Uint8Array(5));
    const outer = audio(new Uint8Array(50));
    let within: Uint8Array | undefined;
    Object.defineProperty(outer, "source", {
      get: () => {
        within = encodeHot(inner);
        return "acme";
      },
    });
    const bytes = encodeHot(outer);
    expect(within).to.equal(undefined);
    expect(bytes).to.deep.equal(toBinary(BusMessageSchema, outer));
  });
});
