import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { arbitraryDamaged, arbitraryEncoded, arbitraryWire } from "../support/arbitrary-bytes.js";
import { judgeProtobuf, type ProtobufOutcome } from "../support/judge-protobuf.js";

/** How often each outcome was met: a property about bytes that are all refused would say nothing. */
type Tally = Record<ProtobufOutcome, number>;

function property(arbitrary: fc.Arbitrary<Uint8Array>, numRuns: number): Tally {
  const tally: Tally = { unreadable: 0, invalid: 0, refused: 0, decoded: 0 };
  fc.assert(
    fc.property(arbitrary, (bytes) => {
      tally[judgeProtobuf(bytes)]++;
    }),
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
