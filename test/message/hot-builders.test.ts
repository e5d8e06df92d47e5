import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { FrameSchema } from "../../gen/crossbus/v1/frame_pb.js";
import { bodyBuilders, kindBuilders } from "../../gen/crossbus/v1/hot-builders.js";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { StatusError } from "../../src/base/status.js";
import { busMessage, frame } from "../../src/message/build.js";
import { fromInit, oneofCase } from "../../src/message/from-init.js";
import type { MessageType } from "../../src/message/message-type.js";
import { isWellFormed } from "../../src/message/well-formed.js";
import { codePoint } from "../support/arbitrary-code-point.js";

/** Whatever a field may be given, right or wrong. */
const arbitraryValue = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, 0, -0, 1, 2, 3, -1, 0.5, Number.NaN, 2 ** 31, 2 ** 32, 1n, 2n ** 63n),
  fc.string({ unit: codePoint }),
  fc.constantFrom<unknown>("", "\ud800", "a\udc00b", new Uint8Array([1, 2]), new Uint8Array(), [1], {}, () => 1),
  fc.constantFrom<unknown>(
    frame("text", { text: "hi" }),
    frame("inputAudioRaw"),
    frame("interruption"),
    { ...frame("text"), kind: { case: "text", value: { text: "plain" } } },
    { ...frame("text"), kind: { case: "llmText", value: frame("text").kind.value } },
    { ...frame("text"), kind: undefined },
    { ...frame("text"), metadata: { a: 1 } },
    frame("text").kind.value,
  ),
);

/** Fields of a type, some of them, and now and then one that it doesn't have. */
function arbitraryInit(desc: MessageType): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const names = [...desc.members.map(({ localName }) => localName), "nothing", "$typeName", "$unknown", "constructor"];
  return fc.dictionary(fc.constantFrom(...names), arbitraryValue, { noNullPrototype: true });
}

/** Fields as they should be: only the names and types matter. */
const usual: Readonly<Record<string, object>> = {
  frame: { frame: frame("llmText", { text: "hi" }), direction: 1, bridge: "voice", hops: 3 },
  taskUpdateRequest: { taskId: "1" },
  taskCancel: { taskId: "1", reason: "enough" },
  inputAudioRaw: { audio: new Uint8Array([1]), sampleRate: 16_000, numChannels: 1, numFrames: 1 },
  outputAudioRaw: { audio: new Uint8Array([1]), sampleRate: 16_000, numChannels: 1 },
  ttsAudioRaw: { audio: new Uint8Array([1]), sampleRate: 16_000, numChannels: 1, contextId: "c" },
  text: { text: "é", skipTts: false },
  llmText: { text: "", appendToContext: true, includesInterFrameSpaces: true },
};

const tables = [
  ["bus message", bodyBuilders, BusMessageSchema, "body", 2],
  ["frame", kindBuilders, FrameSchema, "kind", 4],
] as const;

describe("the generated builders", () => {
  for (const [what, builders, parent, oneof, depth] of tables) {
    for (const [name, build] of Object.entries(builders)) {
      const desc: MessageType = oneofCase(parent, oneof, name);

      it(`build a ${what} ${name} as the thorough code does, or leave it to that`, () => {
        let built = 0;
        fc.assert(
          fc.property(arbitraryInit(desc), (init) => {
            const message = build?.(init, isWellFormed);
            if (message !== undefined) {
              built++;
              const expected = fromInit(desc, init, name, depth);
              expect(message).to.deep.equal(expected);
              expect(new Set(Object.keys(message as object))).to.deep.equal(new Set(Object.keys(expected)));
            }
          }),
          { numRuns: 3_000 },
        );
        expect(built, "how many it built").to.be.greaterThan(100);
      });

      it(`build a ${what} ${name} with all its fields, and one without any`, () => {
        for (const init of [usual[name] ?? expect.fail("no fields"), {}]) {
          expect(build?.({ ...init }, isWellFormed)).to.deep.equal(fromInit(desc, init, name, depth));
        }
      });
    }
  }

  it("share no bytes between messages without any", () => {
    expect(frame("inputAudioRaw").kind.value.audio).not.to.equal(frame("inputAudioRaw").kind.value.audio);
  });

  it("leave a kind alone that is the name of what every object has", () => {
    for (const name of ["constructor", "toString", "__proto__"]) {
      expect(() => frame(name as "text"), name).to.throw(StatusError, "must be a case");
      expect(() => busMessage(name as "frame"), name).to.throw(StatusError, "must be a case");
    }
  });

  it("leave a frame whose kind was taken away to the thorough code, which leaves it out", () => {
    const frameOf = (kind: unknown) => busMessage("frame", { frame: { ...frame("text"), kind } as never });
    expect(frameOf(undefined).body.value.frame?.kind).to.deep.equal({ case: undefined });
    expect(() => frameOf(null)).to.throw(StatusError, "frame.frame.kind");
  });
});
