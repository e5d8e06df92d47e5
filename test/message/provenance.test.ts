import { toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { describe, it } from "mocha";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { busMessage } from "../../src/message/build.js";
import { deliveredBy, isOrphaned, markClosed, markDelivered } from "../../src/message/provenance.js";

describe("the provenance of a message", () => {
  it("is the link that delivered it last, and of a message made here nobody's", () => {
    const message = busMessage("end", { reason: "bye" });
    const [first, second] = [{}, {}];
    expect(deliveredBy(message)).to.equal(undefined);
    markDelivered(message, first);
    expect(deliveredBy(message)).to.equal(first);
    markDelivered(message, second);
    expect(deliveredBy(message)).to.equal(second);
  });

  it("belongs to the object alone: neither a copy nor the encoding has it", () => {
    const message = busMessage("end", { reason: "bye" });
    const before = { keys: Reflect.ownKeys(message), bytes: toBinary(BusMessageSchema, message) };
    markDelivered(message, {});
    expect(Reflect.ownKeys(message)).to.deep.equal(before.keys);
    expect(toBinary(BusMessageSchema, message)).to.deep.equal(before.bytes);
    expect(deliveredBy({ ...message })).to.equal(undefined);
  });

  it("is kept for a message that can't be changed", () => {
    const message = Object.freeze(busMessage("end"));
    const link = {};
    markDelivered(message, link);
    expect(deliveredBy(message)).to.equal(link);
  });

  it("tells whether the link is closed by now", () => {
    const message = busMessage("end");
    const link = {};
    expect(isOrphaned(message)).to.equal(false);
    markDelivered(message, link);
    expect(isOrphaned(message)).to.equal(false);
    markClosed(link);
    expect(isOrphaned(message)).to.equal(true);
  });
});
