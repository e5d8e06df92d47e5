import { expect } from "chai";
import { Lane, ResetReason } from "../../../gen/crossbus/v1/link_pb.js";
import { Code, StatusError } from "../../../src/base/status.js";
import { faulty } from "../../../src/testing/faulty.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../../src/transport/memory.js";
import { dataMessage, type End, LinkPair, type PairOptions, systemMessage } from "../../support/link-pair.js";
import { RawPeer } from "../../support/raw-peer.js";

async function linked(options: Partial<PairOptions> = {}, windowBytes = 65_536) {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  const network = faulty(memory, { clock, windowBytes });
  const pair = await LinkPair.listen({ clock, client: network, server: memory, ...options });
  const client = await pair.connect();
  await clock.advanceAsync(0);
  const server = pair.served[0] as End;
  return { clock, memory, network, pair, client, server, pass: (ms = 0) => clock.advanceAsync(ms) };
}

/** What other projects stumble over, each shown not to happen here. */
describe("a resumable link has none of these weaknesses", () => {
  it("keeping all of 100 000 messages of 1 kB that are written while it is disconnected", async () => {
    const { client, network, pass } = await linked();
    network.inject({ type: "refuse" });
    network.inject({ type: "cut" });
    await pass();
    const text = "x".repeat(1_000);
    let refused = 0;
    for (let i = 0; i < 100_000; i++) {
      try {
        client.link.send(dataMessage(text));
      } catch (error) {
        expect((error as StatusError).code).to.equal(Code.RESOURCE_EXHAUSTED);
        refused++;
      }
    }
    const { unacknowledged, unacknowledgedBytes } = client.link.stats();
    expect(unacknowledgedBytes).to.be.below(16_777_216);
    expect([unacknowledged, refused]).to.deep.equal([16_384, 100_000 - 16_384]);
  });

  it("sending a message that is too large again and again, until others die with it", async () => {
    const { client, server, pass } = await linked({ serverOptions: { maxMessageBytes: 10_000 } });
    client.link.send(dataMessage("before"));
    expect(() => client.link.send(dataMessage("x".repeat(20_000))))
      .to.throw(StatusError, /20.* bytes exceeds maxMessageBytes, which is 10000/)
      .with.property("code", Code.RESOURCE_EXHAUSTED);
    client.link.send(dataMessage("after"));
    await pass(50);
    expect(server.arrived).to.deep.equal(["before", "after"]);
    expect(client.link.stats()).to.include({ resumes: 0, unacknowledged: 0 });
  });

  it("going down with a message that something on the way refuses with 1009", async () => {
    const clock = new VirtualClock();
    const peers: RawPeer[] = [];
    const strict = new MemoryTransport({ clock, maxMessageBytes: 600 });
    await strict.listen((connection) => void peers.push(new RawPeer(connection)), { protocols: ["crossbus.v1"] });
    const other = await LinkPair.listen({ clock, client: strict, server: new MemoryTransport({ clock }) });
    const lane = { maxSequence: 100n, maxBytes: 100_000n };
    const shake = async (resumed: boolean, received = 0n) => {
      await clock.advanceAsync(1_000);
      const state = { ...lane, received };
      const fixed = { version: 1, sessionId: new Uint8Array(16), secret: new Uint8Array(32), heartbeatMs: 5_000 };
      const value = { ...fixed, graceMs: 30_000, maxMessageBytes: 10_000, resumed, system: lane, data: state };
      peers.at(-1)?.control({ case: "welcome", value });
      await clock.advanceAsync(0);
    };
    const connecting = other.connect();
    await shake(false);
    const end = await connecting;
    for (const text of ["small 1", "x".repeat(700), "small 2"]) {
      end.link.send(dataMessage(text));
    }
    await clock.advanceAsync(0);
    await shake(true, 1n);
    expect(end.undeliveredTexts.map(([text, why]) => [text.length, why.code])).to.deep.equal([
      [700, Code.RESOURCE_EXHAUSTED],
    ]);
    expect(peers.at(-1)?.controls.map((kind) => kind.case)).to.include("skip");
    expect(peers.at(-1)?.data.map(({ sequence }) => sequence)).to.deep.equal([3]);
    expect(end.ended).to.equal(undefined);
  });

  it("letting backpressure tell of receipt: what isn't consumed fills the sender's buffer, and no more", async () => {
    const { client, server, pass } = await linked({ clientOptions: { buffer: { maxMessages: 4_000 } } });
    server.link.pause();
    let sent = 0;
    const flood = () => {
      for (;;) {
        client.link.send(dataMessage("x".repeat(100)));
        sent++;
      }
    };
    expect(flood).to.throw(StatusError).with.property("code", Code.RESOURCE_EXHAUSTED);
    await pass(1_000);
    expect([sent, server.link.stats().waiting, client.link.stats().unsent]).to.deep.equal([4_000, 2_048, 1_952]);
    expect(client.link.drained()).to.not.equal(undefined);
  });

  it("a number that is burnt by a value that can't be encoded", async () => {
    const { client, server, pass } = await linked();
    expect(() => client.link.send(dataMessage("\ud800"))).to.throw(StatusError);
    client.link.send(dataMessage("fine"));
    await pass(50);
    expect(server.arrived).to.deep.equal(["fine"]);
  });

  it("an urgent message behind 100 MB that wait at a throttled socket", async () => {
    const buffer = { maxBytes: 200_000_000 };
    const { client, server, network, pass, clock } = await linked({ clientOptions: { buffer } }, 0);
    network.inject({ type: "throttle", direction: "out", bytesPerSecond: 2_000_000 });
    for (let i = 0; i < 100; i++) {
      client.link.send(dataMessage("x".repeat(1_000_000)));
    }
    await pass(2_000);
    client.link.send(systemMessage("cancel"));
    const since = clock.now();
    while (!server.arrived.includes("cancel") && clock.now() - since < 5_000) {
      await pass(5);
    }
    // A socket holds 64 KiB of data at most, and one frame more: 41 ms at this rate.
    expect(clock.now() - since).to.be.at.most(60);
    expect(client.link.stats().unacknowledgedBytes).to.be.above(90_000_000);
  });

  it("peers that send what they like and read nothing, and fill memory with the answers", async () => {
    const { memory, pass } = await linked();
    const peer = new RawPeer(await memory.connect({ protocols: ["crossbus.v1"] }));
    peer.hello();
    await pass();
    peer.connection.pause();
    const before = peer.controls.length;
    for (let i = 0; i < 50_000; i++) {
      peer.control({ case: "ping", value: { token: 1n } });
    }
    await pass();
    peer.connection.resume();
    await pass();
    // 64 KiB of pongs of 12 bytes.
    expect(peer.controls.length - before).to.be.within(1, 65_536 / 12 + 2);
  });
  it("peers that have ever more acknowledged and read nothing, and fill memory with the acks", async () => {
    const { memory, pass } = await linked();
    const peer = new RawPeer(await memory.connect({ protocols: ["crossbus.v1"] }));
    peer.hello();
    await pass();
    peer.connection.pause();
    for (let i = 0; i < 20_000; i++) {
      const [firstSequence, lastSequence] = [BigInt(i * 512 + 1), BigInt((i + 1) * 512)];
      peer.control({ case: "skip", value: { lane: Lane.DATA, firstSequence, lastSequence, throughBytes: 0n } });
    }
    await pass();
    peer.connection.resume();
    await pass(100);
    // 128 KiB of acks of 11 bytes at least: then it gets no more credit, and goes on all the same.
    expect(peer.acks.length).to.be.within(1, 131_072 / 11 + 2);
    expect(peer.goaway?.reason).to.equal(ResetReason.PROTOCOL);
  });
});
