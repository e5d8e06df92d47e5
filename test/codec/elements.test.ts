import { toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { type BusMessage, BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { limitOf } from "../../src/base/over-limit.js";
import { Code } from "../../src/base/status.js";
import type { Codec } from "../../src/codec/codec.js";
import { decodeMessage } from "../../src/codec/decode-message.js";
import { decodeHot } from "../../src/codec/hot-reader.js";
import { loadCodec } from "../../src/codec/load-codec.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { busMessage } from "../../src/message/build.js";
import { busMessageType } from "../../src/message/schema.js";
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
  const createCodec = await loadCodec({ dialect });
  for (let max = 1; ; max++) {
    const codec = createCodec({ max, count: 0 });
    try {
      const message = read(codec, bytes);
      expect("invalid" in message).to.equal(false);
      return max;
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
        const codec = (await loadCodec({ dialect }))({ max: count, count: 0 });
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

  for (const dialect of ["protobuf", "pipecat", "pipecat-subagents"] as const) {
    it(`add up over the messages in ${dialect}`, async () => {
      const none = (await loadCodec({ dialect }))();
      const bytes = none.encode(request(values["a list of objects"] ?? null));
      const one = await elementsOf(dialect, bytes);
      const elements = { max: 1_000, count: 7 };
      const codec = (await loadCodec({ dialect }))(elements);
      for (let i = 0; i < 3; i++) {
        expect("invalid" in read(codec, bytes)).to.equal(false);
      }
      expect(elements.count).to.equal(7 + 3 * one);
      elements.count = 0;
      read(codec, bytes);
      expect(elements.count).to.equal(one);
    });
  }

  it("add up in JSON that nobody here can know, too", async () => {
    const elements = { max: 1_000, count: 0 };
    const codec = (await loadCodec({ dialect: "pipecat" }))(elements);
    const items = Array.from({ length: 100 }, () => "[]").join(",");
    expect("invalid" in codec.peek(new TextEncoder().encode(`[${items}]`))).to.equal(true);
    expect(elements.count).to.equal(101);
  });

  it("count also where they were made in vain", () => {
    const bytes = toBinary(BusMessageSchema, request(values["a list of nulls"] ?? null));
    const once = { max: 1_000, count: 0 };
    protobufCodec.decode(bytes, once);
    // The field that only the other code reads comes last.
    const inVain = { max: 1_000, count: 0 };
    expect(decodeHot(Uint8Array.from([...bytes, 0x48, 1]), inVain)).to.equal(undefined);
    expect(inVain.count).to.equal(once.count);
  });

  it("count where an unknown field has everything read by the other code", () => {
    const bytes = toBinary(BusMessageSchema, request(values["a list of nulls"] ?? null));
    const counted = { max: 1_000, count: 0 };
    decodeMessage(busMessageType, Uint8Array.from([...bytes, 0x48, 1]), counted);
    const fast = { max: 1_000, count: 0 };
    expect(decodeHot(bytes, fast)).to.not.equal(undefined);
    expect(counted.count).to.equal(fast.count).and.be.greaterThan(10);
  });

  it("are the same to the code that reads fast and to that which reads everything", () => {
    for (const value of Object.values(values)) {
      const bytes = toBinary(BusMessageSchema, request(value));
      let max = 1;
      while (decodeHot(bytes, { max, count: 0 }) === undefined) {
        max++;
      }
      // One unknown field, and only the latter reads it.
      const odd = Uint8Array.from([...bytes, 0x48, 1]);
      expect(decodeHot(odd)).to.equal(undefined);
      expectThrown(Code.RESOURCE_EXHAUSTED, () => protobufCodec.decode(odd, { max: max - 1, count: 0 }));
      expect(protobufCodec.decode(odd, { max, count: 0 }).body.case).to.equal("taskRequest");
    }
  });

  it("are counted as they come, not when all have been made", () => {
    // What follows the first hundred isn't even looked at: it could not be read.
    const bytes = protobufCodec.encode(request(Array.from({ length: 1_000 }, () => null)));
    const at = toHex(bytes).lastIndexOf("0a020800") / 2;
    const broken = Uint8Array.from(bytes);
    broken[at] = 0xff;
    expect(
      limitOf(expectThrown(Code.RESOURCE_EXHAUSTED, () => protobufCodec.decode(broken, { max: 100, count: 0 }))),
    ).to.equal("maxElements");
    expectThrown(Code.INVALID_ARGUMENT, () => protobufCodec.decode(broken));
  });
});
