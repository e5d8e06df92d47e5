import { expect } from "chai";
import { Direction } from "../../../gen/crossbus/v1/frame_pb.js";
import { Lane } from "../../../gen/crossbus/v1/link_pb.js";
import { Code } from "../../../src/base/status.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import { wireWriter } from "../../../src/codec/wire-writer.js";
import { type DataFrame, readDataFrame } from "../../../src/link/resumable/frame.js";
import { ReceiveLane } from "../../../src/link/resumable/receive-lane.js";
import { SendLane, type Skipped } from "../../../src/link/resumable/send-lane.js";
import { busMessage, frame } from "../../../src/message/build.js";
import { sameBytes } from "../../support/bytes.js";
import { expectThrown } from "../../support/expect-status.js";

const now = 0;
const much = { bytes: 10_000_000, messages: 10_000 };
const open = { acknowledged: 0, maxSequence: 1_000, maxBytes: 1_000_000 };

function sender(count: number, size = 10, credit = open, limit = much): SendLane {
  const lane = new SendLane(false, limit);
  for (let i = 0; i < count; i++) {
    push(lane, size);
  }
  lane.acknowledge(credit);
  return lane;
}

function push(lane: SendLane, size: number, expiresAt = 0): void {
  const { headroom } = lane;
  lane.push(new Uint8Array(headroom + size).fill(lane.length + 1, headroom), expiresAt);
}

function takeAll(lane: SendLane, at = now): (DataFrame | Skipped)[] {
  const taken: (DataFrame | Skipped)[] = [];
  for (let next = lane.take(at); next !== undefined; next = lane.take(at)) {
    taken.push(next instanceof Uint8Array ? readDataFrame(next) : next);
  }
  return taken;
}

const audio = (samples: Uint8Array) => {
  const content = frame("inputAudioRaw", { audio: samples, sampleRate: 16_000 });
  return busMessage("frame", { frame: content, direction: Direction.DOWNSTREAM }, { source: "acme" });
};

const numbers = (frames: readonly (DataFrame | Skipped)[]) =>
  frames.map((frame) => ("skip" in frame ? `${frame.skip.firstSequence}-${frame.skip.lastSequence}` : frame.sequence));

const frameOf = (sequence: number, part: Partial<DataFrame> = {}): DataFrame => ({
  isSystem: false,
  isFirst: true,
  isLast: true,
  sequence,
  size: part.bytes?.length ?? 1,
  bytes: new Uint8Array(1),
  ...part,
});

describe("a lane that sends", () => {
  it("[L-16] keeps messages until they are acknowledged, and sends those that aren't again", () => {
    const lane = sender(5);
    expect(numbers(takeAll(lane))).to.deep.equal([1, 2, 3, 4, 5]);
    expect(lane.acknowledge({ ...open, acknowledged: 2 })).to.equal(true);
    expect([lane.length, lane.bytes]).to.deep.equal([3, 30]);
    expect(lane.rewind(3, { ...open, acknowledged: 2 })).to.equal(true);
    expect(numbers(takeAll(lane))).to.deep.equal([4, 5]);
    expect(lane.length).to.equal(3);
  });

  it("keeps little alive of what others have sent, however many messages wait for an ack", () => {
    const lane = new SendLane(false, much);
    const others = audio(new Uint8Array(60_000));
    for (let i = 0; i < 1_000; i++) {
      lane.push(protobufCodec.encode(audio(new Uint8Array(600).fill(i % 251)), lane.headroom, lane.writer), 0);
      protobufCodec.encode(others);
    }
    lane.acknowledge({ ...open, maxSequence: 2_000 });
    const kept = new Set<ArrayBufferLike>();
    for (let i = 0; i < 1_000; i++) {
      const frame = lane.take(now) as Uint8Array;
      kept.add(frame.buffer);
      const { sequence, bytes } = readDataFrame(frame);
      expect(sequence).to.equal(i + 1);
      expect(sameBytes(bytes, protobufCodec.encode(audio(new Uint8Array(600).fill(i % 251))))).to.equal(true);
    }
    const alive = [...kept].reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(alive).to.be.below(129 * 65_536 + 2 * 1_000 * 600);
    // And takes no memory of its own any more once the peer is there.
    lane.acknowledge({ ...open, acknowledged: 1_000, maxSequence: 2_000 });
    expect(lane.writer).to.equal(wireWriter);
  });

  it("[L-18] begins a message anew that had gone in part, with the same headers", () => {
    const lane = sender(1, 40_000);
    const first = lane.take(now) as Uint8Array;
    lane.take(now);
    expect(lane.rewind(0, open)).to.equal(true);
    expect(lane.take(now)).to.deep.equal(first);
    expect(takeAll(lane)).to.have.length(2);
  });

  it("[L-17] refuses acks of what was never sent, that go back, or that take credit back", () => {
    const lane = sender(5);
    lane.take(now);
    lane.take(now);
    for (const ack of [{ acknowledged: 3 }, { maxSequence: 999 }, { maxBytes: 1 }]) {
      expect(lane.acknowledge({ ...open, ...ack })).to.equal(false);
    }
    expect(lane.acknowledge({ ...open, acknowledged: 2 })).to.equal(true);
    expect(lane.acknowledge({ ...open, acknowledged: 1 })).to.equal(false);
    expect(lane.rewind(1, { ...open, acknowledged: 2 })).to.equal(false);
    expect(lane.rewind(3, { ...open, acknowledged: 2 })).to.equal(false);
  });

  it("[L-19] says which messages it leaves out, and gives them back", () => {
    const lane = new SendLane(false, much);
    for (const expiresAt of [0, 100, 100, 0, 100]) {
      push(lane, 10, expiresAt);
    }
    lane.acknowledge(open);
    const taken = takeAll(lane, 100);
    expect(numbers(taken)).to.deep.equal([1, "2-3", 4, "5-5"]);
    expect((taken[1] as Skipped).expired.map((bytes) => bytes[0])).to.deep.equal([2, 3]);
    expect((taken[1] as Skipped).skip).to.include({ lane: Lane.DATA, throughBytes: 30n });
    // Over another connection they are left out again, but told once.
    lane.rewind(1, open);
    const again = takeAll(lane, 100);
    expect(numbers(again)).to.deep.equal(["2-3", 4, "5-5"]);
    expect((again[0] as Skipped).expired).to.deep.equal([]);
  });

  it("[L-21] sends as far as its credit goes, and one message that is alone in spite of its bytes", () => {
    const byNumber = sender(5, 10, { ...open, maxSequence: 3 });
    expect(numbers(takeAll(byNumber))).to.deep.equal([1, 2, 3]);
    const byBytes = sender(5, 10, { ...open, maxBytes: 25 });
    expect(numbers(takeAll(byBytes))).to.deep.equal([1, 2]);
    byBytes.acknowledge({ acknowledged: 2, maxSequence: 1_000, maxBytes: 25 });
    expect(numbers(takeAll(byBytes))).to.deep.equal([3]);
  });

  it("[L-24] sends a large message in fragments of 16 384 bytes", () => {
    const sizes = (size: number) => takeAll(sender(1, size)).map((frame) => (frame as DataFrame).bytes.length);
    expect(sizes(16_384)).to.deep.equal([16_384]);
    expect(sizes(16_385)).to.deep.equal([16_384, 1]);
    expect(sizes(40_000)).to.deep.equal([16_384, 16_384, 7_232]);
  });

  it("[L-20] has a bound in messages and in bytes, but always takes one", () => {
    expect(sender(4, 10, open, { bytes: 1_000, messages: 4 }).fits(1)).to.equal(false);
    expect(sender(4, 10, open, { bytes: 45, messages: 9 }).fits(5)).to.equal(true);
    expect(sender(4, 10, open, { bytes: 45, messages: 9 }).fits(6)).to.equal(false);
    expect(sender(0, 10, open, { bytes: 45, messages: 9 }).fits(1_000)).to.equal(true);
  });

  it("takes no longer with much that isn't acknowledged", () => {
    const lane = sender(5_000, 1, { ...open, maxSequence: 10_000 });
    takeAll(lane);
    for (let acknowledged = 1; acknowledged <= 5_000; acknowledged++) {
      lane.acknowledge({ acknowledged, maxSequence: 10_000, maxBytes: 1_000_000 });
    }
    expect([lane.length, lane.bytes]).to.deep.equal([0, 0]);
  });
});

describe("a lane that receives", () => {
  const receiver = () => new ReceiveLane(false, { bytes: 100, messages: 4 }, 1_000);
  const accept = (lane: ReceiveLane, frame: DataFrame) => {
    const received = lane.accept(frame);
    if (received instanceof Uint8Array) {
      lane.consume();
    }
    return received === undefined ? "nothing" : "message";
  };

  it("[L-14] takes each message once, in order", () => {
    const lane = receiver();
    expect(accept(lane, frameOf(1))).to.equal("message");
    expect(accept(lane, frameOf(1))).to.equal("nothing");
    expect(accept(lane, frameOf(2))).to.equal("message");
    expect(accept(lane, frameOf(1, { isFirst: false }))).to.equal("nothing");
    expect(lane.duplicates).to.equal(2);
  });

  it("[L-15] notices that a message is missing, also before some that are skipped", () => {
    const lane = receiver();
    expect(expectThrown(Code.DATA_LOSS, () => accept(lane, frameOf(2))).message).to.equal(
      "message 1 of the data lane is missing",
    );
    const again = expectThrown(Code.UNAVAILABLE, () => lane.skip(2, 3, 10));
    expect(again.details).to.deep.equal([{ type: "errorInfo", reason: "gap" }]);
    expect(lane.received).to.equal(0);
    expect(lane.skip(1, 2, 10)).to.equal(2);
    expect(lane.skip(1, 2, 10)).to.equal(0);
    expect(accept(lane, frameOf(3))).to.equal("message");
    // At another place it is the first time.
    expectThrown(Code.DATA_LOSS, () => lane.skip(5, 6, 20));
  });

  it("[L-21] refuses what is sent without credit", () => {
    const lane = receiver();
    expectThrown(Code.INVALID_ARGUMENT, () => lane.skip(1, 5, 0));
    for (let sequence = 1; sequence <= 4; sequence++) {
      lane.accept(frameOf(sequence));
      lane.keep(new Uint8Array(1));
    }
    expectThrown(Code.INVALID_ARGUMENT, () => lane.accept(frameOf(5)));
    const bytes = receiver();
    accept(bytes, frameOf(1, { bytes: new Uint8Array(200), size: 200 }));
    bytes.accept(frameOf(2, { bytes: new Uint8Array(150), size: 150 }));
    bytes.keep(new Uint8Array(150));
    expectThrown(Code.INVALID_ARGUMENT, () => bytes.accept(frameOf(3)));
  });

  it("[L-24] refuses fragments that don't make one message", () => {
    const begun = (size = 3) => {
      const lane = receiver();
      expect(lane.accept(frameOf(1, { isLast: false, size }))).to.equal(undefined);
      return lane;
    };
    const bad: readonly (() => unknown)[] = [
      () => receiver().accept(frameOf(1, { isFirst: false })),
      () => begun().accept(frameOf(1)),
      () => begun().accept(frameOf(1, { isFirst: false })),
      () => begun().accept(frameOf(1, { isFirst: false, isLast: false, bytes: new Uint8Array(2) })),
      () => begun().accept(frameOf(1, { isFirst: false, isLast: false, bytes: new Uint8Array(0) })),
      () => begun().skip(1, 1, 3),
    ];
    for (const action of bad) {
      expectThrown(Code.INVALID_ARGUMENT, action);
    }
    expect(begun(2).accept(frameOf(1, { isFirst: false }))).to.deep.equal(new Uint8Array(2));
  });

  it("[L-18] takes a message anew that had come in part when the connection was lost", () => {
    const lane = receiver();
    const first = frameOf(1, { isLast: false, size: 2 });
    expect(lane.accept(first)).to.equal(undefined);
    lane.interrupt();
    expect(lane.accept(first)).to.equal(undefined);
    expect(lane.accept(frameOf(1, { isFirst: false }))).to.deep.equal(new Uint8Array(2));
  });

  it("[L-19] refuses a skip that takes bytes back", () => {
    const lane = receiver();
    accept(lane, frameOf(1));
    expectThrown(Code.INVALID_ARGUMENT, () => lane.skip(2, 2, 0));
    expect(lane.skip(2, 2, 1)).to.equal(1);
  });

  it("[L-25] refuses a message that is too large by its first fragment", () => {
    expectThrown(Code.RESOURCE_EXHAUSTED, () => receiver().accept(frameOf(1, { isLast: false, size: 1_001 })));
    expectThrown(Code.RESOURCE_EXHAUSTED, () => receiver().accept(frameOf(1, { isLast: false, size: 2 ** 40 })));
  });

  it("[L-22] gives no credit while its consumer is congested, and acknowledges all the same", () => {
    const lane = receiver();
    accept(lane, frameOf(1));
    expect(lane.acknowledge(true)).to.deep.equal({ acknowledged: 1, maxSequence: 4, maxBytes: 100 });
    expect(lane.acknowledge(false)).to.deep.equal({ acknowledged: 1, maxSequence: 5, maxBytes: 101 });
  });
});
