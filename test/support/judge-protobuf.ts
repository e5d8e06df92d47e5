import { createRegistry, equals, fromBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { Code, StatusError } from "../../src/base/status.js";
import { agree } from "../../src/codec/agree.js";
import type { Invalid, Peeked } from "../../src/codec/codec.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { expectReadable, referencePeek, Unreadable } from "./reference-reader.js";

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

/** What a reference reader gives, or undefined for what it can't read. */
function unlessUnreadable<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof Unreadable) {
      return undefined;
    }
    throw error;
  }
}

/** Expects a peek to be what the reference makes of the bytes: the same, or invalid or unreadable for whatever reason. */
function expectReference(peeked: Peeked | Invalid | undefined, bytes: Uint8Array): void {
  const reference = unlessUnreadable(() => referencePeek(bytes));
  if (reference === undefined || "invalid" in reference) {
    const [ours, theirs] = [peeked, reference].map((one) => (one === undefined ? "unreadable" : "invalid"));
    const isRefused = peeked === undefined || "invalid" in peeked;
    expect(isRefused ? ours : "read", "the peek reads what the reference doesn't").to.equal(theirs);
  } else {
    expect(peeked, "the peek and the reference differ").to.deep.equal(reference);
  }
}

/** What the decoder may say of bytes that can be read: that they break a rule which the wire format doesn't know. */
const rules = /occurs twice|nested deeper than|unknown fields/;

/** Expects the decoder to refuse what the reference can't read, and to have another reason for what it refuses beside. */
function expectReadableAlike(decoded: boolean, bytes: Uint8Array): void {
  const isReadable =
    unlessUnreadable(() => {
      expectReadable(bytes, BusMessageSchema);
      return true;
    }) ?? false;
  if (decoded) {
    expect(isReadable, "the decoder reads what the reference doesn't").to.equal(true);
  } else if (isReadable) {
    expect(() => protobufCodec.decode(bytes), "the decoder doesn't read what the reference does").to.throw(
      StatusError,
      new RegExp(`^(?!the message can't be read)|${rules.source}`),
    );
  }
}

/**
 * Expects peek, decoder, protobuf-es and a strict reference reader to agree on bytes, whatever they are, and tells what
 * became of these.
 */
export function judgeProtobuf(bytes: Uint8Array): ProtobufOutcome {
  const peeked = unlessInvalid(() => protobufCodec.peek(bytes));
  const message = unlessInvalid(() => protobufCodec.decode(bytes));
  expectReference(peeked, bytes);
  if (peeked === undefined || "invalid" in peeked) {
    expect(message).to.equal(undefined);
    return peeked === undefined ? "unreadable" : "invalid";
  }
  expectReadableAlike(message !== undefined, bytes);
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
