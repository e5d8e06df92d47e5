import assert from "node:assert/strict";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { expect } from "chai";
import { type Connection, connect, type ServerTransport, type Session, serve, type Transport } from "crossbus";
import {
  type ConformanceRig,
  type Incoming,
  type LinkRig,
  linkConformance,
  transportConformance,
  VirtualClock,
} from "crossbus/testing";
import { afterEach, beforeEach, describe, it } from "mocha";
import { TcpServerTransport } from "../../examples/tcp-transport/tcp-server-transport.js";
import { TcpTransport } from "../../examples/tcp-transport/tcp-transport.js";
import { openSockets } from "../support/open-node.js";
import { nothingLeft } from "../transport/helpers.js";

const portOf = (address: string): number => Number(address.split(":").at(-1));

/** Both ends, of which the one that connects goes to where the other one listens. */
function bothEnds(clock?: VirtualClock): { readonly transport: Transport; readonly server: ServerTransport } {
  let port = 1;
  return {
    transport: { connect: (how) => new TcpTransport(port, clock).connect(how) },
    server: {
      async listen(accept, how) {
        const listener = await new TcpServerTransport(0, clock).listen(accept, how);
        port = portOf(listener.address);
        return listener;
      },
    },
  };
}

async function ends(): Promise<ConformanceRig> {
  const clock = new VirtualClock();
  return {
    ...bothEnds(clock),
    advance: (ms) => clock.advanceAsync(ms),
    async dispose() {
      expect(clock.pending, "timers that are left").to.equal(0);
    },
  };
}

/** Resumable links, made as an application makes them. */
async function links(): Promise<LinkRig> {
  const { transport, server } = bothEnds();
  const waiting: ((session: Session) => void)[] = [];
  const serving = await serve(server, async (session) => {
    waiting.shift()?.(session);
    await session.closed;
  });
  return {
    async connect() {
      const accepted = new Promise<Session>((resolve) => waiting.push(resolve));
      const client = await connect(transport);
      const peeked = { case: "frame", kind: "text", typeName: undefined, source: "client", target: "server" } as const;
      const asIs = (encoded: Uint8Array): Incoming => ({
        peeked,
        encoded,
        bytes: encoded.length,
        decode: () => undefined,
      });
      const sendBytes = (bytes: Uint8Array) => client.link.forward(asIs(bytes));
      return { client: client.link, server: (await accepted).link, sendBytes };
    },
    dispose: () => serving.close(),
  };
}

describe("the example of a transport over TCP", () => {
  let before: readonly string[] = [];
  beforeEach(() => {
    before = openSockets();
  });
  afterEach(() => nothingLeft(before));

  for (const { name, run } of transportConformance(ends)) {
    it(name, run).timeout(60_000);
  }

  describe("carries links that conform", () => {
    for (const { name, run } of linkConformance(links)) {
      it(name, run).timeout(60_000);
    }
  });

  it("ends with UNAVAILABLE when the network breaks, and tells what was lost", async () => {
    // The suite can't break a network: that is for whoever knows what is below.
    const accepted: Connection[] = [];
    const listener = await new TcpServerTransport(0).listen((connection) => accepted.push(connection));
    const between: Socket[] = [];
    const relay = createServer((near) => {
      const far = connectSocket(portOf(listener.address), "127.0.0.1");
      between.push(near, far);
      near.pipe(far);
      far.pipe(near);
      for (const socket of [near, far]) {
        socket.on("error", () => {});
      }
    });
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    const address = relay.address();
    assert(address !== null && typeof address === "object");
    const client = await new TcpTransport(address.port).connect();
    const told: Uint8Array[] = [];
    client.receive({ message: () => {}, undelivered: (bytes) => told.push(bytes) });
    const sent = Array.from({ length: 48 }, () => new Uint8Array(1_048_576));
    for (const bytes of sent) {
      client.send(bytes);
    }
    between.map((socket) => socket.destroy());
    expect((await client.closed).code).to.equal(14);
    expect((await accepted[0]?.closed)?.code).to.equal(14);
    expect(told).to.have.length.greaterThan(0);
    expect(told.at(-1)).to.equal(sent.at(-1));
    relay.close();
    await listener.close();
  });
});
