import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";
import { jsonCodec } from "../../src/codec/pipecat/json-codec.js";
import { protobufCodec } from "../../src/codec/protobuf.js";

/** What Python made of a message: Pipecat its JSON, the Python package its bytes. */
interface Vector {
  readonly label: string;
  readonly wire: string;
  readonly protobuf: string;
}

const path = fileURLToPath(new URL("../python/vectors/protobuf.jsonl", import.meta.url));
const vectors: readonly Vector[] = readFileSync(path, "utf8")
  .trimEnd()
  .split("\n")
  .map((line): Vector => JSON.parse(line));

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

describe("what Python encodes in Protocol Buffers", () => {
  const json = jsonCodec({ dialect: "pipecat", pipecatVersion: undefined });
  json.allowTypes?.("any");

  it("is every kind of message and frame that there is", () => {
    expect(vectors).to.have.length.greaterThan(300);
  });

  it("is decoded here, and encoded again to the same bytes", () => {
    for (const { label, protobuf } of vectors) {
      expect(hex(protobufCodec.encode(protobufCodec.decode(bytes(protobuf)))), label).to.equal(protobuf);
    }
  });

  it("is the message that Pipecat's own JSON says, to the byte", () => {
    for (const { label, wire, protobuf } of vectors) {
      const message = json.decode(new TextEncoder().encode(wire));
      if ("invalid" in message) {
        throw new Error(`${label}: ${message.invalid}`);
      }
      expect(hex(protobufCodec.encode(message)), label).to.equal(protobuf);
    }
  });
});
