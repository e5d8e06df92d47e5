import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { Direction } from "../../gen/crossbus/v1/frame_pb.js";
import { type BusMessage, BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { busMessage, frame } from "../../src/message/build.js";
import { withDirection, withSource, withTarget } from "../../src/message/copy.js";
import { deliveredBy, markDelivered } from "../../src/message/provenance.js";
import { toStruct } from "../../src/message/value.js";

/** A frame message as a newer peer would send it: with what this schema doesn't know at every level. */
function fromNewerPeer(): BusMessage {
  const unknown = [{ no: 2000, wireType: WireType.LengthDelimited, data: new BinaryWriter().string("new").finish() }];
  const text = { ...frame("llmText", { text: "Hi" }), extra: toStruct({ added: 1 }), $unknown: unknown };
  const message = busMessage("frame", { frame: text, direction: Direction.DOWNSTREAM }, { source: "a", target: "b" });
  message.extra = toStruct({ more: [1] });
  message.$unknown = unknown;
  message.body.value.$unknown = unknown;
  return fromBinary(BusMessageSchema, toBinary(BusMessageSchema, message));
}

const bytes = (message: BusMessage) => toBinary(BusMessageSchema, message);

/** The bytes of a message with some fields set in place. */
function changed(change: (message: BusMessage) => void): Uint8Array {
  const message = fromNewerPeer();
  change(message);
  return bytes(message);
}

describe("copies of messages", () => {
  it("keep everything but the source, also what this schema doesn't know", () => {
    const message = fromNewerPeer();
    const before = bytes(message);
    const copy = withSource(message, "c");
    expect(copy.$unknown).to.have.length(1);
    expect(bytes(copy)).to.deep.equal(changed((each) => Object.assign(each, { source: "c" })));
    expect(bytes(message)).to.deep.equal(before);
  });

  it("keep everything but the target", () => {
    const message = fromNewerPeer();
    expect(bytes(withTarget(message, "c"))).to.deep.equal(changed((each) => Object.assign(each, { target: "c" })));
    expect(message.target).to.equal("b");
  });

  it("have no target at all when it is taken away", () => {
    const copy = withTarget(fromNewerPeer(), undefined);
    expect("target" in copy).to.equal(false);
    expect(bytes(copy)).to.deep.equal(changed((each) => delete each.target));
  });

  it("keep everything but the direction of a frame", () => {
    const message = fromNewerPeer();
    const before = bytes(message);
    const copy = withDirection(message, Direction.UPSTREAM);
    const body = copy.body.case === "frame" ? copy.body.value : undefined;
    expect(body?.direction).to.equal(Direction.UPSTREAM);
    expect(body?.$unknown).to.have.length(1);
    expect(body?.frame?.$unknown).to.have.length(1);
    expect(withDirection(copy, Direction.DOWNSTREAM)).to.deep.equal(message);
    expect(bytes(message)).to.deep.equal(before);
  });

  it("are refused a direction without a frame", () => {
    expect(() => withDirection(create(BusMessageSchema), Direction.UPSTREAM)).to.throw("only a frame message");
  });

  it("are new messages each time, which no link delivered", () => {
    const message = fromNewerPeer();
    const link = {};
    markDelivered(message, link);
    expect(deliveredBy(message)).to.equal(link);
    for (const copy of [
      withSource(message, message.source),
      withTarget(message, message.target),
      withDirection(message, Direction.DOWNSTREAM),
    ]) {
      expect(copy).to.not.equal(message);
      expect(copy).to.deep.equal(message);
      expect(deliveredBy(copy)).to.equal(undefined);
    }
  });
});
