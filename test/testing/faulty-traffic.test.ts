import { expect } from "chai";
import { describe, it } from "mocha";
import { Code, status } from "../../src/base/status.js";
import type { FaultStep } from "../../src/testing/fault.js";
import { faulty } from "../../src/testing/faulty.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Connection } from "../../src/transport/transport.js";
import { withoutConsole } from "../transport/helpers.js";
import { type End, rig, sendAll } from "./fault-rig.js";

/** Sends ten messages of 100 bytes, each in a turn of its own: what is sent in one turn is handed over as one. */
async function sendOneByOne(end: End, clock: VirtualClock): Promise<void> {
  for (let number = 1; number <= 10; number++) {
    sendAll(end, number, number, 100);
    await clock.advanceAsync(0);
  }
}

describe("faulty(): traffic that is slow", () => {
  it("throttles what this end sends to so many bytes in a second, which shows in bufferedAmount", async () => {
    const script: FaultStep[] = [{ type: "throttle", direction: "out", bytesPerSecond: 1_000 }];
    const { near, far, clock } = await rig(script, { windowBytes: 300 });
    sendAll(near, 1, 10, 100);
    expect(near.connection.bufferedAmount).to.equal(700);
    let drained = false;
    void near.connection.drained(200).then(() => {
      drained = true;
    });
    await clock.advanceAsync(99);
    expect(far.got).to.deep.equal([]);
    await clock.advanceAsync(1);
    expect([far.got, near.connection.bufferedAmount]).to.deep.equal([[1], 600]);
    await clock.advanceAsync(399);
    expect([far.got.length, drained]).to.deep.equal([4, false]);
    await clock.advanceAsync(1);
    expect([far.got.length, near.connection.bufferedAmount, drained]).to.deep.equal([5, 200, true]);
    await clock.advanceAsync(500);
    expect(far.got).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect([near.connection.bufferedAmount, clock.pending]).to.deep.equal([0, 0]);
  });

  it("has a line that was idle save nothing up", async () => {
    const { near, far, clock } = await rig([{ type: "throttle", bytesPerSecond: 1_000 }]);
    await clock.advanceAsync(60_000);
    sendAll(near, 1, 2, 100);
    await clock.advanceAsync(199);
    expect(far.got).to.deep.equal([1]);
    await clock.advanceAsync(1);
    expect(far.got).to.deep.equal([1, 2]);
  });

  it("throttles what arrives, which the far end sees as a peer that reads slowly", async () => {
    const script: FaultStep[] = [{ type: "throttle", direction: "in", bytesPerSecond: 1_000 }];
    const { near, far, clock } = await rig(script, { windowBytes: 300 });
    await sendOneByOne(far, clock);
    expect(far.connection.bufferedAmount).to.equal(600);
    let drained = false;
    void far.connection.drained(0).then(() => {
      drained = true;
    });
    await clock.advanceAsync(500);
    expect([near.got, drained]).to.deep.equal([[1, 2, 3, 4, 5], false]);
    await clock.advanceAsync(500);
    expect([near.got.length, drained, far.connection.bufferedAmount]).to.deep.equal([10, true, 0]);
    expect(clock.pending).to.equal(0);
  });

  it("has what a silent direction doesn't take stay with its sender, beyond what a network holds", async () => {
    const { near, far, clock } = await rig([{ type: "halfOpen" }], { windowBytes: 300 });
    sendAll(near, 1, 10, 100);
    await sendOneByOne(far, clock);
    await clock.advanceAsync(1_000);
    expect(near.connection.bufferedAmount).to.equal(700);
    expect(far.connection.bufferedAmount).to.equal(600);
  });

  it("has a far end whose connection is cut here alone keep what a network doesn't hold", async () => {
    const { far, network, clock } = await rig([], { windowBytes: 300 });
    network.inject({ type: "cut", ends: "near" });
    await clock.advanceAsync(0);
    await sendOneByOne(far, clock);
    expect(far.connection.bufferedAmount).to.equal(600);
    network.heal();
    await clock.advanceAsync(3_000);
    expect(far.ended()).to.match(/^UNAVAILABLE/);
    expect(clock.pending).to.equal(0);
  });

  it("delays by the jitter too, and keeps the order", async () => {
    const { near, far, clock } = await rig([{ type: "delay", direction: "out", ms: 10, jitterMs: 30 }], { seed: 3 });
    const all = Array.from({ length: 100 }, (_, index) => index);
    const arrivals = new Set<number>();
    for (const number of all) {
      sendAll(near, number, number);
      const before = far.got.length;
      await clock.advanceAsync(1);
      arrivals.add(far.got.length - before);
    }
    await clock.advanceAsync(9);
    await clock.advanceAsync(30);
    expect(far.got).to.deep.equal(all);
    expect(arrivals.size, "arrivals in bunches, and not").to.be.greaterThan(1);
  });

  it("goes on at once when the time of a fault is over", async () => {
    const { near, far, clock, network } = await rig([
      { type: "throttle", bytesPerSecond: 1, forMs: 1_000 },
      { type: "delay", ms: 60_000, forMs: 500 },
    ]);
    sendAll(near, 1, 1, 100);
    await clock.advanceAsync(999);
    expect(far.got).to.deep.equal([]);
    await clock.advanceAsync(1);
    expect(far.got).to.deep.equal([1]);
    expect(
      network.log.map(({ type, fault, direction, atMs }) => [type, fault ?? "", direction ?? "", atMs]),
    ).to.deep.equal([
      ["connected", "", "", 0],
      ["throttle", "", "both", 0],
      ["delay", "", "both", 0],
      ["over", "delay", "out", 500],
      ["over", "delay", "in", 500],
      ["over", "throttle", "out", 1_000],
      ["over", "throttle", "in", 1_000],
    ]);
  });

  it("puts a fault in place of an earlier one of its type", async () => {
    const { near, far, clock, network } = await rig([{ type: "halfOpen", forMs: 100 }]);
    await clock.advanceAsync(50);
    network.inject({ type: "halfOpen", direction: "out", forMs: 100 });
    sendAll(near, 1, 1);
    sendAll(far, 2, 2);
    await clock.advanceAsync(50);
    expect([near.got, far.got]).to.deep.equal([[2], []]);
    await clock.advanceAsync(50);
    expect(far.got).to.deep.equal([1]);
  });

  it("delivers what is left before the end to a consumer that has paused, for 10 s", async () => {
    for (const waits of [9_999, 10_000]) {
      const { near, far, clock } = await rig([{ type: "delay", direction: "in", ms: 10 }]);
      sendAll(far, 1, 2);
      void far.connection.close(status(Code.ABORTED, "enough"));
      await clock.advanceAsync(5);
      near.connection.pause();
      await clock.advanceAsync(waits);
      near.connection.resume();
      await clock.advanceAsync(10);
      expect(near.got).to.deep.equal(waits < 10_000 ? [1, 2] : []);
      expect(near.ended()).to.equal("ABORTED: enough");
      expect(clock.pending).to.equal(0);
    }
  });

  it("closes with INTERNAL when a consumer throws at what arrived late", async () => {
    const clock = new VirtualClock();
    const memory = new MemoryTransport({ clock });
    const network = faulty(memory, { clock, script: [{ type: "delay", ms: 10 }] });
    let far: Connection | undefined;
    await network.listen((connection) => {
      far = connection;
    });
    const near = await network.connect();
    near.receive({ message: () => expect.fail("a bug in message()") });
    const { logged } = await withoutConsole(async () => {
      await clock.advanceAsync(0);
      far?.send(Uint8Array.of(1));
      await clock.advanceAsync(30);
    });
    expect(logged).to.have.length(1);
    expect(logged[0]).to.include("a bug in message()");
    expect((await near.closed).code).to.equal(Code.INTERNAL);
    expect((await far?.closed)?.code).to.equal(Code.INTERNAL);
  });
});
