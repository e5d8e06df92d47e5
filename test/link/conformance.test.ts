import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { deferred } from "../../src/base/deferred.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { PlainLink } from "../../src/link/plain-link.js";
import { faulty } from "../../src/testing/faulty.js";
import { type LinkRig, linkConformance } from "../../src/testing/link-conformance.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Connection, Listener, ServerTransport, Transport } from "../../src/transport/transport.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import { WebSocketServerTransport } from "../../src/transport/websocket-server-node.js";
import { nothingLeft, openSockets } from "../transport/helpers.js";

/** Plain links over a transport, of which `client` tells how to connect to a listener. */
async function plain(
  clock: VirtualClock,
  server: ServerTransport,
  client: (listener: Listener) => Transport,
): Promise<LinkRig> {
  let accepted = deferred<Connection>();
  const listener = await server.listen((connection) => accepted.resolve(connection));
  const transport = client(listener);
  return {
    async connect() {
      accepted = deferred();
      const near = await transport.connect();
      const [atClient, atServer] = [near, await accepted.promise].map(
        (connection) => new PlainLink(connection, protobufCodec, { announces: true, clock }),
      ) as [PlainLink, PlainLink];
      return { client: atClient, server: atServer, sendBytes: (bytes) => near.send(bytes) };
    },
    advance: (ms) => clock.advanceAsync(ms),
    async dispose() {
      await listener.close();
      expect(clock.pending, "timers that are left").to.equal(0);
    },
  };
}

async function overMemory(): Promise<LinkRig> {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  return plain(clock, memory, () => memory);
}

async function overFaultyMemory(): Promise<LinkRig> {
  const clock = new VirtualClock();
  const memory = faulty(new MemoryTransport({ clock }), { clock });
  return plain(clock, memory, () => memory);
}

async function overWebSocket(): Promise<LinkRig> {
  const clock = new VirtualClock();
  const server = new WebSocketServerTransport({ port: 0, clock });
  return plain(clock, server, ({ address }) => new WebSocketTransport({ url: address, clock }));
}

for (const [name, setup] of [
  ["a plain link over memory", overMemory],
  ["a plain link over memory, wrapped for faults,", overFaultyMemory],
  ["a plain link over WebSocket", overWebSocket],
] as const) {
  describe(`${name} conforms`, () => {
    let before: readonly string[] = [];
    beforeEach(() => {
      before = openSockets();
    });
    afterEach(() => nothingLeft(before));

    for (const { name: behaviour, run } of linkConformance(setup)) {
      it(behaviour, run);
    }
  });
}
