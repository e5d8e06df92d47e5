import { toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { type BusMessage, BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { limitOf } from "../../src/base/over-limit.js";
import { Code } from "../../src/base/status.js";
import type { Codec } from "../../src/codec/codec.js";
import { decodeHot } from "../../src/codec/hot-reader.js";
import { loadCodec } from "../../src/codec/load-codec.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { busMessage } from "../../src/message/build.js";
import type { ValueInit } from "../../src/message/value.js";
import { toHex } from "../support/bytes.js";
import { expectThrown } from "../support/expect-status.js";

function request(value: ValueInit): BusMessage {
  return busMessage("taskRequest", { taskId: "t", payload: { value } }, { source: "a", target: "b" });
}

/** Reads a message as a link does: first what a policy decides on, then the rest. */
function read(codec: Codec, bytes: Uint8Array) {
  const peeked = codec.peek(bytes);
  return "invalid" in peeked ? peeked : codec.decode(bytes);
}

/** The most elements that must be allowed for a message to be read. */
async function elementsOf(dialect: "protobuf" | "pipecat" | "pipecat-subagents", bytes: Uint8Array): Promise<number> {
  for (let maxElements = 1; ; maxElements++) {
    const codec = (await loadCodec({ dialect, maxElements }))();
    try {
      const message = read(codec, bytes);
      expect("invalid" in message).to.equal(false);
      return maxElements;
    } catch (error) {
      expect(limitOf(error as never)).to.equal("maxElements");
    }
  }
}

describe("the elements of a message", () => {
  const values: Readonly<Record<string, ValueInit>> = {
    "a list of nulls": Array.from({ length: 20 }, () => null),
    "a list of lists": Array.from({ length: 20 }, () => []),
    "a list of objects": Array.from({ length: 20 }, () => ({})),
    "an object of many members": Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i])),
    "lists in lists": [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]],
  };

  for (const dialect of ["protobuf", "pipecat", "pipecat-subagents"] as const) {
    for (const [name, value] of Object.entries(values)) {
      it(`count in ${dialect}, as many as there are in ${name}, and no message has more`, async () => {
        const none = (await loadCodec({ dialect }))();
        const [bytes, empty] = [none.encode(request(value)), none.encode(request(null))];
        const count = (await elementsOf(dialect, bytes)) - (await elementsOf(dialect, empty));
        // A member of an object takes two messages in Protocol Buffers, and a list in a list one beside the value.
        expect(count).to.be.within(20, 41);
        const codec = (await loadCodec({ dialect, maxElements: count }))();
        const error = expectThrown(Code.RESOURCE_EXHAUSTED, () => read(codec, bytes));
        expect(limitOf(error)).to.equal("maxElements");
        expect(error.message).to.include(`more than ${count} elements; raise maxElements`);
      });
    }

    it(`are any number in ${dialect} where there is no limit`, async () => {
      const codec = (await loadCodec({ dialect }))();
      const bytes = codec.encode(request(Array.from({ length: 60_000 }, () => null)));
      expect("invalid" in read(codec, bytes)).to.equal(false);
    });
  }

  it("are the same to the code that reads fast and to that which reads everything", () => {
    for (const value of Object.values(values)) {
      const bytes = toBinary(BusMessageSchema, request(value));
      let max = 1;
      while (decodeHot(bytes, max) === undefined) {
        max++;
      }
      // One unknown field, and only the latter reads it.
      const odd = Uint8Array.from([...bytes, 0x48, 1]);
      expect(decodeHot(odd)).to.equal(undefined);
      expectThrown(Code.RESOURCE_EXHAUSTED, () => protobufCodec.decode(odd, max - 1));
      expect(protobufCodec.decode(odd, max).body.case).to.equal("taskRequest");
    }
  });

  it("are counted as they come, not when all have been made", () => {
    // What follows the first hundred isn't even looked at: it could not be read.
    const bytes = protobufCodec.encode(request(Array.from({ length: 1_000 }, () => null)));
    const at = toHex(bytes).lastIndexOf("0a020800") / 2;
    const broken = Uint8Array.from(bytes);
    broken[at] = 0xff;
    expect(limitOf(expectThrown(Code.RESOURCE_EXHAUSTED, () => protobufCodec.decode(broken, 100)))).to.equal(
      "maxElements",
    );
    expectThrown(Code.INVALID_ARGUMENT, () => protobufCodec.decode(broken));
  });
});
