import { expect } from "chai";
import { describe, it } from "mocha";
import { Code, status } from "../../src/base/status.js";
import type { Dialect } from "../../src/codec/dialect.js";
import { connect } from "../../src/proxy/connect.js";
import { serve } from "../../src/proxy/serve.js";
import type { Session } from "../../src/proxy/session.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Transport } from "../../src/transport/transport.js";
import { expectRejected } from "../support/expect-status.js";

describe("connect", () => {
  it("gives a session with whoever listens, which lasts until somebody closes it", async () => {
    const clock = new VirtualClock();
    const transport = new MemoryTransport({ clock });
    const options = { dialect: "pipecat", clock } as const;
    await using server = await serve(transport, async (client) => void (await client.closed), options);
    const session = await connect(transport, options);
    expect(session.peer.address).to.equal("memory");
    expect([session.link.dialect, session.link.announces, session.status]).to.deep.equal(["pipecat", true, undefined]);
    const [client] = server.sessions;
    await session.close(status(Code.ABORTED, "enough"));
    expect(await client?.closed).to.include({ code: Code.ABORTED, message: "enough" });
  });

  it("gives a session that `await using` closes with OK", async () => {
    const clock = new VirtualClock();
    const transport = new MemoryTransport({ clock });
    await using server = await serve(transport, async (client) => void (await client.closed), { clock });
    let client: Session | undefined;
    {
      await using session = await connect(transport, { clock });
      [client] = server.sessions;
      expect(session.status).to.equal(undefined);
    }
    expect(await client?.closed).to.include({ code: Code.OK });
    expect(clock.pending).to.equal(0);
  });

  it("rejects with what the transport rejects with", async () => {
    await expectRejected(Code.UNAVAILABLE, connect(new MemoryTransport()));
    for (const options of [{}, { dialect: "protobuf" }] as const) {
      const transport = new MemoryTransport();
      await using _server = await serve(transport, () => {}, options);
      await expectRejected(Code.CANCELLED, connect(transport, { ...options, signal: AbortSignal.abort() }));
    }
  });

  it("leaves no session to the grace period that has begun when the attempt is given up", async () => {
    const clock = new VirtualClock();
    const transport = new MemoryTransport({ clock });
    const aborter = new AbortController();
    let client: Session | undefined;
    const begun = (session: Session) => {
      client = session;
      aborter.abort(); // the client has yet to hear of it
      return session.closed.then(() => {});
    };
    await using server = await serve(transport, begun, { clock });
    await expectRejected(Code.CANCELLED, connect(transport, { clock, signal: aborter.signal }));
    await clock.advanceAsync(0);
    expect(client?.status?.code).to.equal(Code.CANCELLED);
    expect(server.stats.sessions).to.equal(0);
    expect(clock.pending).to.equal(0);
  });

  it("refuses a credential that is too large, also one that a function gives", async () => {
    const transport = new MemoryTransport();
    await using _server = await serve(transport, () => {});
    const credential = { type: "bearer", value: new Uint8Array(8_193) };
    for (const given of [credential, async () => credential]) {
      const error = await expectRejected(Code.INVALID_ARGUMENT, connect(transport, { credential: given }));
      expect(error.message).to.include("credential.value: must be");
    }
  });

  it("refuses what a plain link can't keep, at either end", async () => {
    const transport = new MemoryTransport();
    const tries = [
      ["credential", () => connect(transport, { dialect: "pipecat", credential: () => undefined })],
      ["timeToLive", () => serve(transport, () => {}, { dialect: "pipecat", timeToLive: () => 1_000 })],
    ] as const;
    for (const [field, make] of tries) {
      const error = await expectRejected(Code.INVALID_ARGUMENT, make());
      expect(error.message).to.include(field).and.include("dialect");
    }
  });

  for (const [field, make] of [
    ["transport", () => connect(undefined as unknown as Transport)],
    ["dialect", () => connect(new MemoryTransport(), { dialect: "latin" as Dialect })],
    ["maxMessageBytes", () => connect(new MemoryTransport(), { maxMessageBytes: 0 })],
  ] as const) {
    it(`refuses a bad ${field}`, async () => {
      const error = await expectRejected(Code.INVALID_ARGUMENT, make());
      expect(error.message).to.include(`${field}: must be`);
    });
  }
});
