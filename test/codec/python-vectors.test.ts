import { expect } from "chai";
import { describe, it } from "mocha";
import { jsonCodec } from "../../src/codec/pipecat/json-codec.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { fromHex, toHex } from "../support/bytes.js";
import { readFile } from "../support/files-node.js";

/** What Python made of a message: Pipecat its JSON, the Python package its bytes. */
interface Vector {
  readonly label: string;
  readonly wire: string;
  readonly protobuf: string;
}

const vectors: readonly Vector[] = readFile("test/python/vectors/protobuf.jsonl")
  .trimEnd()
  .split("\n")
  .map((line): Vector => JSON.parse(line));

describe("what Python encodes in Protocol Buffers", () => {
  const json = jsonCodec({ dialect: "pipecat", pipecatVersion: undefined });
  json.allowTypes?.("any");

  it("is every kind of message and frame that there is", () => {
    expect(vectors).to.have.length.greaterThan(300);
  });

  it("is decoded here, and encoded again to the same bytes", () => {
    for (const { label, protobuf } of vectors) {
      expect(toHex(protobufCodec.encode(protobufCodec.decode(fromHex(protobuf)))), label).to.equal(protobuf);
    }
  });

  it("is the message that Pipecat's own JSON says, to the byte", () => {
    for (const { label, wire, protobuf } of vectors) {
      const message = json.decode(new TextEncoder().encode(wire));
      if ("invalid" in message) {
        throw new Error(`${label}: ${message.invalid}`);
      }
      expect(toHex(protobufCodec.encode(message)), label).to.equal(protobuf);
    }
  });
});
