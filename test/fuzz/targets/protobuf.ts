import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { type BusMessage, BusMessageSchema } from "../../../gen/crossbus/v1/message_pb.js";
import { root } from "../../../scripts/run.js";
import { decodeMessage } from "../../../src/codec/decode-message.js";
import { decodeHot } from "../../../src/codec/hot-reader.js";
import { encodeHot } from "../../../src/codec/hot-writer.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import { describeMessage } from "../../../src/proxy/policy.js";
import { arbitraryDamaged, arbitraryEncoded, arbitraryWire, field, varint } from "../../support/arbitrary-bytes.js";
import { judgeProtobuf, unlessInvalid } from "../../support/judge-protobuf.js";
import { mutateFields } from "../grammar.js";
import type { FuzzTarget } from "../target.js";
import { texts, wordsOf } from "./outcome.js";

/** What the Python package makes of messages of real Pipecat releases. */
export function recordedMessages(): readonly Uint8Array[] {
  const lines = readFileSync(join(root, "test/python/vectors/protobuf.jsonl"), "utf8").trimEnd().split("\n");
  return lines.map((line) => Uint8Array.from(Buffer.from((JSON.parse(line) as { protobuf: string }).protobuf, "hex")));
}

/** Pieces of encoded messages. */
export const protobufPieces: readonly Uint8Array[] = [
  ...texts("type.googleapis.com/acme.v1.Order", "\ufeff", "__proto__", "acme", "helper", "main"),
  ...[1, 2, 3, 4, 5, 6, 10, 16, 18, 25, 40, 46, 90, 91].map((number) => field(number, "")),
  ...[1, 2, 10, 16, 40, 91, 536870911].map((number) => varint(number * 8 + 2)),
  ...[0, 1, 3, 4, 5, 6, 7].map((wireType) => varint(8 + wireType)),
  field(1, "acme"),
  field(2, "helper"),
  varint(2 ** 31),
  varint(2n ** 64n - 1n),
];

/** What a field of 64 bits loses when its text is looked at: nothing. NaN is the one value that isn't itself. */
function sameMessage(a: BusMessage, b: BusMessage): void {
  const [left, right] = [toBinary(BusMessageSchema, a), toBinary(BusMessageSchema, b)];
  if (Buffer.compare(left, right) !== 0) {
    expect(a).to.deep.equal(b);
  }
}

/** The codec of Crossbus ends, its peek, and the readers and writers for what is frequent. */
export const protobufTarget: FuzzTarget = {
  name: "protobuf",
  about:
    "peek, decoder, protobuf-es and a strict reference agree; hot and thorough code agree; what is decoded encodes to the same",
  seeds: recordedMessages,
  arbitrary: fc.oneof(arbitraryEncoded(), arbitraryDamaged(), arbitraryDamaged(), arbitraryWire()),
  dictionary: protobufPieces,
  mutate: mutateFields,
  run(input) {
    const outcome = judgeProtobuf(input);
    const thorough = unlessInvalid(() => decodeMessage(BusMessageSchema, input));
    const hot = decodeHot(input);
    if (hot !== undefined) {
      expect(outcome, "the hot reader takes what the codec refuses").to.equal("decoded");
      sameMessage(hot, thorough as BusMessage);
    }
    if (outcome !== "decoded") {
      const peeked = unlessInvalid(() => protobufCodec.peek(input));
      return peeked !== undefined && "invalid" in peeked ? wordsOf(peeked.invalid) : `${outcome} ${reasonOf(input)}`;
    }
    const message = protobufCodec.decode(input);
    const bytes = protobufCodec.encode(message);
    expect(protobufCodec.peek(bytes)).to.deep.equal(protobufCodec.peek(input));
    sameMessage(protobufCodec.decode(bytes), message);
    const written = encodeHot(message);
    if (written !== undefined) {
      expect(Buffer.compare(written, toBinary(BusMessageSchema, message)), "the hot writer writes the same").to.equal(
        0,
      );
    }
    const { case: body, kind = "" } = describeMessage(message);
    return `${body} ${kind} ${hot === undefined ? "" : "hot"}`;
  },
};

function reasonOf(input: Uint8Array): string {
  try {
    protobufCodec.decode(input);
    return "";
  } catch (error) {
    return wordsOf((error as Error).message.replace(/^the message can't be read: /, ""));
  }
}
