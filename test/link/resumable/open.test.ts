import { expect } from "chai";
import { ResetReason } from "../../../gen/crossbus/v1/link_pb.js";
import { Code, retryAfterMs, StatusError, status } from "../../../src/base/status.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import { judgeLoss } from "../../../src/link/resumable/reset.js";
import { faulty } from "../../../src/testing/faulty.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import { closeCodeToStatus } from "../../../src/transport/close-codes.js";
import { MemoryTransport } from "../../../src/transport/memory.js";
import { dataMessage, type End, LinkPair, type PairOptions, systemMessage } from "../../support/link-pair.js";
import { RawPeer } from "../../support/raw-peer.js";

async function linked(options: Partial<PairOptions> = {}) {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  const network = faulty(memory, { clock, windowBytes: 0 });
  const pair = await LinkPair.listen({ clock, client: network, server: memory, ...options });
  const client = await pair.connect();
  await clock.advanceAsync(0);
  const server = pair.served[0] as End;
  const raw = async (fields: Parameters<RawPeer["hello"]>[0] = {}) => {
    const peer = new RawPeer(await memory.connect({ protocols: ["crossbus.v1"] }));
    peer.hello(fields);
    await clock.advanceAsync(0);
    return { peer, session: pair.served.at(-1) as End };
  };
  return { clock, network, pair, client, server, raw, pass: (ms = 0) => clock.advanceAsync(ms) };
}

const encoded = (message: Parameters<typeof protobufCodec.encode>[0]) => [...protobufCodec.encode(message)];

describe("an open link", () => {
  it("[L-5] takes a message in its own lane only, and one that it can't know in either", async () => {
    const { raw, pass } = await linked();
    for (const [flags, message, fits] of [
      [0x83, dataMessage(""), true],
      [0x87, dataMessage(""), false],
      [0x87, systemMessage(""), true],
      [0x83, systemMessage(""), false],
    ] as const) {
      const { peer, session } = await raw();
      peer.send(flags, 1, ...encoded(message));
      await pass();
      expect(session.arrived).to.deep.equal(fits ? [""] : []);
      expect(peer.goaway?.reason).to.equal(fits ? undefined : ResetReason.PROTOCOL);
    }
    const { peer, session } = await raw();
    // A case that is unknown here.
    peer.send(0x87, 1, 0xa2, 0x3e, 0x00);
    peer.send(0x83, 1, 0xa2, 0x3e, 0x00);
    await pass(20);
    expect(session.invalids).to.have.length(2);
    expect([peer.acks.at(-1)?.system.acknowledged, peer.acks.at(-1)?.data.acknowledged]).to.deep.equal([1, 1]);
  });

  it("[L-15] closes and resumes when a message is missing, and is reset when it is missing again", async () => {
    const { raw, pass } = await linked();
    const { peer, session } = await raw();
    const message = encoded(dataMessage("x"));
    peer.send(0x83, 2, ...message);
    await pass();
    expect(peer.closedWith?.code).to.equal(Code.DATA_LOSS);
    expect(peer.goaway?.resumable).to.equal(true);
    expect(session.events).to.deep.equal(["suspended"]);
    const { sessionId, secret, epoch } = peer.welcome as NonNullable<typeof peer.welcome>;
    const { peer: second } = await raw({ resume: { sessionId, secret, serverEpoch: epoch, attempt: 1 } });
    expect(second.welcome?.resumed).to.equal(true);
    second.send(0x83, 2, ...message);
    await pass();
    expect(second.goaway).to.include({ reason: ResetReason.GAP, resumable: false });
    expect(session.ended?.code).to.equal(Code.UNAVAILABLE);
    expect(session.arrived).to.deep.equal([]);
  });

  it("[L-17] ends the session of a peer that acknowledges what was never sent", async () => {
    const { raw, pass } = await linked();
    const { peer } = await raw();
    peer.send(0x01, 1, 0xff, 0x7f, 0xff, 0x7f, 0, 0xff, 0x7f, 0xff, 0xff, 0x7f);
    await pass();
    expect(peer.goaway).to.include({ reason: ResetReason.PROTOCOL, resumable: false });
  });

  for (const [overflow, code] of [
    ["reject", Code.RESOURCE_EXHAUSTED],
    ["block", Code.RESOURCE_EXHAUSTED],
    ["reset", Code.UNAVAILABLE],
  ] as const) {
    it(`[L-20] keeps no more than its buffer holds, with ${overflow}`, async () => {
      const { client, network, pass } = await linked({
        clientOptions: { buffer: { maxBytes: 10_000, maxMessages: 100, overflow } },
      });
      network.inject({ type: "refuse" });
      network.inject({ type: "cut" });
      await pass();
      let sent = 0;
      const send = () => {
        for (; sent < 1_000; sent++) {
          client.link.send(dataMessage("x".repeat(980)));
        }
      };
      expect(send).to.throw(StatusError).with.property("code", code);
      await pass();
      expect(sent).to.equal(10);
      expect(client.undeliveredTexts).to.have.length(overflow === "reset" ? 10 : 0);
      expect(client.link.drained() !== undefined).to.equal(overflow === "block");
    });
  }

  it("[L-20] lets senders wait until there is room, or the link is over", async () => {
    const { client, server, network, pass } = await linked({ clientOptions: { buffer: { maxBytes: 10_000 } } });
    network.inject({ type: "halfOpen", forMs: 4_000 });
    for (let i = 0; i < 6; i++) {
      client.link.send(dataMessage("x".repeat(980)));
    }
    let isDrained = false;
    void client.link.drained()?.then(() => {
      isDrained = true;
    });
    await pass(3_900);
    expect(isDrained).to.equal(false);
    await pass(200);
    expect(isDrained).to.equal(true);
    expect(server.arrived).to.have.length(6);
    expect(client.link.drained()).to.equal(undefined);
  });

  it("[L-20] lets senders go on after 10 s at which the peer is there and takes nothing", async () => {
    const { client, server, pass } = await linked({ clientOptions: { buffer: { maxBytes: 10_000 } } });
    server.link.pause();
    for (let i = 0; i < 6; i++) {
      client.link.send(dataMessage("x".repeat(980)));
    }
    let isDrained = false;
    void client.link.drained()?.then(() => {
      isDrained = true;
    });
    await pass(9_999);
    expect(isDrained).to.equal(false);
    await pass(1);
    expect(isDrained).to.equal(true);
    expect(client.link.drained()).to.equal(undefined);
  });

  it("[L-22] slows its sender down while its consumer is congested, but for the system lane", async () => {
    const { client, server, pass } = await linked();
    server.link.pause();
    for (let i = 0; i < 3_000; i++) {
      client.link.send(dataMessage(String(i)));
    }
    client.link.send(systemMessage("urgent"));
    await pass(60_000);
    expect(server.arrived).to.deep.equal(["urgent"]);
    expect(server.link.stats().waiting).to.equal(2_048);
    expect(client.link.stats()).to.include({ unsent: 952, state: "open" });
    server.link.resume();
    await pass(100);
    expect(server.arrived).to.deep.equal(["urgent", ...Array.from({ length: 3_000 }, (_, i) => String(i))]);
  });

  it("[L-22] gives the credit that it kept back once its consumer takes more", async () => {
    const { raw, pass } = await linked();
    const { peer, session } = await raw();
    peer.send(0x83, 1, ...encoded(dataMessage("x")));
    await pass();
    session.link.pause();
    await pass(20);
    expect(peer.acks.at(-1)?.data).to.include({ acknowledged: 1, maxSequence: 2_048 });
    session.link.resume();
    await pass(20);
    expect(peer.acks.at(-1)?.data).to.include({ acknowledged: 1, maxSequence: 2_049 });
  });

  it("[L-14] hands over first what waited first, when its consumer takes more", async () => {
    const { raw, pass } = await linked();
    for (let ticks = 0; ticks < 5; ticks++) {
      const { peer, session } = await raw();
      session.link.pause();
      peer.send(0x83, 1, ...encoded(dataMessage("first")));
      await pass();
      peer.send(0x83, 2, ...encoded(dataMessage("second")));
      for (let i = 0; i < ticks; i++) {
        await undefined;
      }
      session.link.resume();
      await pass();
      expect(session.arrived, `${ticks} ticks`).to.deep.equal(["first", "second"]);
    }
  });

  it("[L-23] acknowledges what its consumer denies", async () => {
    const { client, server, pass } = await linked();
    server.message = () => {};
    for (let i = 0; i < 5_000; i++) {
      client.link.send(dataMessage(String(i)));
    }
    await pass(50);
    expect(client.link.stats()).to.include({ unacknowledged: 0, unsent: 0 });
  });

  it("[L-26] has a system message overtake what is queued, and the rest of a large message", async () => {
    const { client, server, network, pass } = await linked();
    network.inject({ type: "throttle", direction: "out", bytesPerSecond: 1_000_000 });
    for (let i = 0; i < 12; i++) {
      client.link.send(dataMessage(`${i}:${"x".repeat(1_000_000)}`));
    }
    await pass(1_500);
    const before = server.arrived.length;
    client.link.send(systemMessage("cancel"));
    await pass(150);
    expect(server.arrived.slice(before).filter((text) => text === "cancel")).to.deep.equal(["cancel"]);
    expect(server.arrived.length).to.be.below(4);
  });

  it("[L-27] lets a data frame go after 64 KiB of system frames", async () => {
    const { client, server, network, pass } = await linked();
    network.inject({ type: "throttle", direction: "out", bytesPerSecond: 100_000 });
    for (let i = 0; i < 40; i++) {
      client.link.send(systemMessage(`${i}${"s".repeat(16_000)}`));
    }
    client.link.send(dataMessage("data"));
    await pass(20_000);
    expect(server.arrived).to.have.length(41);
    expect(server.arrived.indexOf("data")).to.be.within(1, 12);
  });

  it("[L-37] [L-38] sends what is queued before it says goodbye, and both ends learn the same", async () => {
    const { client, server, pass, clock } = await linked();
    for (let i = 0; i < 100; i++) {
      client.link.send(dataMessage(`${i}${"x".repeat(20_000)}`));
    }
    void client.link.close(status(Code.OK, "done"));
    expect(() => client.link.send(dataMessage("late")))
      .to.throw(StatusError)
      .with.property("code", Code.UNAVAILABLE);
    await pass(100);
    expect(server.arrived).to.have.length(100);
    expect([client.ended, server.ended].map((why) => [why?.code, why?.message])).to.deep.equal([
      [Code.OK, "done"],
      [Code.OK, "done"],
    ]);
    expect(client.undeliveredTexts).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });

  it("[L-37] waits 3 s for a peer that takes nothing, and tells what is left", async () => {
    const { client, server, network, pass } = await linked();
    network.inject({ type: "halfOpen" });
    client.link.send(dataMessage("x"));
    void client.link.close(status(Code.OK));
    await pass(2_999);
    expect(client.ended).to.equal(undefined);
    await pass(1);
    expect(client.ended?.code).to.equal(Code.OK);
    expect(client.undeliveredTexts.map(([, why]) => why.code)).to.deep.equal([Code.CANCELLED]);
    expect(server.ended).to.equal(undefined);
  });

  it("[L-39] comes back after a goodbye that lets it", async () => {
    const clock = new VirtualClock();
    const memory = new MemoryTransport({ clock });
    const times: number[] = [];
    await memory.listen(
      (connection) => {
        const peer = new RawPeer(connection);
        times.push(clock.now());
        const lane = { maxSequence: 1n, maxBytes: 1n };
        const secret = new Uint8Array(32);
        const value = {
          version: 1,
          sessionId: new Uint8Array(16),
          secret,
          heartbeatMs: 1_000,
          graceMs: 9_000,
          maxMessageBytes: 9,
        };
        queueMicrotask(() => {
          peer.control({ case: "welcome", value: { ...value, resumed: times.length > 1, system: lane, data: lane } });
          peer.control({ case: "goaway", value: { code: Code.UNAVAILABLE, resumable: true, retryAfterMs: 2_000 } });
        });
      },
      { protocols: ["crossbus.v1"] },
    );
    const other = await LinkPair.listen({ clock, client: memory, server: new MemoryTransport({ clock }) });
    const connecting = other.connect();
    await clock.advanceAsync(0);
    const end = await connecting;
    await clock.advanceAsync(2_024);
    expect(times).to.have.length(1);
    await clock.advanceAsync(27);
    expect(times).to.have.length(2);
    end.link.end(status(Code.OK));
  });

  it("[L-35] waits as long as a timer can where a server says more", async () => {
    const clock = new VirtualClock();
    const memory = new MemoryTransport({ clock });
    const most = 2 ** 32 - 1;
    const lane = { maxSequence: 1n, maxBytes: 1n };
    const value = { version: 1, heartbeatMs: most, graceMs: most, maxMessageBytes: 9, system: lane, data: lane };
    await memory.listen(
      (connection) => {
        const peer = new RawPeer(connection);
        queueMicrotask(() => peer.control({ case: "welcome", value }));
        queueMicrotask(() =>
          peer.control({ case: "goaway", value: { code: Code.UNAVAILABLE, resumable: true, retryAfterMs: most } }),
        );
      },
      { protocols: ["crossbus.v1"] },
    );
    const other = await LinkPair.listen({ clock, client: memory, server: new MemoryTransport({ clock }) });
    const connecting = other.connect();
    await clock.advanceAsync(0);
    const end = await connecting;
    expect(end.link.terms).to.include({ heartbeatMs: 2 ** 31 - 1, graceMs: 2 ** 31 - 1 });
    await clock.advanceAsync(5_000);
    // For the next attempt and for the end of the grace period.
    expect(clock.dueIn).to.deep.equal([2 ** 31 - 1 - 5_000, 2 ** 31 - 1 - 5_000]);
    end.link.end(status(Code.OK));
    await clock.advanceAsync(0);
    expect(clock.pending).to.equal(0);
  });

  it("[L-40] says goodbye before it closes, with the same status", async () => {
    const { raw, pass } = await linked();
    const { peer, session } = await raw();
    void session.link.close(status(Code.PERMISSION_DENIED, "not you"));
    await pass();
    expect(peer.goaway).to.include({ code: Code.PERMISSION_DENIED, message: "not you", resumable: false });
    await pass(3_000);
    expect(peer.closedWith).to.include({ code: Code.PERMISSION_DENIED, message: "not you" });
  });

  it("[L-19] skips in one of its two lanes only", async () => {
    const { raw, pass } = await linked();
    const { peer } = await raw();
    const skip = { firstSequence: 1n, lastSequence: 1n, throughBytes: 0n };
    peer.control({ case: "skip", value: { lane: 0, ...skip } });
    await pass();
    expect(peer.goaway).to.include({ code: Code.INVALID_ARGUMENT, reason: ResetReason.PROTOCOL });
  });

  it("[L-38] still hands over what arrived before a goodbye", async () => {
    const { raw, pass } = await linked();
    const { peer, session } = await raw();
    session.link.pause();
    peer.send(0x83, 1, ...encoded(dataMessage("before")));
    peer.control({ case: "goaway", value: { code: Code.OK } });
    await pass();
    session.link.resume();
    await pass();
    expect(session.arrived).to.deep.equal(["before"]);
    expect(session.ended?.code).to.equal(Code.OK);
  });

  it("[L-40] shows a goodbye without what controls a terminal", async () => {
    const { raw, pass } = await linked();
    const { peer, session } = await raw();
    peer.control({ case: "goaway", value: { code: Code.ABORTED, message: "go \u001b[2J" } });
    await pass();
    expect(session.ended?.code).to.equal(Code.ABORTED);
    expect(session.ended?.message).to.include("go ").and.not.include("\u001b");
  });

  it("[L-41] makes of close codes what the table says", () => {
    const expected: readonly (readonly [readonly number[], Code, boolean, number])[] = [
      [[1000, 4000, 1001, 1005, 1006, 1011, 1012, 1014, 4014, 4015], Code.UNAVAILABLE, true, 0],
      [[1013], Code.UNAVAILABLE, true, 10_000],
      [[1002, 1003, 1007, 1010, 4013], Code.INTERNAL, false, 0],
      [[1008, 4007], Code.PERMISSION_DENIED, false, 0],
      [[4010], Code.ABORTED, false, 0],
      [[4016], Code.UNAUTHENTICATED, false, 0],
      [[4008], Code.RESOURCE_EXHAUSTED, false, 0],
    ];
    for (const [codes, code, resume, afterMs] of expected) {
      for (const closeCode of codes) {
        const closed = closeCodeToStatus(closeCode, "");
        const loss = judgeLoss(closed);
        expect({
          closeCode,
          code: loss.status.code,
          resume: loss.resume,
          afterMs: retryAfterMs(closed),
          evict: loss.evict,
        }).to.deep.equal({ closeCode, code, resume, afterMs, evict: false });
      }
    }
    expect(judgeLoss(closeCodeToStatus(1009, ""))).to.include({ resume: true, evict: true });
  });
});
