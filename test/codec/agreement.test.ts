import { createRegistry, equals, fromBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { Code, StatusError } from "../../src/base/status.js";
import { agree } from "../../src/codec/agree.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { arbitraryDamaged, arbitraryEncoded, arbitraryWire } from "../support/arbitrary-bytes.js";

/** Makes `equals` compare unknown fields too. */
const everything = { registry: createRegistry(), unknown: true };

/** The outcome of a call that may only throw INVALID_ARGUMENT. */
function outcome<T>(call: () => T): T | undefined {
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

/** How often each outcome was met: a property about bytes that are all refused would say nothing. */
interface Tally {
  unreadable: number;
  invalid: number;
  refused: number;
  decoded: number;
}

function check(bytes: Uint8Array, tally: Tally): void {
  const peeked = outcome(() => protobufCodec.peek(bytes));
  const message = outcome(() => protobufCodec.decode(bytes));
  if (peeked === undefined || "invalid" in peeked) {
    tally[peeked === undefined ? "unreadable" : "invalid"]++;
    expect(message).to.equal(undefined);
    return;
  }
  if (message === undefined) {
    tally.refused++;
    return;
  }
  tally.decoded++;
  expect(agree(peeked, message)).to.equal(true);
  if (!hasByteOrderMark(bytes)) {
    // What is decoded is what protobuf-es itself makes of it, NaN apart.
    const theirs = fromBinary(BusMessageSchema, bytes);
    expect(agree(peeked, theirs)).to.equal(true);
    if (!equals(BusMessageSchema, theirs, message, everything)) {
      expect(message).to.deep.equal(theirs);
    }
  }
}

function property(arbitrary: fc.Arbitrary<Uint8Array>, numRuns: number): Tally {
  const tally: Tally = { unreadable: 0, invalid: 0, refused: 0, decoded: 0 };
  fc.assert(
    fc.property(arbitrary, (bytes) => check(bytes, tally)),
    { numRuns },
  );
  return tally;
}

describe("peek and decoder agree on every byte string", () => {
  it("on any bytes", () => {
    property(fc.uint8Array({ maxLength: 40 }), 10_000);
  }).timeout(30_000);

  it("on messages", () => {
    const tally = property(arbitraryEncoded(), 2_000);
    expect(tally).to.deep.equal({ unreadable: 0, invalid: 0, refused: 0, decoded: 2_000 });
  }).timeout(30_000);

  it("on damaged messages", () => {
    const tally = property(arbitraryDamaged(), 6_000);
    expect(Math.min(...Object.values(tally))).to.be.greaterThan(30);
  }).timeout(30_000);

  it("on fields in any order and number", () => {
    const tally = property(arbitraryWire(), 8_000);
    expect(Math.min(...Object.values(tally))).to.be.greaterThan(30);
  }).timeout(30_000);
});
