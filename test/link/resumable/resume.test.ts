import { expect } from "chai";
import { ResetReason } from "../../../gen/crossbus/v1/link_pb.js";
import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import { Code, status } from "../../../src/base/status.js";
import type { Peeked } from "../../../src/codec/codec.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import type { Incoming } from "../../../src/link/link.js";
import { isSecret } from "../../../src/link/resumable/secret.js";
import { faulty } from "../../../src/testing/faulty.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../../src/transport/memory.js";
import type { Transport } from "../../../src/transport/transport.js";
import {
  audioMessage,
  dataMessage,
  type End,
  LinkPair,
  type PairOptions,
  systemMessage,
} from "../../support/link-pair.js";
import { RawPeer } from "../../support/raw-peer.js";

async function linked(options: Partial<PairOptions> = {}) {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  const network = faulty(memory, { clock, seed: 5 });
  const pair = await LinkPair.listen({ clock, client: network, server: memory, ...options });
  const client = await pair.connect();
  await clock.advanceAsync(0);
  const server = pair.served[0] as End;
  const raw = async () => new RawPeer(await memory.connect({ protocols: ["crossbus.v1"] }));
  return { clock, memory, network, pair, client, server, raw, pass: (ms = 0) => clock.advanceAsync(ms) };
}

const reason = (end: End) => end.ended?.details.find((detail) => detail.type === "errorInfo")?.reason;

/** A raw client that has begun a session. */
async function begun(options: Partial<PairOptions> = {}) {
  const all = await linked(options);
  const first = await all.raw();
  first.hello();
  await all.pass();
  const { sessionId, secret, epoch } = first.welcome as NonNullable<typeof first.welcome>;
  const resume = { sessionId, secret, serverEpoch: epoch };
  let attempt = 0;
  const again = async (with_: object = {}, fields: object = {}) => {
    const peer = await all.raw();
    attempt++;
    peer.hello({ ...fields, resume: { ...resume, attempt, ...with_ } } as never);
    await all.pass();
    return peer;
  };
  return { ...all, first, resume, again, session: all.pair.served[1] as End };
}

describe("a link that loses its connection", () => {
  it("[L-34] resumes any number of times, idle or not, and neither end loses anything", async () => {
    const { network, client, server, pass } = await linked();
    for (let round = 0; round < 12; round++) {
      network.inject({ type: "cut" });
      if (round % 3 > 0) {
        client.link.send(dataMessage(`c${round}`));
        server.link.send(systemMessage(`s${round}`));
      }
      await pass(10_000);
    }
    const rounds = [1, 2, 4, 5, 7, 8, 10, 11];
    expect(server.arrived).to.deep.equal(rounds.map((round) => `c${round}`));
    expect(client.arrived).to.deep.equal(rounds.map((round) => `s${round}`));
    expect(client.link.stats()).to.include({ resumes: 12, state: "open", unacknowledged: 0 });
    expect(client.events.slice(0, 4)).to.deep.equal(["suspended", "resumed", "suspended", "resumed"]);
    expect(server.events).to.have.length(24);
  });

  it("[L-34] is over after the grace period, at both ends, and all that was kept is told", async () => {
    const { network, client, server, pass, clock } = await linked();
    network.inject({ type: "cut" });
    network.inject({ type: "refuse" });
    client.link.send(dataMessage("lost"));
    server.link.send(dataMessage("lost too"));
    await pass(29_999);
    expect([client.ended, server.ended]).to.deep.equal([undefined, undefined]);
    await pass(2);
    expect([reason(client), reason(server)]).to.deep.equal(["expired", "expired"]);
    expect([client, server].map((end) => end.undeliveredTexts.map(([text, why]) => [text, why.code]))).to.deep.equal([
      [["lost", Code.UNAVAILABLE]],
      [["lost too", Code.UNAVAILABLE]],
    ]);
    expect(clock.pending).to.equal(0);
  });

  it("[L-34] has all the time there is once it has resumed", async () => {
    const { network, client, server, pass } = await linked();
    network.inject({ type: "cut" });
    await pass(40_000);
    expect([client.ended, server.ended]).to.deep.equal([undefined, undefined]);
    expect(client.link.stats().resumes).to.equal(1);
  });

  it("[L-30] shows a secret that is new each time, and the one before counts until the first ack", async () => {
    const { again, resume, first } = await begun();
    expect(resume.secret).to.have.length(32);
    const second = await again();
    expect(second.welcome?.resumed).to.equal(true);
    expect(second.welcome?.secret).to.not.deep.equal(resume.secret);
    expect(first.closedWith?.code).to.equal(Code.ABORTED);
    // It never got the answer: what it knows still counts.
    const third = await again();
    expect(third.welcome?.resumed).to.equal(true);
    third.send(0x01, 0, ...[0xe8, 0x07, 0xc0, 0x84, 0x3d], 0, ...[0xe8, 0x07, 0xc0, 0x84, 0x3d]);
    const fourth = await again();
    expect(fourth.goaway).to.include({ code: Code.PERMISSION_DENIED, reason: ResetReason.DENIED, resumable: false });
    expect(third.closedWith).to.equal(undefined);
    const fifth = await again({ secret: third.welcome?.secret });
    expect(fifth.welcome?.resumed).to.equal(true);
  });

  it("[L-30] outlives any number of Welcomes that get lost in a row", async () => {
    const { again } = await begun();
    for (let i = 0; i < 4; i++) {
      expect((await again()).welcome?.resumed).to.equal(true);
    }
  });

  it("[L-30] compares secrets in full", () => {
    const secret = new Uint8Array(32).fill(7);
    expect(isSecret(secret, secret.slice())).to.equal(true);
    for (let i = 0; i < 32; i++) {
      const other = secret.slice();
      other[i] = 8;
      expect(isSecret(secret, other)).to.equal(false);
    }
    for (const other of [new Uint8Array(0), secret.slice(1), new Uint8Array([...secret, 7])]) {
      expect(isSecret(secret, other)).to.equal(false);
    }
    expect(isSecret(undefined, secret)).to.equal(false);
  });

  it("[L-31] is nobody else's: another secret, principal or policy is denied, and harms nothing", async () => {
    let principal = { name: "amy", policy: "p1" };
    const { again, session, first } = await begun({ authenticate: () => principal });
    const tries: (() => Promise<RawPeer>)[] = [
      () => again({ secret: new Uint8Array(32) }),
      () => again({}, { epoch: 8n }),
      () => {
        principal = { name: "ben", policy: "p1" };
        return again();
      },
      () => {
        principal = { name: "amy", policy: "p2" };
        return again();
      },
    ];
    for (const attempt of tries) {
      const peer = await attempt();
      expect(peer.goaway).to.include({ code: Code.PERMISSION_DENIED, reason: ResetReason.DENIED });
    }
    expect([session.ended, first.closedWith]).to.deep.equal([undefined, undefined]);
  });

  it("[L-32] is reset with the reason when the server is another, or has forgotten it, or the cursors don't fit", async () => {
    const { again, session } = await begun();
    expect((await again({ serverEpoch: 1n })).goaway).to.include({
      code: Code.UNAVAILABLE,
      reason: ResetReason.RESTARTED,
    });
    const unknown = await again({ sessionId: new Uint8Array(16) });
    expect(unknown.goaway).to.include({ code: Code.UNAVAILABLE, reason: ResetReason.UNKNOWN_SESSION });
    const odd = await again(
      {},
      { data: { received: 5n, acknowledged: 5n, maxSequence: 1_000n, maxBytes: 1_000_000n } },
    );
    expect(odd.goaway).to.include({ code: Code.UNAVAILABLE, reason: ResetReason.GAP });
    expect(reason(session)).to.equal("gap");
  });

  it("[L-32] starts anew after the server was restarted unnoticed, and says so", async () => {
    const { client, pair, network, pass } = await linked();
    client.link.send(dataMessage("before"));
    await pass(50);
    const { server: old } = pair;
    await pair.stop();
    await pair.start();
    expect(pair.server).to.not.equal(old);
    network.inject({ type: "cut" });
    client.link.send(dataMessage("after"));
    await pass(5_000);
    expect(reason(client)).to.equal("restarted");
    expect(client.undeliveredTexts.map(([text]) => text)).to.deep.equal(["after"]);
    const next = await pair.connect();
    next.link.send(dataMessage("new"));
    await pass(50);
    expect(pair.served.at(-1)?.arrived).to.deep.equal(["new"]);
  });

  it("[L-33] fences the connection before: what still comes over it counts nothing", async () => {
    const { again, first, session, pass } = await begun();
    // It has not heard of it yet.
    first.connection.pause();
    const second = await again();
    first.send(0x83, 1, 0xff);
    await pass();
    expect(session.ended).to.equal(undefined);
    first.connection.resume();
    await pass();
    expect(first.closedWith?.code).to.equal(Code.ABORTED);
    expect(second.closedWith).to.equal(undefined);
  });

  it("[L-43] isn't undone by an attempt that was given up, or that somebody plays back", async () => {
    const { again, session } = await begun();
    const late = { attempt: 1 };
    const second = await again({ attempt: 2 });
    const third = await again(late);
    const fourth = await again({ attempt: 2 });
    for (const stale of [third, fourth]) {
      expect(stale.goaway).to.include({ code: Code.ABORTED, resumable: false });
    }
    expect(second.closedWith).to.equal(undefined);
    expect(session.ended).to.equal(undefined);
    expect((await again({ attempt: 3 })).welcome?.resumed).to.equal(true);
  });

  it("[L-33] stays closed when it is closed while it is fenced", async () => {
    const { again, session } = await begun();
    session.suspended = () => void session.link.close(status(Code.OK));
    expect((await again()).goaway?.reason).to.equal(ResetReason.UNKNOWN_SESSION);
    expect(session.link.isClosed).to.equal(true);
  });

  it("[L-33] ends at a client whose session another connection has taken", async () => {
    const { client, server, pass } = await linked();
    server.link.drop(status(Code.ABORTED, "another connection has resumed the session"), false);
    await pass();
    expect(client.ended?.code).to.equal(Code.ABORTED);
  });

  it("[L-35] is made again ever more slowly, and given up after maxAttempts", async () => {
    const { client, network, pass } = await linked({ clientOptions: { maxAttempts: 3 } });
    network.inject({ type: "refuse" });
    network.inject({ type: "cut" });
    await pass(20_000);
    expect(network.log.filter(({ type }) => type === "refuse")).to.have.length(3);
    expect(reason(client)).to.equal("gaveUp");
  });

  for (const afterSent of [1, 2, 3]) {
    it(`[L-35] is made by one attempt at a time, though it is lost at once again (frame ${afterSent})`, async () => {
      const clock = new VirtualClock();
      const memory = new MemoryTransport({ clock });
      let [connecting, most, attempts] = [0, 0, 0];
      const network = faulty(memory, { clock, seed: 5, script: [{ type: "cut", connection: 1, afterSent }] });
      const counting: Transport = {
        async connect(given) {
          attempts++;
          most = Math.max(most, ++connecting);
          try {
            return await network.connect(given);
          } finally {
            connecting--;
          }
        },
      };
      const pair = await LinkPair.listen({ clock, client: counting, server: memory });
      const client = await pair.connect();
      await clock.advanceAsync(0);
      network.inject({ type: "cut" });
      await clock.advanceAsync(20_000);
      expect({ most, attempts }).to.deep.equal({ most: 1, attempts: 3 });
      expect(client.ended).to.equal(undefined);
      expect(client.link.stats().state).to.equal("open");
    });
  }

  it("[L-35] has all its attempts again whenever a message has got through", async () => {
    const { client, server, network, pass } = await linked({ clientOptions: { maxAttempts: 2 } });
    for (let round = 1; round <= 6; round++) {
      network.inject({ type: "cut" });
      client.link.send(dataMessage(String(round)));
      await pass(10_000);
    }
    expect(server.arrived).to.deep.equal(["1", "2", "3", "4", "5", "6"]);
    expect(client.link.stats()).to.include({ resumes: 6, state: "open" });
  });

  it("[L-35] isn't made again when the code says that it is no use", async () => {
    const { client, network, pass } = await linked();
    network.inject({ type: "refuse", code: Code.PERMISSION_DENIED });
    network.inject({ type: "cut" });
    await pass(20_000);
    expect(network.log.filter(({ type }) => type === "refuse")).to.have.length(1);
    expect(client.ended?.code).to.equal(Code.PERMISSION_DENIED);
  });

  it("[L-19] leaves out audio that is too old by then, and both ends count it", async () => {
    const { client, server, network, pass } = await linked();
    network.inject({ type: "refuse" });
    network.inject({ type: "cut" });
    client.link.send(audioMessage("stale 1"));
    client.link.send(dataMessage("text"));
    client.link.send(audioMessage("stale 2"));
    await pass(10_000);
    client.link.send(audioMessage("fresh"));
    network.heal();
    await pass(6_000);
    expect(server.arrived).to.deep.equal(["text", "fresh"]);
    expect(client.undeliveredTexts.map(([text, why]) => [text, why.code])).to.deep.equal([
      ["stale 1", Code.DEADLINE_EXCEEDED],
      ["stale 2", Code.DEADLINE_EXCEEDED],
    ]);
    expect([client.link.stats().expiredOut, server.link.stats().expiredIn]).to.deep.equal([2, 2]);
  });

  it("[L-19] goes by the application's rule for what it hands on, too", async () => {
    const timeToLive = ({ body }: BusMessage) =>
      body.case === "ttsSpeak" && body.value.text === "stale" ? 1_000 : undefined;
    for (const [clientOptions, expired, arrived] of [
      [{ timeToLive }, ["stale"], ["fresh", "audio"]],
      [{}, ["audio"], ["stale", "fresh"]],
    ] as const) {
      const { client, server, network, pass } = await linked({ clientOptions });
      network.inject({ type: "refuse" });
      network.inject({ type: "cut" });
      for (const message of [dataMessage("stale"), dataMessage("fresh"), audioMessage("audio")]) {
        const encoded = protobufCodec.encode(message);
        const peeked = protobufCodec.peek(encoded) as Peeked;
        client.link.forward({ peeked, encoded, bytes: encoded.length, decode: () => message });
      }
      await pass(10_000);
      network.heal();
      await pass(6_000);
      expect(server.arrived).to.deep.equal(arrived);
      expect(client.undeliveredTexts.map(([text, why]) => [text, why.code])).to.deep.equal(
        expired.map((text) => [text, Code.DEADLINE_EXCEEDED]),
      );
    }
  });

  it("[L-19] leaves out audio that it relays, too", async () => {
    const { client, server, network, pass } = await linked();
    const relayed: Incoming[] = [];
    server.message = (incoming) => void relayed.push(incoming as Incoming);
    client.link.send(audioMessage("stale"));
    await pass(50);
    network.inject({ type: "refuse" });
    network.inject({ type: "cut" });
    client.link.forward(relayed[0] as Incoming);
    await pass(10_000);
    network.heal();
    await pass(6_000);
    expect(relayed).to.have.length(1);
    expect(client.undeliveredTexts.map(([text, why]) => [text, why.code])).to.deep.equal([
      ["stale", Code.DEADLINE_EXCEEDED],
    ]);
  });

  it("[L-28] notices a connection that is silent, and resumes over another", async () => {
    const { client, server, network, pass } = await linked();
    network.inject({ type: "halfOpen" });
    client.link.send(dataMessage("through"));
    await pass(15_000);
    expect(server.arrived).to.deep.equal(["through"]);
    expect(client.link.stats()).to.include({ resumes: 1, state: "open" });
  });

  it("[L-36] tells what isn't acknowledged when it is closed without a connection", async () => {
    const { client, network, pass } = await linked();
    network.inject({ type: "cut" });
    client.link.send(dataMessage("one"));
    await client.link.close(status(Code.OK));
    expect(client.undeliveredTexts.map(([text, why]) => [text, why.code])).to.deep.equal([["one", Code.CANCELLED]]);
    await pass(30_000);
  });
});
