import { expect } from "chai";
import { describe, it } from "mocha";
import { Code, status } from "../../../src/base/status.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import type { LinkConsumer, Offer } from "../../../src/link/link.js";
import { Audience } from "../../../src/link/resumable/audience.js";
import { busMessage } from "../../../src/message/build.js";

const offer: Offer = { agents: ["assistant"], cases: [], frameKinds: [], customTypes: [], pythonTypes: [] };
const gone = status(Code.UNAVAILABLE, "gone");

const encoded = (source: string) => protobufCodec.encode(busMessage("end", {}, { source }));

function make() {
  const told: string[] = [];
  const consumer: LinkConsumer = {
    pythonTypes: new Set(),
    message() {},
    invalid() {},
    undelivered: ({ source }, { message }) => told.push(`${source} ${message}`),
    offered: ({ agents }) => told.push(`offer of ${agents.join()}`),
    suspended: ({ message }) => told.push(`suspended ${message}`),
    resumed: (outageMs) => told.push(`resumed ${outageMs}`),
  };
  return { audience: new Audience(), consumer, told };
}

describe("the consumer of a resumable link", () => {
  it("is told at once while it is there", () => {
    const { audience, consumer, told } = make();
    audience.seat(consumer);
    audience.offered(offer);
    audience.undelivered([encoded("ann"), encoded("bob")], gone);
    expect(told).to.deep.equal(["offer of assistant", "ann gone", "bob gone"]);
  });

  it("is told what was kept for it when it comes late, after the call that names it, and once", async () => {
    const { audience, consumer, told } = make();
    audience.undelivered([encoded("ann")], status(Code.DEADLINE_EXCEEDED, "late"));
    audience.offered({ ...offer, agents: ["before"] });
    audience.offered(offer);
    audience.undelivered([encoded("bob")], gone);
    audience.seat(consumer);
    expect(told).to.deep.equal([]);
    await Promise.resolve();
    expect(told).to.deep.equal(["offer of assistant", "ann late", "bob gone"]);
  });

  it("is told of each outage while it is there", () => {
    const { audience, consumer, told } = make();
    audience.seat(consumer);
    for (const outageMs of [1, 2]) {
      audience.suspended(gone);
      audience.resumed(outageMs);
    }
    expect(told).to.deep.equal(["suspended gone", "resumed 1", "suspended gone", "resumed 2"]);
  });

  it("is told when it comes that there is no connection, and when there is again", async () => {
    const { audience, consumer, told } = make();
    audience.suspended(gone);
    audience.seat(consumer);
    await Promise.resolve();
    audience.resumed(1);
    expect(told).to.deep.equal(["suspended gone", "resumed 1"]);
  });

  it("isn't told of an outage that is over by then, nor of one that the link has ended in", async () => {
    const { audience, consumer, told } = make();
    audience.suspended(gone);
    audience.resumed(1);
    audience.suspended(gone);
    audience.seat(consumer);
    audience.resumed(2);
    await Promise.resolve();
    expect(told).to.deep.equal([]);
    const other = make();
    other.audience.suspended(gone);
    other.audience.end();
    other.audience.seat(other.consumer);
    await Promise.resolve();
    expect(other.told).to.deep.equal([]);
  });

  it("isn't told what the peer takes once the link has ended, but what is lost", async () => {
    const { audience, consumer, told } = make();
    audience.offered(offer);
    audience.end();
    audience.undelivered([encoded("ann")], gone);
    audience.seat(consumer);
    await Promise.resolve();
    expect(told).to.deep.equal(["ann gone"]);
  });
});
