import { createRegistry, equals, fromBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { Code, StatusError } from "../../src/base/status.js";
import { agree } from "../../src/codec/agree.js";
import { protobufCodec } from "../../src/codec/protobuf.js";

/** What the codec makes of bytes. Those that are `refused` are fine to the peek, which doesn't look at all of them. */
export type ProtobufOutcome = "unreadable" | "invalid" | "refused" | "decoded";

/** Makes `equals` compare unknown fields too. */
const everything = { registry: createRegistry(), unknown: true };

/** The outcome of a call that may only throw INVALID_ARGUMENT. */
export function unlessInvalid<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof StatusError && error.code === Code.INVALID_ARGUMENT) {
      return undefined;
    }
    throw error;
  }
}

function hasByteOrderMark(bytes: Uint8Array): boolean {
  return bytes.some((byte, i) => byte === 0xef && bytes[i + 1] === 0xbb && bytes[i + 2] === 0xbf);
}

/** Expects peek, decoder and protobuf-es to agree on bytes, whatever they are, and tells what became of these. */
export function judgeProtobuf(bytes: Uint8Array): ProtobufOutcome {
  const peeked = unlessInvalid(() => protobufCodec.peek(bytes));
  const message = unlessInvalid(() => protobufCodec.decode(bytes));
  if (peeked === undefined || "invalid" in peeked) {
    expect(message).to.equal(undefined);
    return peeked === undefined ? "unreadable" : "invalid";
  }
  if (message === undefined) {
    return "refused";
  }
  expect(agree(peeked, message)).to.equal(true);
  if (!hasByteOrderMark(bytes)) {
    // What is decoded is what protobuf-es itself makes of it, NaN apart.
    const theirs = fromBinary(BusMessageSchema, bytes);
    expect(agree(peeked, theirs)).to.equal(true);
    if (!equals(BusMessageSchema, theirs, message, everything)) {
      expect(message).to.deep.equal(theirs);
    }
  }
  return "decoded";
}
