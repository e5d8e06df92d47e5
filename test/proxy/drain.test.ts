import { expect } from "chai";
import { describe, it } from "mocha";
import { ResetReason } from "../../gen/crossbus/v1/link_pb.js";
import { deferred } from "../../src/base/deferred.js";
import { Code, retryAfterMs, type Status } from "../../src/base/status.js";
import { connect } from "../../src/proxy/connect.js";
import { type SessionHandler, serve } from "../../src/proxy/serve.js";
import type { Session } from "../../src/proxy/session.js";
import { faulty } from "../../src/testing/faulty.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import { resumableWires, useBridge } from "../support/bridge-fixture.js";
import { expectRejected } from "../support/expect-status.js";
import { idle, until } from "../support/idle.js";
import { dataMessage } from "../support/link-pair.js";
import { RawPeer } from "../support/raw-peer.js";

/** Takes what arrives on the link of a session, and returns the texts that did, and what wasn't delivered. */
function consume({ link }: Session) {
  const texts: string[] = [];
  const undelivered: Status[] = [];
  link.receive({
    pythonTypes: new Set(),
    message(incoming) {
      const body = incoming.decode()?.body;
      texts.push(body?.case === "ttsSpeak" ? body.value.text : "");
    },
    invalid() {},
    undelivered: (_, why) => void undelivered.push(why),
  });
  return { texts, undelivered };
}

async function serving(handler: SessionHandler = async (session) => void (await session.closed)) {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  const network = faulty(memory, { clock, seed: 3 });
  const server = await serve(memory, handler, { clock });
  const session = await connect(network, { clock });
  await clock.advanceAsync(0);
  const [served] = server.sessions;
  return { clock, memory, network, server, session, served: served as Session };
}

/** Whether a promise has resolved. */
function resolution(promise: Promise<unknown>): { isDone: boolean } {
  const seen = { isDone: false };
  void promise.then(() => {
    seen.isDone = true;
  });
  return seen;
}

describe("a server that drains", () => {
  it("sends what is queued, says when to come back, and takes nobody else", async () => {
    const { clock, memory, server, session, served } = await serving();
    const got = consume(session);
    const told = consume(served);
    for (let i = 0; i < 100; i++) {
      served.link.send(dataMessage(`${i}${"x".repeat(20_000)}`));
    }
    const drained = server.drain({ retryAfterMs: 4_000 });
    await expectRejected(Code.UNAVAILABLE, connect(memory, { clock }));
    await clock.advanceAsync(100);
    await drained;
    expect(got.texts).to.have.length(100);
    expect(told.undelivered).to.deep.equal([]);
    for (const why of [await session.closed, await served.closed]) {
      expect(why).to.include({ code: Code.UNAVAILABLE, message: "the server is shutting down" });
      expect(retryAfterMs(why)).to.equal(4_000);
      expect(why.details).to.deep.include({ type: "errorInfo", reason: "shutdown" });
    }
    await server.close();
    expect(clock.pending).to.equal(0);
  });

  it("says in its goodbye that there will be no session to come back to", async () => {
    const { clock, memory, server } = await serving();
    const raw = new RawPeer(await memory.connect({ protocols: ["crossbus.v1"] }));
    raw.hello();
    await clock.advanceAsync(0);
    const drained = server.drain({ retryAfterMs: 250 });
    await clock.advanceAsync(3_000);
    await drained;
    expect(raw.goaway).to.include({
      code: Code.UNAVAILABLE,
      resumable: false,
      reason: ResetReason.SHUTDOWN,
      retryAfterMs: 250,
    });
    await server.close();
  });

  it("waits 3 s for a client that takes nothing, and tells what is left", async () => {
    const { clock, network, server, session, served } = await serving();
    const { undelivered } = consume(served);
    network.inject({ type: "halfOpen" });
    served.link.send(dataMessage("x"));
    const seen = resolution(server.drain());
    await clock.advanceAsync(2_999);
    expect([seen.isDone, undelivered.length]).to.deep.equal([false, 0]);
    await clock.advanceAsync(1);
    expect(seen.isDone).to.equal(true);
    expect(undelivered.map(({ code }) => code)).to.deep.equal([Code.UNAVAILABLE]);
    await Promise.all([session.close(), clock.advanceAsync(60_000), server.close()]);
  });

  it("doesn't wait for a client that is away, whose session it can't keep", async () => {
    const { clock, network, server, session, served } = await serving();
    const { undelivered } = consume(served);
    network.inject({ type: "cut" });
    network.inject({ type: "refuse" });
    await clock.advanceAsync(1);
    served.link.send(dataMessage("x"));
    const drained = server.drain();
    await clock.advanceAsync(0);
    await drained;
    expect(undelivered.map(({ code }) => code)).to.deep.equal([Code.UNAVAILABLE]);
    await Promise.all([session.close(), server.close()]);
  });

  it("leaves the wait for handlers to close()", async () => {
    const release = deferred();
    const { clock, server, session } = await serving(() => release.promise);
    const drained = [server.drain(), server.drain({ retryAfterMs: 1 })];
    await clock.advanceAsync(0);
    await Promise.all(drained);
    expect(retryAfterMs(await session.closed)).to.equal(0);
    expect((await session.closed).code).to.equal(Code.UNAVAILABLE);
    const closing = server.close();
    const seen = resolution(closing);
    await clock.advanceAsync(9_000);
    expect(seen.isDone).to.equal(false);
    release.resolve();
    await closing;
    expect(clock.pending).to.equal(0);
  });

  for (const bad of [-1, Number.NaN, "1" as unknown as number]) {
    it(`refuses ${bad} for retryAfterMs, and serves on`, async () => {
      const { server, session } = await serving();
      const error = await expectRejected(Code.INVALID_ARGUMENT, server.drain({ retryAfterMs: bad }));
      expect(error.message).to.include("retryAfterMs").and.to.include(`${bad}`);
      expect(session.status).to.equal(undefined);
      await session.close();
      await server.close();
    });
  }
});

for (const { name, make } of resumableWires) {
  describe(`a server that drains over ${name}`, () => {
    const bridge = useBridge(make);

    it("has clients come back to the next server, no earlier than it said, and not all at once", async () => {
      const fixture = bridge();
      const first = await fixture.serveAssistants();
      const [client] = await fixture.connect();
      await first.drain({ retryAfterMs: 60_000 });
      await until(() => client.events.at(-1)?.[0] === "disconnected");
      await first.close();
      await fixture.serveAssistants();
      // And then half of the first wait at least, or all of it, as chance has it.
      await fixture.clock.advanceAsync(60_249);
      await idle();
      expect(fixture.clientConnections).to.have.length(1);
      fixture.clock.advance(251);
      await until(() => fixture.served.length === 2 && client.runner.registry.has("assistant"));
    });
  });
}
