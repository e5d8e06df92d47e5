import { expect } from "chai";
import { ResetReason } from "../../../gen/crossbus/v1/link_pb.js";
import { Code, type StatusError, status } from "../../../src/base/status.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../../src/transport/memory.js";
import type { Transport } from "../../../src/transport/transport.js";
import { expectRejected } from "../../support/expect-status.js";
import { type End, LinkPair, type PairOptions } from "../../support/link-pair.js";
import { testPage } from "../../support/page-events.js";
import { RawPeer } from "../../support/raw-peer.js";

const lane = { maxSequence: 100n, maxBytes: 100_000n };

/** What a server says that takes a client, which has received so many of its messages. */
function welcome(resumed: boolean, received = 0n) {
  const known = { version: 1, epoch: 9n, sessionId: new Uint8Array(16), secret: new Uint8Array(32), resumed };
  const terms = { heartbeatMs: 5_000, graceMs: 30_000, maxMessageBytes: 1_000 };
  return { case: "welcome", value: { ...known, ...terms, system: lane, data: { ...lane, received } } } as const;
}

/** A client of a server whose every byte is the test's. */
async function answering(
  answer: (peer: RawPeer, count: number) => void,
  clientOptions: PairOptions["clientOptions"] = {},
  through: (memory: MemoryTransport) => Transport = (memory) => memory,
) {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  const peers: RawPeer[] = [];
  await memory.listen(
    (connection) => {
      const peer = new RawPeer(connection);
      peers.push(peer);
      queueMicrotask(() => answer(peer, peers.length));
    },
    { protocols: ["crossbus.v1"] },
  );
  const server = new MemoryTransport({ clock });
  const pair = await LinkPair.listen({ clock, client: through(memory), server, clientOptions });
  const pass = (ms = 0) => clock.advanceAsync(ms);
  const connected = async (): Promise<End> => {
    const connecting = pair.connect();
    await pass();
    return connecting;
  };
  return { peers, pair, pass, connected };
}

const reason = (end: End) => end.ended?.details.find((detail) => detail.type === "errorInfo")?.reason;

const lost = status(Code.UNAVAILABLE, "lost");

describe("a client of a resumable link", () => {
  it("[L-1] says nothing to a server that doesn't speak the subprotocol", async () => {
    const plain = (memory: MemoryTransport): Transport => ({
      connect: ({ protocols: _, ...options } = {}) => memory.connect(options),
    });
    const { pair, peers, pass } = await answering(() => {}, {}, plain);
    let error: StatusError | undefined;
    void expectRejected(Code.FAILED_PRECONDITION, pair.connect()).then((why) => {
      error = why;
    });
    await pass();
    expect(error?.message).to.include("doesn't speak crossbus.v1");
    expect(peers[0]?.controls.map((kind) => kind.case)).to.not.include("hello");
  });

  it("leaves nothing behind in the page where the first connection comes to nothing", async () => {
    using page = testPage();
    const before = page.listeners;
    const { pair } = await answering((peer) => void peer.connection.close(lost));
    await expectRejected(Code.UNAVAILABLE, pair.connect());
    await Promise.resolve();
    expect(page.listeners).to.equal(before);
  });

  it("[L-6] doesn't go on with a session that it never had", async () => {
    const { pair } = await answering((peer) => peer.control(welcome(true)));
    await expectRejected(Code.FAILED_PRECONDITION, pair.connect());
  });

  it("[L-35] gives up on connections that are lost before anything gets through", async () => {
    const { peers, pass, connected } = await answering(
      (peer, count) => {
        peer.control(welcome(count > 1));
        queueMicrotask(() => void peer.connection.close(lost));
      },
      { maxAttempts: 3 },
    );
    const end = await connected();
    await pass(60_000);
    expect(reason(end)).to.equal("gaveUp");
    expect(peers).to.have.length(4);
  });

  it("[L-28] [L-35] asks at once, and tries again at once, when its page goes on", async () => {
    using page = testPage();
    const { peers, pass, connected } = await answering((peer, count) => peer.control(welcome(count > 1)));
    const end = await connected();
    const pings = () => peers[0]?.controls.filter((kind) => kind.case === "ping").length ?? 0;
    const before = pings();
    page.online();
    await pass();
    expect(pings()).to.equal(before + 1);
    void peers[0]?.connection.close(lost);
    await pass();
    expect(peers).to.have.length(1);
    page.shown();
    await pass();
    expect(peers, "without a wait").to.have.length(2);
    expect(end.events).to.deep.equal(["suspended", "resumed"]);
    void end.link.close(status(Code.OK));
    await pass(10_000);
    expect(page.listeners ?? 0, "listeners that are left").to.equal(0);
  });

  it("[L-32] ends when the server has received what was never sent", async () => {
    const { peers, pass, connected } = await answering((peer, count) =>
      peer.control(count === 1 ? welcome(false) : welcome(true, 5n)),
    );
    const end = await connected();
    void peers[0]?.connection.close(lost);
    await pass(1_000);
    expect(reason(end)).to.equal("gap");
    expect(peers[1]?.goaway).to.include({ code: Code.UNAVAILABLE, reason: ResetReason.GAP });
  });

  it("[L-37] stays closed when it is closed at any moment after the Welcome was sent", async () => {
    for (let ticks = 0; ticks < 8; ticks++) {
      const { peers, pass, connected } = await answering((peer, count) => count === 1 && peer.control(welcome(false)));
      const end = await connected();
      void peers[0]?.connection.close(lost);
      await pass(1_000);
      peers[1]?.control(welcome(true));
      for (let i = 0; i < ticks; i++) {
        await undefined;
      }
      void end.link.close(status(Code.OK));
      await pass(10_000);
      expect(end.link.isClosed, `${ticks} ticks`).to.equal(true);
      expect(peers[1]?.closedWith, `${ticks} ticks`).to.not.equal(undefined);
    }
  });
});
