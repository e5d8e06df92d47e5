import { equals } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { FrameSchema } from "../../../gen/crossbus/v1/frame_pb.js";
import { type BusMessage, BusMessageSchema } from "../../../gen/crossbus/v1/message_pb.js";
import { pipecatSubagentsBodyNames } from "../../../gen/crossbus/v1/pipecat-names.js";
import { StatusError } from "../../../src/base/status.js";
import type { Codec } from "../../../src/codec/codec.js";
import { jsonCodec } from "../../../src/codec/pipecat/json-codec.js";
import type { JsonDialect } from "../../../src/codec/pipecat/python-classes.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import { describeMessage } from "../../../src/proxy/policy.js";
import { arbitraryBusMessageOf, arbitraryFrameMessageOf } from "../../support/arbitrary-message.js";
import { asJsonHasIt } from "../../support/as-json-has-it.js";

const decoder = new TextDecoder();
const cases = BusMessageSchema.oneofs[0]?.fields.map(({ localName }) => localName) ?? [];
const kinds = FrameSchema.oneofs[0]?.fields.map(({ localName }) => localName) ?? [];

function codecFor(dialect: JsonDialect): Codec {
  const codec = jsonCodec({ dialect, pipecatVersion: undefined });
  codec.allowTypes?.("any");
  return codec;
}

/** Expects a message to come back as it was, or a status that says why it can't go. Tells whether it went. */
function comesBack(dialect: JsonDialect, message: BusMessage): boolean {
  // A codec writes tools in the form that it has seen last: this one has seen none.
  const codec = codecFor(dialect);
  let bytes: Uint8Array;
  try {
    bytes = codec.encode(message);
  } catch (error) {
    expect(error).to.be.instanceOf(StatusError);
    return false;
  }
  const wire = decoder.decode(bytes);
  expect(codec.peek(bytes), wire).to.deep.equal(describeMessage(message));
  const back = codec.decode(bytes);
  if ("invalid" in back) {
    expect.fail(`what was encoded is invalid: ${back.invalid}: ${wire}`);
  }
  const expected = asJsonHasIt(message, dialect === "pipecat-subagents");
  if (!equals(BusMessageSchema, back, expected)) {
    expect(back, wire).to.deep.equal(expected);
  }
  // Nor is anything lost that Protocol Buffers wouldn't lose too.
  const bare = protobufCodec.decode(protobufCodec.encode(back));
  expect(decoder.decode(codecFor(dialect).encode(bare))).to.equal(wire);
  return true;
}

for (const dialect of ["pipecat", "pipecat-subagents"] as const) {
  describe(`what is written in dialect ${dialect} is read as the same message`, () => {
    const inDialect = dialect === "pipecat" ? cases : [...Object.keys(pipecatSubagentsBodyNames), "other"];

    for (const name of inDialect.filter((name) => name !== "custom")) {
      it(name, () => {
        let count = 0;
        fc.assert(
          fc.property(arbitraryBusMessageOf(name), (message) => {
            count += comesBack(dialect, message) ? 1 : 0;
          }),
          { numRuns: 60 },
        );
        // A frame is rarely whole by chance: see below.
        expect(count).to.be.greaterThan(name === "frame" ? -1 : 0);
      });
    }
  });
}

describe("a frame that is written is read as the same frame", () => {
  for (const kind of kinds) {
    it(kind, () => {
      let count = 0;
      fc.assert(
        fc.property(arbitraryFrameMessageOf(kind), fc.constantFrom(1, 2), (message, direction) => {
          if (message.body.case === "frame") {
            message.body.value.direction = direction;
          }
          message.extra = undefined;
          count += comesBack("pipecat", message) ? 1 : 0;
        }),
        { numRuns: 60 },
      );
      expect(count).to.be.greaterThan(0);
    });
  }
});
