import { expect } from "chai";
import { describe, it } from "mocha";
import { Code, formatStatus, status } from "../../src/base/status.js";
import { faulty } from "../../src/testing/faulty.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { ServerTransport } from "../../src/transport/transport.js";
import { expectRejected } from "../support/expect-status.js";
import { type End, endOf, rig, sendAll } from "./fault-rig.js";

describe("faulty(): connections", () => {
  describe("a refusal", () => {
    it("is for one attempt, or for all, with UNAVAILABLE or another code", async () => {
      const { connect, network, accepted } = await rig([
        { type: "refuse", connection: 1 },
        { type: "refuse", connection: 3, code: Code.PERMISSION_DENIED },
      ]);
      await expectRejected(Code.UNAVAILABLE, connect());
      await connect();
      await expectRejected(Code.PERMISSION_DENIED, connect());
      network.inject({ type: "refuse" });
      await expectRejected(Code.UNAVAILABLE, connect());
      await expectRejected(Code.UNAVAILABLE, connect());
      network.heal();
      await connect();
      await Promise.resolve();
      expect(accepted).to.have.length(3);
      expect(network.log.filter(({ type }) => type === "refuse").map(({ connection }) => connection)).to.deep.equal([
        1, 3, 4, 5,
      ]);
    });

    it("takes as long as it says, unless the attempt is given up", async () => {
      const { clock, network } = await rig([{ type: "refuse", connection: 1, afterMs: 1_000 }]);
      const controller = new AbortController();
      let rejected: unknown;
      network.connect().catch((error: unknown) => {
        rejected = error;
      });
      await clock.advanceAsync(999);
      expect(rejected).to.equal(undefined);
      await clock.advanceAsync(1);
      expect(rejected).to.have.property("code", Code.UNAVAILABLE);

      network.inject({ type: "refuse" });
      await expectRejected(Code.CANCELLED, network.connect({ signal: AbortSignal.abort() }));
      const attempt = network.connect({ signal: controller.signal });
      controller.abort();
      await expectRejected(Code.CANCELLED, attempt);
      expect(clock.pending).to.equal(0);
    });
  });

  describe("a duplicate", () => {
    it("is a second connection from the same peer, over which all is sent as well", async () => {
      const clock = new VirtualClock();
      const memory = new MemoryTransport({ clock });
      const network = faulty(memory, { clock, script: [{ type: "duplicate" }] });
      const accepted: End[] = [];
      const metadata: unknown[] = [];
      await network.listen((connection) => {
        accepted.push(endOf(connection));
        metadata.push([...connection.peer.metadata]);
      });
      const near = endOf(await network.connect({ metadata: { ticket: "x" } }));
      sendAll(near, 1, 2);
      await clock.advanceAsync(0);
      sendAll(near, 3, 3);
      for (const end of accepted) {
        sendAll(end, 7, 7);
      }
      await clock.advanceAsync(0);
      expect(accepted.map(({ got }) => got)).to.deep.equal([
        [1, 2, 3],
        [1, 2, 3],
      ]);
      expect(metadata).to.deep.equal([[["ticket", "x"]], [["ticket", "x"]]]);
      expect(near.got).to.deep.equal([7]);
      await near.connection.close(status(Code.ABORTED, "enough"));
      await clock.advanceAsync(0);
      expect(accepted.map(({ ended }) => ended())).to.deep.equal(["ABORTED: enough", "ABORTED: enough"]);
      expect(network.log.map(({ type }) => type)).to.deep.equal(["connected", "duplicate", "duplicated", "ended"]);
      expect(clock.pending).to.equal(0);
    });

    it("that comes later has what is sent from then on, and outlives the far end's close of the first", async () => {
      const { near, far, accepted, network, clock } = await rig([{ type: "duplicate", afterSent: 2 }]);
      sendAll(near, 1, 3);
      await clock.advanceAsync(0);
      expect(accepted[1]?.got).to.deep.equal([2, 3]);
      network.inject({ type: "halfOpen", direction: "in" });
      void far.connection.close(status(Code.ABORTED, "fenced"));
      await clock.advanceAsync(100);
      expect([accepted[1]?.ended(), near.ended()]).to.deep.equal([undefined, undefined]);
      network.heal();
      await clock.advanceAsync(0);
      expect([accepted[1]?.ended(), near.ended()]).to.deep.equal(["ABORTED: fenced", "ABORTED: fenced"]);
    });

    it("that the far end refuses changes nothing", async () => {
      const clock = new VirtualClock();
      const memory = new MemoryTransport({ clock });
      const network = faulty(memory, { clock, script: [{ type: "duplicate", afterSent: 1 }] });
      const accepted: End[] = [];
      const listener = await network.listen((connection) => accepted.push(endOf(connection)));
      const near = endOf(await network.connect());
      await listener.close();
      sendAll(near, 1, 2);
      await clock.advanceAsync(0);
      expect(accepted.map(({ got }) => got)).to.deep.equal([[1, 2]]);
      expect(network.log.at(-1)?.type).to.equal("notDuplicated");
    });
  });

  describe("a truncated write", () => {
    it("breaks the connection, and its message arrives neither whole nor in part", async () => {
      const told = new Set<number>();
      for (let seed = 0; seed < 30; seed++) {
        const { near, far, clock, network } = await rig([{ type: "truncate", afterSent: 3 }], { seed });
        sendAll(near, 1, 2);
        await clock.advanceAsync(0);
        sendAll(near, 3, 3, 1_000);
        await clock.advanceAsync(0);
        expect(far.got).to.deep.equal([1, 2]);
        expect([near.ended(), far.ended()].map((why) => why?.slice(0, 11))).to.deep.equal([
          "UNAVAILABLE",
          "UNAVAILABLE",
        ]);
        const cut = network.log.find(({ type }) => type === "truncate");
        expect(cut).to.include({ outArrived: 0, outLost: 1, ofBytes: 1_000 });
        expect(cut?.writtenBytes).to.be.within(0, 999);
        told.add(near.undelivered.length);
      }
      expect([...told].sort()).to.deep.equal([0, 1]);
    });

    it("that is injected while nothing is sent is the next one", async () => {
      const { near, far, clock, network } = await rig();
      sendAll(near, 1, 1);
      await clock.advanceAsync(0);
      network.inject({ type: "truncate" });
      await clock.advanceAsync(100);
      expect(near.ended()).to.equal(undefined);
      sendAll(near, 2, 2);
      await clock.advanceAsync(0);
      expect([far.got, near.ended() === undefined]).to.deep.equal([[1], false]);
    });

    it("of a message that is on its way is of that one or of one before", async () => {
      for (let seed = 0; seed < 20; seed++) {
        const { near, far, clock, network } = await rig([{ type: "delay", ms: 50 }], { seed });
        sendAll(near, 1, 4);
        network.inject({ type: "truncate" });
        await clock.advanceAsync(0);
        expect(far.got.length).to.be.below(4);
        expect(far.got).to.deep.equal([1, 2, 3].slice(0, far.got.length));
      }
    });
  });

  describe("around a transport that only listens", () => {
    async function listening(script: Parameters<typeof faulty>[1] = {}) {
      const clock = new VirtualClock();
      const memory = new MemoryTransport({ clock });
      const only: ServerTransport = { listen: (accept) => memory.listen(accept) };
      const network = faulty(only, { clock, ...script });
      const accepted: End[] = [];
      await network.listen((connection) => accepted.push(endOf(connection)));
      const connect = async (): Promise<End> => endOf(await memory.connect());
      return { clock, network, accepted, connect };
    }

    it("has the faults at the ends that it accepts", async () => {
      const { clock, network, accepted, connect } = await listening({ script: [{ type: "delay", ms: 20 }] });
      const client = await connect();
      await clock.advanceAsync(0);
      sendAll(client, 1, 1);
      sendAll(accepted[0] as End, 2, 2);
      await clock.advanceAsync(19);
      expect([client.got, accepted[0]?.got]).to.deep.equal([[], []]);
      await clock.advanceAsync(1);
      expect([client.got, accepted[0]?.got]).to.deep.equal([[2], [1]]);
      network.inject({ type: "cut" });
      await clock.advanceAsync(0);
      expect([client.ended(), accepted[0]?.ended()].map((why) => why?.slice(0, 11))).to.deep.equal([
        "UNAVAILABLE",
        "UNAVAILABLE",
      ]);
    });

    it("refuses what it was about to accept", async () => {
      const code = Code.UNAUTHENTICATED;
      const { clock, accepted, connect } = await listening({ script: [{ type: "refuse", connection: 0, code }] });
      const client = await connect();
      await clock.advanceAsync(0);
      expect([client.ended(), accepted.length]).to.deep.equal(["UNAUTHENTICATED: refused, as the script says", 0]);
      const second = await connect();
      await clock.advanceAsync(0);
      expect([second.ended(), accepted.length]).to.deep.equal([undefined, 1]);
    });
  });

  it("keeps the listener of the transport, its address and its end", async () => {
    const memory = new MemoryTransport({ address: "here" });
    const network = faulty(memory);
    const listener = await network.listen(() => {});
    expect(listener.address).to.equal("here");
    const connection = await network.connect();
    expect([connection.peer.address, connection.protocol]).to.deep.equal(["here", ""]);
    expect(formatStatus(await connection.close(status(Code.OK)))).to.equal("OK");
    await listener.close();
    await expectRejected(Code.UNAVAILABLE, network.connect());
  });

  it("logs what was done to which connection, and when, as plain data", async () => {
    const { near, network, clock, connect } = await rig(
      [
        { type: "halfOpen", connection: 0, direction: "in", afterMs: 100, forMs: 50 },
        { type: "cut", connection: 1, ends: "near", afterMs: 20 },
      ],
      { seed: 7 },
    );
    await clock.advanceAsync(200);
    await connect();
    await clock.advanceAsync(20);
    network.heal();
    await near.connection.close(status(Code.OK, "done"));
    const expected = [
      { atMs: 0, connection: 0, type: "connected" },
      { atMs: 100, connection: 0, type: "halfOpen", direction: "in" },
      { atMs: 150, connection: 0, type: "over", fault: "halfOpen", direction: "in" },
      { atMs: 200, connection: 1, type: "connected" },
      {
        atMs: 220,
        connection: 1,
        type: "cut",
        ends: "near",
        outArrived: 0,
        outLost: 0,
        told: 0,
        inArrived: 0,
        inLost: 0,
      },
      { atMs: 220, connection: 1, type: "ended", status: "UNAVAILABLE: the connection to memory broke", told: 0 },
      { atMs: 220, connection: 0, type: "healed" },
      { atMs: 220, connection: 1, type: "healed" },
      { atMs: 220, connection: 0, type: "ended", status: "OK: done", told: 0 },
    ];
    expect(JSON.parse(JSON.stringify(network.log))).to.deep.equal(expected);
  });

  it("injects a fault into one connection alone, or into all that live", async () => {
    const { near, network, clock, connect } = await rig();
    const second = await connect();
    await clock.advanceAsync(0);
    network.inject({ type: "cut" }, 1);
    await clock.advanceAsync(0);
    expect([near.ended() === undefined, second.ended() === undefined]).to.deep.equal([true, false]);
    const third = await connect();
    await clock.advanceAsync(0);
    network.inject({ type: "cut" });
    await clock.advanceAsync(0);
    expect([near.ended() === undefined, third.ended() === undefined]).to.deep.equal([false, false]);
    expect(network.log.filter(({ type }) => type === "cut").map(({ connection }) => connection)).to.deep.equal([
      1, 0, 2,
    ]);
  });
});
