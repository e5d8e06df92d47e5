import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { type ControlFrame, ControlFrameSchema, Lane } from "../../../gen/crossbus/v1/link_pb.js";
import { Code } from "../../../src/base/status.js";
import {
  ackFrame,
  controlFrame,
  fragmentFrame,
  readAckFrame,
  readControlFrame,
  readDataFrame,
  wholeHeaderBytes,
  writeWholeHeader,
} from "../../../src/link/resumable/frame.js";
import { toHex } from "../../support/bytes.js";
import { expectThrown } from "../../support/expect-status.js";

function whole(isSystem: boolean, sequence: number, message: readonly number[]): Uint8Array {
  const headroom = wholeHeaderBytes(sequence);
  const frame = new Uint8Array(headroom + message.length);
  frame.set(message, headroom);
  writeWholeHeader(frame, isSystem, sequence);
  return frame;
}

const control = (kind: object) => controlFrame(create(ControlFrameSchema, { kind: kind as ControlFrame["kind"] }));

describe("the frames of the link protocol", () => {
  it("[L-42] are the golden bytes of PROTOCOL.md", () => {
    const message = new Uint8Array(40_000);
    const fragment = (from: number) => fragmentFrame(message, from, 16_384, false, 5);
    const golden: readonly (readonly [Uint8Array, string])[] = [
      [whole(true, 1, [0xaa, 0xbb]), "8701aabb"],
      [whole(false, 300, [0xaa]), "83ac02aa"],
      [fragment(0).subarray(0, 5), "8205c0b802"],
      [fragment(16_384).subarray(0, 2), "8005"],
      [fragment(32_768).subarray(0, 2), "8105"],
      [
        ackFrame({
          system: { acknowledged: 2, maxSequence: 258, maxBytes: 131_100 },
          data: { acknowledged: 0, maxSequence: 2_048, maxBytes: 524_288 },
        }),
        "010282029c80080080108080" + "20",
      ],
      [control({ case: "ping", value: { token: 1n } }), "002209090100000000000000"],
      [
        control({ case: "skip", value: { lane: Lane.DATA, firstSequence: 4n, lastSequence: 7n, throughBytes: 900n } }),
        "003a09080210041807208407",
      ],
      [
        control({
          case: "goaway",
          value: { code: Code.UNAVAILABLE, message: "bye", resumable: true, retryAfterMs: 500 },
        }),
        "001a0c080e1203627965180120f403",
      ],
      [
        control({
          case: "renew",
          value: { credential: { type: "bearer", value: new TextEncoder().encode("abc") } },
        }),
        "00420f0a0d0a066265617265721203616263",
      ],
      [control({ case: "renewed", value: { expiresAfterMs: 60_000n } }), "004a0408e0d403"],
    ];
    for (const [bytes, expected] of golden) {
      expect(toHex(bytes)).to.equal(expected);
    }
    expect([fragment(0).length, fragment(16_384).length, fragment(32_768).length]).to.deep.equal([
      16_389, 16_386, 7_234,
    ]);
  });

  it("[L-4] are refused when they are none", () => {
    for (const bytes of [
      [0x88, 0x01],
      [0x40, 0x01],
      [0xc7, 0x01, 0xaa],
      [0x87],
      [0x87, 0x81],
      [0x87, 0x81, 0x00],
      [0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
      [0x82, 0x05, 0x80, 0x00],
    ]) {
      expectThrown(Code.INVALID_ARGUMENT, () => readDataFrame(Uint8Array.from(bytes)));
    }
    for (const bytes of [[0x01], [0x01, 1, 2, 3, 4, 5], [0x01, 1, 2, 3, 4, 5, 6, 7], [0x01, 0x80, 0, 2, 3, 4, 5, 6]]) {
      expectThrown(Code.INVALID_ARGUMENT, () => readAckFrame(Uint8Array.from(bytes)));
    }
    expectThrown(Code.INVALID_ARGUMENT, () => readControlFrame(Uint8Array.of(0, 0x22, 0xff)));
  });

  it("bring back what was put in, whatever it is", () => {
    const number = fc.maxSafeNat();
    fc.assert(
      fc.property(fc.boolean(), number, fc.uint8Array({ maxLength: 50 }), (isSystem, sequence, message) => {
        const frame = readDataFrame(whole(isSystem, sequence, [...message]));
        expect(frame).to.deep.equal({
          isSystem,
          isFirst: true,
          isLast: true,
          sequence,
          size: message.length,
          bytes: message,
        });
      }),
    );
    const lane = fc.record({ acknowledged: number, maxSequence: number, maxBytes: number });
    fc.assert(
      fc.property(fc.record({ system: lane, data: lane }), (ack) => {
        expect(readAckFrame(ackFrame(ack))).to.deep.equal(ack);
      }),
    );
  });

  it("never throw anything but a status, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
        for (const read of [readDataFrame, readAckFrame, readControlFrame]) {
          try {
            read(bytes);
          } catch (error) {
            expect(error).to.have.property("code", Code.INVALID_ARGUMENT);
          }
        }
      }),
    );
  });
});
