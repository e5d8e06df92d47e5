import { expect } from "chai";
import { describe, it } from "mocha";
import { Code, status } from "../../src/base/status.js";
import { expectThrown } from "../support/expect-status.js";
import { numbered, rig, sendAll } from "./fault-rig.js";

const broke = "UNAVAILABLE: the connection to memory broke";

describe("faulty()", () => {
  describe("a cut", () => {
    it("ends both ends with UNAVAILABLE, in the middle of what is sent", async () => {
      const { near, far, clock } = await rig([{ type: "cut", afterSent: 3 }]);
      sendAll(near, 1, 3);
      expectThrown(Code.UNAVAILABLE, () => near.connection.send(numbered(4)));
      await clock.advanceAsync(0);
      expect(near.ended()).to.equal(broke);
      expect(far.ended()).to.equal(broke);
      expect(far.got.slice(0, 2)).to.deep.equal([1, 2]);
      expect(clock.pending).to.equal(0);
    });

    it("takes the message with it that it happens at, or not, and tells of it, or not, as the seed decides", async () => {
      const outcomes = new Set<string>();
      for (let seed = 0; seed < 40; seed++) {
        const { near, far, clock } = await rig([{ type: "cut", afterSent: 1 }], { seed });
        sendAll(near, 1, 1);
        await clock.advanceAsync(0);
        outcomes.add(`arrived ${far.got.length}, told ${near.undelivered.length}`);
      }
      expect([...outcomes].sort()).to.deep.equal([
        "arrived 0, told 0",
        "arrived 0, told 1",
        "arrived 1, told 0",
        "arrived 1, told 1",
      ]);
    });

    it("lets nothing through that a silent direction held", async () => {
      for (let seed = 0; seed < 20; seed++) {
        const { near, far, clock, network } = await rig([{ type: "halfOpen", direction: "out" }], { seed });
        sendAll(near, 1, 3);
        await clock.advanceAsync(10);
        network.inject({ type: "cut" });
        await clock.advanceAsync(0);
        expect([far.got, far.ended()]).to.deep.equal([[], broke]);
      }
    });

    it("tells of what a far end didn't take that had closed, and of all that came after it", async () => {
      for (let seed = 0; seed < 20; seed++) {
        const { near, far, clock, network } = await rig([{ type: "delay", ms: 10 }], { seed });
        void far.connection.close(status(Code.ABORTED, "enough"));
        await clock.advanceAsync(1);
        sendAll(near, 1, 3);
        network.inject({ type: "cut" });
        await clock.advanceAsync(0);
        expect([far.got, near.ended()]).to.deep.equal([[], broke]);
        expect(near.undelivered).to.deep.equal([1, 2, 3].slice(3 - near.undelivered.length));
      }
    });

    it("at the near end alone leaves the far one with a connection that is silent, until the network heals", async () => {
      const { near, far, clock, network } = await rig();
      network.inject({ type: "cut", ends: "near" });
      await clock.advanceAsync(0);
      expect(near.ended()).to.equal(broke);
      sendAll(far, 1, 5);
      await clock.advanceAsync(600_000);
      expect([far.ended(), near.got]).to.deep.equal([undefined, []]);
      network.heal();
      await clock.advanceAsync(0);
      expect(far.ended()).to.equal(broke);
      expect(clock.pending).to.equal(0);
    });

    it("at the far end alone leaves the near one with a connection that is silent, until the network heals", async () => {
      const { near, far, clock, network } = await rig();
      network.inject({ type: "cut", ends: "far" });
      await clock.advanceAsync(0);
      expect(far.ended()).to.equal(broke);
      sendAll(near, 1, 5);
      await clock.advanceAsync(600_000);
      expect([near.ended(), far.got]).to.deep.equal([undefined, []]);
      network.heal();
      await clock.advanceAsync(0);
      expect(near.ended()).to.equal(broke);
      expect(clock.pending).to.equal(0);
    });
  });

  it("tells of what was sent to a far end that had closed, before that was known here", async () => {
    const { near, far, clock } = await rig([{ type: "delay", direction: "in", ms: 50 }]);
    void far.connection.close(status(Code.ABORTED, "enough"));
    await clock.advanceAsync(10);
    sendAll(near, 1, 2);
    await clock.advanceAsync(39);
    expect([near.ended(), near.undelivered]).to.deep.equal([undefined, []]);
    await clock.advanceAsync(1);
    expect([near.ended(), near.undelivered]).to.deep.equal(["ABORTED: enough", [1, 2]]);
  });

  describe("a half-open connection", () => {
    for (const direction of ["out", "in", "both"] as const) {
      it(`is silent in direction ${direction}, closes nothing, and has all arrive in order when it ends`, async () => {
        const { near, far, clock } = await rig([{ type: "halfOpen", direction, afterMs: 10, forMs: 1_000 }]);
        await clock.advanceAsync(10);
        sendAll(near, 1, 3);
        sendAll(far, 1, 3);
        await clock.advanceAsync(999);
        expect(far.got).to.deep.equal(direction === "in" ? [1, 2, 3] : []);
        expect(near.got).to.deep.equal(direction === "out" ? [1, 2, 3] : []);
        expect([near.ended(), far.ended()]).to.deep.equal([undefined, undefined]);
        await clock.advanceAsync(1);
        expect([near.got, far.got]).to.deep.equal([
          [1, 2, 3],
          [1, 2, 3],
        ]);
        expect(clock.pending).to.equal(0);
      });
    }

    it("doesn't tell the far end that the near one closes, which gives up after 3 s", async () => {
      const { near, far, clock } = await rig([{ type: "halfOpen" }]);
      void near.connection.close(status(Code.ABORTED, "enough"));
      await clock.advanceAsync(2_999);
      expect(near.ended()).to.equal(undefined);
      await clock.advanceAsync(1);
      expect(near.ended()).to.equal("ABORTED: enough");
      await clock.advanceAsync(600_000);
      expect(far.ended()).to.equal(undefined);
      void far.connection.close(status(Code.OK));
      await clock.advanceAsync(0);
      expect(far.ended()).to.equal("OK");
      expect(clock.pending).to.equal(0);
    });

    it("doesn't tell the near end that the far one has closed, until it ends", async () => {
      const { near, far, clock } = await rig([{ type: "halfOpen", direction: "in", forMs: 5_000 }]);
      sendAll(far, 1, 2);
      void far.connection.close(status(Code.ABORTED, "enough"));
      await clock.advanceAsync(4_999);
      expect([near.ended(), near.got]).to.deep.equal([undefined, []]);
      await clock.advanceAsync(1);
      expect([near.ended(), near.got]).to.deep.equal(["ABORTED: enough", [1, 2]]);
    });
  });

  describe("a delay", () => {
    it("has each message of its direction take so long, in order, and the end too", async () => {
      const { near, far, clock } = await rig([{ type: "delay", direction: "out", ms: 20 }]);
      sendAll(near, 1, 2);
      await clock.advanceAsync(10);
      sendAll(near, 3, 3);
      void near.connection.close(status(Code.OK));
      await clock.advanceAsync(9);
      expect(far.got).to.deep.equal([]);
      await clock.advanceAsync(1);
      expect(far.got).to.deep.equal([1, 2]);
      await clock.advanceAsync(9);
      expect([far.got, far.ended()]).to.deep.equal([[1, 2], undefined]);
      await clock.advanceAsync(1);
      expect([far.got, far.ended(), near.ended()]).to.deep.equal([[1, 2, 3], "OK", "OK"]);
      expect(clock.pending).to.equal(0);
    });
  });
});
