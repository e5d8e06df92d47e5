import { expect } from "chai";
import { ResetReason } from "../../../gen/crossbus/v1/link_pb.js";
import type { Credential } from "../../../src/auth/authenticate.js";
import { deferred } from "../../../src/base/deferred.js";
import { Code, type Status, StatusError } from "../../../src/base/status.js";
import { faulty } from "../../../src/testing/faulty.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../../src/transport/memory.js";
import type { Principal } from "../../../src/transport/transport.js";
import { expectRejected } from "../../support/expect-status.js";
import { dataMessage, type End, LinkPair, type PairOptions } from "../../support/link-pair.js";
import { RawPeer } from "../../support/raw-peer.js";

/** A credential that names a principal. */
const naming = (name: string): Credential => ({ type: "name", value: new TextEncoder().encode(name) });

/**
 * A server whose principals are what credentials say they are, for `lastsMs` from then on, and what it was asked. The application's
 * `judge` may be set to judge otherwise.
 */
async function serving(lastsMs: number, options: Partial<PairOptions> = {}) {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  const network = faulty(memory, { clock, seed: 5 });
  const asked: { readonly name: string; readonly at: number; readonly address: string }[] = [];
  const application: { judge: (name: string) => Principal | Promise<Principal> } = {
    judge: (name) => ({ name, expiresAt: clock.now() + lastsMs }),
  };
  const pair = await LinkPair.listen({
    clock,
    client: network,
    server: memory,
    credential: () => naming("amy"),
    authenticate({ credential, peer }) {
      const name = new TextDecoder().decode(credential?.value);
      asked.push({ name, at: clock.now(), address: peer.address });
      expect(peer.principal).to.equal(undefined);
      return application.judge(name);
    },
    ...options,
  });
  const raw = async () => new RawPeer(await memory.connect({ protocols: ["crossbus.v1"] }));
  return { clock, network, asked, application, pair, raw, pass: (ms = 0) => clock.advanceAsync(ms) };
}

type Serving = Awaited<ReturnType<typeof serving>>;

/** A raw client that has begun a session as Amy. */
async function begun({ raw, pass, pair }: Serving) {
  const peer = await raw();
  peer.hello({ credential: naming("amy") } as never);
  await pass();
  const renew = (name: string) => peer.control({ case: "renew", value: { credential: naming(name) } });
  const answers = () => peer.controls.flatMap((kind) => (kind.case === "renewed" ? [kind.value.expiresAfterMs] : []));
  return { peer, renew, answers, session: pair.served.at(-1) as End };
}

const reason = (from: Status | undefined) => from?.details.find((detail) => detail.type === "errorInfo")?.reason;

describe("a credential that expires", () => {
  it("[L-44] ends the session with UNAUTHENTICATED when its time is over, and is told beforehand", async () => {
    const server = await serving(10_000);
    const { peer, session } = await begun(server);
    expect(peer.welcome?.expiresAfterMs).to.equal(10_000n);
    await server.pass(9_999);
    expect(session.ended).to.equal(undefined);
    await server.pass(1);
    expect(session.ended?.code).to.equal(Code.UNAUTHENTICATED);
    expect(reason(session.ended)).to.equal("credentialExpired");
    expect(peer.goaway).to.include({
      code: Code.UNAUTHENTICATED,
      reason: ResetReason.CREDENTIAL_EXPIRED,
      resumable: false,
    });
    expect(server.clock.pending).to.equal(0);
  });

  it("[L-44] ends a session that is suspended too, and what is kept for it goes to nobody", async () => {
    const server = await serving(10_000);
    const { peer, session } = await begun(server);
    const { sessionId, secret, epoch } = peer.welcome as NonNullable<typeof peer.welcome>;
    void peer.connection.close({ code: Code.UNAVAILABLE, message: "", details: [] });
    await server.pass();
    expect(session.events).to.deep.equal(["suspended"]);
    session.link.send(dataMessage("secret"));
    await server.pass(10_000);
    expect(session.ended?.code).to.equal(Code.UNAUTHENTICATED);
    expect(session.undeliveredTexts.map(([text, why]) => [text, why.code])).to.deep.equal([
      ["secret", Code.UNAUTHENTICATED],
    ]);
    const late = await server.raw();
    late.hello({
      credential: naming("amy"),
      resume: { sessionId, secret, serverEpoch: epoch, attempt: 1 },
    } as never);
    await server.pass();
    expect(late.goaway?.reason).to.equal(ResetReason.UNKNOWN_SESSION);
    expect(server.clock.pending).to.equal(0);
  });

  it("[L-44] begins no session when it has expired before, and never expires without a time", async () => {
    const server = await serving(0);
    await expectRejected(Code.UNAUTHENTICATED, server.pair.connect());
    server.application.judge = (name) => ({ name, expiresAt: Number.NaN });
    await expectRejected(Code.INTERNAL, server.pair.connect());
    server.application.judge = (name) => ({ name });
    const { peer, session } = await begun(server);
    expect(peer.welcome?.expiresAfterMs).to.equal(0n);
    await server.pair.connect();
    await server.pass(60_000 * 60);
    // The raw client answers no ping; the other has lasted.
    expect(reason(session.ended)).to.equal("expired");
    expect(server.pair.served.at(-1)?.ended).to.equal(undefined);
    expect(server.asked.filter(({ at }) => at > 0)).to.deep.equal([]);
  });

  it("[L-44] may last for longer than the timers of the platforms do", async () => {
    const days = 60_000 * 60 * 24;
    const server = await serving(40 * days);
    const { peer } = await begun(server);
    expect(peer.welcome?.expiresAfterMs).to.equal(BigInt(40 * days));
    server.application.judge = (name) => ({ name, expiresAt: 1e300 });
    expect((await begun(server)).peer.welcome?.expiresAfterMs).to.equal(BigInt(Number.MAX_SAFE_INTEGER));
  });

  it("[L-45] is judged anew, with what came with the connection, and the session lasts for longer", async () => {
    const server = await serving(10_000);
    const { renew, answers, session } = await begun(server);
    await server.pass(4_000);
    renew("amy");
    await server.pass();
    expect(answers()).to.deep.equal([10_000n]);
    expect(server.asked.map(({ name, at }) => [name, at])).to.deep.equal([
      ["amy", 0],
      ["amy", 4_000],
    ]);
    expect(server.asked[1]?.address).to.equal(server.asked[0]?.address);
    expect(session.link.peer.principal).to.deep.equal({ name: "amy", expiresAt: 14_000 });
    await server.pass(9_999);
    expect(session.ended).to.equal(undefined);
    await server.pass(1);
    expect(reason(session.ended)).to.equal("credentialExpired");
  });

  it("[L-45] is renewed by the Hello of a resume", async () => {
    const server = await serving(8_000);
    const client = await server.pair.connect();
    await server.pass(3_000);
    server.network.inject({ type: "cut" });
    await server.pass(3_500);
    expect(client.link.stats().resumes).to.equal(1);
    const [, again] = server.asked;
    expect(again?.at).to.be.within(3_000, 3_200);
    expect(server.pair.served[0]?.link.peer.principal?.expiresAt).to.equal((again?.at ?? 0) + 8_000);
    await server.pass(60_000);
    expect([client.ended, server.pair.served[0]?.ended]).to.deep.equal([undefined, undefined]);
  });

  it("[L-46] ends the session when it is somebody else's, or is refused", async () => {
    const server = await serving(10_000);
    const other = await begun(server);
    other.renew("bob");
    await server.pass();
    expect(other.peer.goaway).to.include({
      code: Code.PERMISSION_DENIED,
      reason: ResetReason.DENIED,
      resumable: false,
    });
    expect(reason(other.session.ended)).to.equal("denied");
    const policed = await begun(server);
    server.application.judge = (name) => ({ name, policy: "more" });
    policed.renew("amy");
    await server.pass();
    expect(policed.session.ended?.code).to.equal(Code.PERMISSION_DENIED);
    server.application.judge = (name) => ({ name });
    for (const code of [Code.UNAUTHENTICATED, Code.PERMISSION_DENIED]) {
      server.application.judge = (name) => ({ name });
      const refused = await begun(server);
      server.application.judge = () => {
        throw new StatusError(code, "not any more");
      };
      refused.renew("amy");
      await server.pass();
      expect(refused.peer.goaway).to.include({ code, message: "not any more", reason: ResetReason.DENIED });
      expect(refused.session.ended?.code).to.equal(code);
    }
    expect(server.clock.pending).to.equal(0);
  });

  it("[L-46] holds on for the time that is left when nobody can tell at the moment", async () => {
    const server = await serving(10_000);
    const { renew, answers, session } = await begun(server);
    server.application.judge = () => Promise.reject(new Error("the directory is down"));
    await server.pass(4_000);
    renew("amy");
    await server.pass();
    expect(answers()).to.deep.equal([6_000n]);
    await server.pass(5_999);
    expect(session.ended).to.equal(undefined);
    await server.pass(1);
    expect(reason(session.ended)).to.equal("credentialExpired");
  });

  it("[L-46] is judged for the connection that it came over, and not for the next", async () => {
    const server = await serving(10_000);
    const { peer, renew, session } = await begun(server);
    const { sessionId, secret, epoch } = peer.welcome as NonNullable<typeof peer.welcome>;
    const verdict = deferred<Principal>();
    server.application.judge = () => verdict.promise;
    renew("bob");
    await server.pass();
    server.application.judge = (name) => ({ name, expiresAt: 20_000 });
    const next = await server.raw();
    next.hello({ credential: naming("amy"), resume: { sessionId, secret, serverEpoch: epoch, attempt: 1 } } as never);
    await server.pass();
    verdict.resolve({ name: "bob" });
    await server.pass();
    expect(session.ended).to.equal(undefined);
    expect(session.link.peer.principal).to.deep.equal({ name: "amy", expiresAt: 20_000 });
    expect(next.controls.some((kind) => kind.case === "renewed")).to.equal(false);
    await server.pair.server.close({ code: Code.UNAVAILABLE, message: "", details: [] });
  });

  it("[L-46] that is judged when the session is over changes nothing any more", async () => {
    const server = await serving(10_000);
    const { renew, session } = await begun(server);
    const verdict = deferred<Principal>();
    server.application.judge = () => verdict.promise;
    renew("amy");
    await server.pass(10_000);
    expect(reason(session.ended)).to.equal("credentialExpired");
    verdict.resolve({ name: "amy", expiresAt: 90_000 });
    await server.pass();
    expect(server.clock.pending).to.equal(0);
  });

  it("[L-47] is renewed once at a time, by the client alone", async () => {
    const server = await serving(10_000);
    const { peer, renew } = await begun(server);
    server.application.judge = () => new Promise(() => {});
    renew("amy");
    renew("amy");
    await server.pass();
    expect(peer.goaway).to.include({ code: Code.FAILED_PRECONDITION, reason: ResetReason.PROTOCOL });
    server.application.judge = (name) => ({ name });
    const wrong = await begun(server);
    wrong.peer.control({ case: "renewed", value: { expiresAfterMs: 1n } });
    await server.pass();
    expect(wrong.peer.goaway).to.include({ code: Code.FAILED_PRECONDITION, reason: ResetReason.PROTOCOL });
    const again = await begun(server);
    for (const _ of [1, 2, 3]) {
      again.renew("amy");
      await server.pass();
    }
    expect(again.answers()).to.deep.equal([0n, 0n, 0n]);
  });

  it("[L-47] is nothing that a server sends, or answers unasked", async () => {
    const kinds: readonly Parameters<RawPeer["control"]>[0][] = [
      { case: "renew", value: {} },
      { case: "renewed", value: { expiresAfterMs: 1_000n } },
    ];
    for (const kind of kinds) {
      const { client, peer, clock } = await answered(60_000);
      peer.control(kind);
      await clock.advanceAsync(0);
      expect(client.ended?.code).to.equal(Code.FAILED_PRECONDITION);
      expect(peer.goaway?.reason).to.equal(ResetReason.PROTOCOL);
      await clock.advanceAsync(10_000);
      expect(clock.pending).to.equal(0);
    }
  });

  for (const [lastsMs, at] of [
    [600_000, [540_000, 1_080_000]],
    [80_000, [40_000, 80_000]],
    [1_500, [1_000, 2_000]],
  ] as const) {
    it(`[L-48] is renewed by the client in time, for one of ${lastsMs} ms`, async () => {
      const server = await serving(lastsMs);
      const client = await server.pair.connect();
      await server.pass(at[1]);
      expect(server.asked.map((each) => each.at)).to.deep.equal([0, ...at]);
      expect([client.ended, server.pair.served[0]?.ended]).to.deep.equal([undefined, undefined]);
      expect(client.events).to.deep.equal([]);
    });
  }

  it("[L-48] is tried again after half of what is left, for as long as there is none, and the session ends then", async () => {
    const failures: string[] = [];
    let credential: () => Credential = () => naming("amy");
    const server = await serving(80_000, {
      credential: () => credential(),
      renewalFailed: ({ code, message }) => failures.push(`${Code[code]} ${message} at ${server.clock.now()}`),
    });
    const client = await server.pair.connect();
    credential = () => {
      throw new Error("offline");
    };
    await server.pass(74_999);
    expect(failures).to.deep.equal([40_000, 60_000, 70_000].map((at) => `UNKNOWN offline at ${at}`));
    credential = () => naming("amy");
    await server.pass(1);
    expect(server.asked.map(({ at }) => at)).to.deep.equal([0, 75_000]);
    credential = () => {
      throw new Error("offline");
    };
    await server.pass(80_000);
    expect(client.ended?.code).to.equal(Code.UNAUTHENTICATED);
    expect(reason(client.ended)).to.equal("credentialExpired");
    await server.pass(10_000);
    expect(server.clock.pending).to.equal(0);
  });

  it("[L-48] isn't renewed over a connection that was lost meanwhile", async () => {
    const given: ReturnType<typeof deferred<Credential>>[] = [];
    const server = await serving(80_000, {
      credential: () => {
        given.push(deferred<Credential>());
        return (given.at(-1) as (typeof given)[number]).promise;
      },
    });
    const connecting = server.pair.connect();
    given[0]?.resolve(naming("amy"));
    const client = await connecting;
    await server.pass(40_000);
    expect(given).to.have.length(2);
    server.network.inject({ type: "cut" });
    await server.pass(1_000);
    given[2]?.resolve(naming("amy"));
    await server.pass();
    expect(client.link.stats().resumes).to.equal(1);
    given[1]?.resolve(naming("bob"));
    await server.pass();
    expect(server.asked.map(({ name }) => name)).to.deep.equal(["amy", "amy"]);
    expect(client.ended).to.equal(undefined);
  });
});

/** A client of a server whose every frame is the test's. */
async function answered(expiresAfterMs: number) {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  const peers: RawPeer[] = [];
  const lane = { maxSequence: 100n, maxBytes: 100_000n };
  await memory.listen(
    (connection) => {
      const peer = new RawPeer(connection);
      peers.push(peer);
      const value = {
        version: 1,
        epoch: 9n,
        sessionId: new Uint8Array(16),
        secret: new Uint8Array(32),
        heartbeatMs: 5_000,
        graceMs: 30_000,
        maxMessageBytes: 1_000,
        system: lane,
        data: lane,
        expiresAfterMs: BigInt(expiresAfterMs),
      };
      queueMicrotask(() => peer.control({ case: "welcome", value }));
    },
    { protocols: ["crossbus.v1"] },
  );
  const pair = await LinkPair.listen({ clock, client: memory, server: new MemoryTransport({ clock }) });
  const client = await pair.connect();
  return { clock, client, peer: peers[0] as RawPeer };
}
