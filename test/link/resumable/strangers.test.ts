import { expect } from "chai";
import { ResetReason } from "../../../gen/crossbus/v1/link_pb.js";
import { checkCredential } from "../../../src/auth/authenticate.js";
import { deferred } from "../../../src/base/deferred.js";
import { Code, status } from "../../../src/base/status.js";
import { resetStatus } from "../../../src/link/resumable/reset.js";
import { defaultLimits } from "../../../src/proxy/limits/server-limits.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../../src/transport/memory.js";
import type { Principal } from "../../../src/transport/transport.js";
import { expectThrown } from "../../support/expect-status.js";
import { LinkPair, type PairOptions } from "../../support/link-pair.js";
import { RawPeer } from "../../support/raw-peer.js";

async function serving(options: Partial<PairOptions> = {}) {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  const pair = await LinkPair.listen({ clock, client: memory, server: memory, ...options });
  const raw = async () => new RawPeer(await memory.connect({ protocols: ["crossbus.v1"] }));
  const many = () => Promise.all(Array.from({ length: defaultLimits.maxPending }, raw));
  return { pair, raw, many, pass: (ms = 0) => clock.advanceAsync(ms) };
}

describe("a server of resumable links", () => {
  it("[L-10] has room again for whoever comes after a thousand that it refused", async () => {
    const { raw, many, pass } = await serving();
    for (const peer of await many()) {
      peer.send(0x33);
    }
    await pass();
    const next = await raw();
    next.hello();
    await pass();
    expect(next.welcome?.version).to.equal(1);
  });

  it("[L-10] has room again after a thousand that its hook never judged", async () => {
    const { raw, many, pass } = await serving({ authenticate: () => new Promise(() => {}) });
    const peers = await many();
    for (const peer of peers) {
      peer.hello();
    }
    await pass(10_000);
    expect(new Set(peers.map(({ closedWith }) => closedWith?.code))).to.deep.equal(new Set([Code.DEADLINE_EXCEEDED]));
    const next = await raw();
    await pass();
    expect(next.closedWith).to.equal(undefined);
  });

  it("[L-9] begins no session with a client that has left while the hook judged it", async () => {
    const judged = deferred<Principal>();
    const { pair, raw, pass } = await serving({ authenticate: () => judged.promise });
    const peer = await raw();
    peer.hello();
    await pass();
    void peer.connection.close(status(Code.OK));
    await pass();
    judged.resolve({ name: "amy" });
    await pass();
    expect(pair.served).to.deep.equal([]);
  });

  it("lets those go whose handshake isn't done when it closes, and begins no session any more", async () => {
    const { pair, raw, pass } = await serving();
    const silent = await raw();
    await pass();
    pair.server.close(resetStatus("shutdown", "the server is shutting down"));
    await pass();
    expect(silent.closedWith?.code).to.equal(Code.UNAVAILABLE);
    const late = await raw();
    late.hello();
    await pass();
    expect(late.goaway).to.include({ code: Code.UNAVAILABLE, reason: ResetReason.SHUTDOWN });
    expect(pair.served).to.deep.equal([]);
  });

  it("refuses a Hello that can't be true", async () => {
    const { pair, raw, pass } = await serving();
    const lane = { maxSequence: 1_000n, maxBytes: 1_000_000n };
    for (const [fields, code] of [
      [{ data: { ...lane, received: 1n } }, Code.UNAVAILABLE],
      [{ data: { ...lane, maxBytes: 2n ** 60n } }, Code.INVALID_ARGUMENT],
      [{ maxMessageBytes: 0 }, Code.INVALID_ARGUMENT],
    ] as const) {
      const peer = await raw();
      peer.hello(fields as never);
      await pass();
      expect(peer.goaway?.code).to.equal(code);
    }
    expect(pair.served).to.deep.equal([]);
  });
});

describe("a credential", () => {
  it("[L-9] has 8 192 bytes at most, and an error shows none of them", () => {
    const credential = (bytes: number) => ({ type: "bearer", value: new Uint8Array(bytes).fill(77) });
    expect(checkCredential(credential(8_192))?.value).to.have.length(8_192);
    // What else the object has is no business of the server's, and no field of a message.
    expect(checkCredential({ ...credential(1), ...{ note: "mine" } })).to.have.all.keys("type", "value");
    const error = expectThrown(Code.INVALID_ARGUMENT, () => checkCredential(credential(8_193)));
    expect(error.message).to.not.include("77");
  });
});
