import { expect } from "chai";
import { ResetReason } from "../../../gen/crossbus/v1/link_pb.js";
import { Code, StatusError, status } from "../../../src/base/status.js";
import { maxFrameBytes, maxHandshakeFrameBytes } from "../../../src/link/resumable/limits.js";
import { reasonOf } from "../../../src/link/resumable/reset.js";
import { awaitHello } from "../../../src/link/resumable/server-handshake.js";
import { defaultLimits } from "../../../src/proxy/limits/server-limits.js";
import { faulty } from "../../../src/testing/faulty.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../../src/transport/memory.js";
import { expectRejected } from "../../support/expect-status.js";
import { dataMessage, LinkPair, type PairOptions } from "../../support/link-pair.js";
import { RawPeer } from "../../support/raw-peer.js";

const protocols = ["crossbus.v1"];

/** A server of links that listens, and raw clients for it. */
async function serving(options: Partial<PairOptions> = {}) {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  const network = faulty(memory, { clock });
  const pair = await LinkPair.listen({ clock, client: network, server: memory, ...options });
  const raw = async (offered = protocols) => new RawPeer(await memory.connect({ protocols: offered }));
  const pass = (ms = 0) => clock.advanceAsync(ms);
  return { clock, memory, network, pair, raw, pass };
}

/** A raw server, and what a client makes of it. */
async function answering(answer: (peer: RawPeer) => void, spoken = protocols) {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  const peers: RawPeer[] = [];
  await memory.listen(
    (connection) => {
      const peer = new RawPeer(connection);
      peers.push(peer);
      answer(peer);
    },
    { protocols: spoken },
  );
  const pair = await LinkPair.listen({ clock, client: memory, server: new MemoryTransport({ clock }) });
  return { clock, peers, connect: () => pair.connect() };
}

const lane = { maxSequence: 100n, maxBytes: 100_000n };
const welcome = {
  version: 1,
  epoch: 9n,
  sessionId: new Uint8Array(16),
  secret: new Uint8Array(32),
  heartbeatMs: 5_000,
  graceMs: 30_000,
  maxMessageBytes: 1_000,
  system: lane,
  data: lane,
};

describe("the handshake of a resumable link", () => {
  it("[L-1] needs the subprotocol at both ends", async () => {
    const { raw, pass } = await serving();
    const plain = await raw([]);
    await pass();
    expect(plain.closedWith?.code).to.equal(Code.FAILED_PRECONDITION);
    const { connect } = await answering(() => {}, []);
    await expectRejected(Code.FAILED_PRECONDITION, connect());
  });

  it("[L-2] takes one frame a message, and none that is empty or text", async () => {
    const { raw, pass } = await serving();
    for (const bytes of [[], [0x33], [0x00, 0xff]]) {
      const peer = await raw();
      peer.send(...bytes);
      await pass();
      expect(peer.closedWith?.code, String(bytes)).to.equal(Code.INVALID_ARGUMENT);
    }
    const established = await raw();
    established.hello();
    await pass();
    established.send();
    await pass();
    expect(established.goaway).to.include({ code: Code.INVALID_ARGUMENT, reason: ResetReason.PROTOCOL });
  });

  it("[L-3] takes small frames only until it is done, and none over 64 KiB after that", async () => {
    const { raw, pass } = await serving();
    const early = await raw();
    early.connection.send(new Uint8Array(maxHandshakeFrameBytes + 1));
    await pass();
    expect(early.closedWith?.code).to.equal(Code.RESOURCE_EXHAUSTED);
    const late = await raw();
    late.hello();
    await pass();
    const frame = new Uint8Array(maxFrameBytes + 1);
    frame.set([0x83, 1]);
    late.connection.send(frame);
    await pass();
    expect(late.closedWith?.code).to.equal(Code.RESOURCE_EXHAUSTED);
  });

  it("[L-6] begins with Hello and Welcome, each once", async () => {
    const { raw, pass } = await serving();
    const firsts: ((peer: RawPeer) => void)[] = [
      (peer) => peer.send(0x83, 1, 0),
      (peer) => peer.send(0x01, 0, 0, 0, 0, 0, 0),
      (peer) => peer.control({ case: "ping", value: { token: 1n } }),
      (peer) => {
        peer.hello();
        peer.hello();
      },
    ];
    for (const first of firsts) {
      const peer = await raw();
      first(peer);
      await pass();
      expect(peer.closedWith?.code).to.equal(Code.FAILED_PRECONDITION);
    }
    const again = await raw();
    again.hello();
    await pass();
    expect(again.types[0]).to.equal(0);
    expect(again.controls[0]?.case).to.equal("welcome");
    again.hello();
    await pass();
    expect(again.closedWith?.code).to.equal(Code.FAILED_PRECONDITION);
    for (const answer of [(peer: RawPeer) => peer.send(0x83, 1, 0), (peer: RawPeer) => peer.hello()]) {
      const { connect } = await answering(answer);
      await expectRejected(Code.FAILED_PRECONDITION, connect());
    }
  });

  it("[L-7] is awaited for 10 s, by either end", async () => {
    const { raw, clock, pass } = await serving();
    const silent = await raw();
    await pass(9_999);
    expect(silent.closedWith).to.equal(undefined);
    await pass(1);
    expect(silent.closedWith?.code).to.equal(Code.DEADLINE_EXCEEDED);
    const mute = await answering(() => {});
    let error: StatusError | undefined;
    void expectRejected(Code.UNAVAILABLE, mute.connect()).then((why) => {
      error = why;
    });
    await mute.clock.advanceAsync(10_000);
    expect(error?.message).to.include("no Welcome within 10000 ms");
    await pass(60_000);
    expect(clock.pending).to.equal(0);
  });

  it("[L-8] agrees on the version that both speak, and on no feature that it doesn't know", async () => {
    const { raw, pass } = await serving();
    for (const [minVersion, maxVersion, fits] of [
      [0, 0, false],
      [2, 3, false],
      [0, 9, true],
    ] as const) {
      const peer = await raw();
      peer.hello({ minVersion, maxVersion, features: ["telepathy"] });
      await pass();
      expect(peer.welcome?.version).to.equal(fits ? 1 : undefined);
      expect(peer.welcome?.features ?? []).to.deep.equal([]);
      expect(peer.closedWith?.code).to.equal(fits ? undefined : Code.FAILED_PRECONDITION);
    }
    const odd = await answering((peer) => peer.control({ case: "welcome", value: { ...welcome, version: 2 } }));
    await expectRejected(Code.FAILED_PRECONDITION, odd.connect());
  });

  it("[L-9] makes a principal of a credential, or refuses with a status that is final", async () => {
    const seen: unknown[] = [];
    const { pair, pass } = await serving({
      credential: () => ({ type: "bearer", value: Uint8Array.of(seen.length) }),
      authenticate({ credential, peer }) {
        seen.push(credential?.type, peer.address);
        if ((credential?.value[0] ?? 0) > 0) {
          throw new StatusError(Code.UNAUTHENTICATED, "the token is too old");
        }
        return { name: "amy", policy: "p1" };
      },
    });
    await pair.connect();
    expect(seen).to.deep.equal(["bearer", "memory#1"]);
    expect(pair.served[0]?.link.peer.principal).to.deep.equal({ name: "amy", policy: "p1" });
    const error = await expectRejected(Code.UNAUTHENTICATED, pair.connect());
    expect(error.message).to.equal("the token is too old");
    await pass();
    expect(pair.served).to.have.length(1);
  });

  it("[L-9] refuses for now where the hook fails, for good where it breaks, and tells nothing of why", async () => {
    const broken = [
      [Code.UNAVAILABLE, () => Promise.reject(new Error("secret"))],
      [Code.INTERNAL, () => undefined as never],
    ] as const;
    for (const [code, authenticate] of broken) {
      const { pair } = await serving({ authenticate });
      const error = await expectRejected(code, pair.connect());
      expect(error.message).to.not.include("secret");
    }
  });

  it("[L-9] lets go of a client that leaves while the hook thinks about it, for ever even", async () => {
    const clock = new VirtualClock();
    const memory = new MemoryTransport({ clock });
    let outcome: unknown = "pending";
    await memory.listen(
      (connection) => {
        void awaitHello(connection, clock, () => new Promise(() => {})).then((greeted) => {
          outcome = greeted;
        });
      },
      { protocols },
    );
    const peer = new RawPeer(await memory.connect({ protocols }));
    peer.hello();
    await clock.advanceAsync(0);
    expect(outcome).to.equal("pending");
    void peer.connection.close(status(Code.OK));
    await clock.advanceAsync(0);
    expect(outcome).to.equal(undefined);
  });

  it("[L-10] is begun by 1 000 clients at a time", async () => {
    const { raw, pass } = await serving();
    const peers: RawPeer[] = [];
    for (let i = 0; i <= defaultLimits.maxPending; i++) {
      peers.push(await raw());
    }
    await pass();
    expect(peers.filter(({ closedWith }) => closedWith !== undefined)).to.deep.equal(peers.slice(-1));
    expect(peers.at(-1)?.closedWith?.code).to.equal(Code.UNAVAILABLE);
  });

  it("[L-11] [L-12] ends with an ack of the client's, and nobody says what it offers before", async () => {
    const { peers, connect, clock } = await answering(() => {});
    const connecting = connect();
    await clock.advanceAsync(0);
    expect(peers[0]?.types).to.deep.equal([0]);
    peers[0]?.control({ case: "welcome", value: welcome });
    await connecting;
    await clock.advanceAsync(0);
    expect(peers[0]?.types.slice(0, 2)).to.deep.equal([0, 1]);
    expect(peers[0]?.acks[0]?.data).to.deep.equal({ acknowledged: 0, maxSequence: 2_048, maxBytes: 524_288 });
  });

  it("[L-32] comes to nothing where the server has received what was never sent", async () => {
    const { connect, clock } = await answering((peer) => {
      queueMicrotask(() => peer.control({ case: "welcome", value: { ...welcome, data: { ...lane, received: 5n } } }));
    });
    const error = await expectRejected(Code.UNAVAILABLE, connect());
    expect(reasonOf(error)).to.equal(ResetReason.GAP);
    await clock.advanceAsync(60_000);
    expect(clock.pending).to.equal(0);
  });

  it("[L-13] tells the largest message, and what is larger uses no number", async () => {
    const { peers, connect, clock } = await answering((peer) => {
      queueMicrotask(() => peer.control({ case: "welcome", value: welcome }));
    });
    const connecting = connect();
    await clock.advanceAsync(0);
    const end = await connecting;
    expect(() => end.link.send(dataMessage("x".repeat(1_001))))
      .to.throw(StatusError)
      .with.property("code", Code.RESOURCE_EXHAUSTED);
    expect(() => end.link.send(dataMessage("\ud800")))
      .to.throw(StatusError)
      .with.property("code", Code.INVALID_ARGUMENT);
    end.link.send(dataMessage("fits"));
    await clock.advanceAsync(0);
    expect(peers[0]?.data.map(({ sequence }) => sequence)).to.deep.equal([1]);
  });
});
