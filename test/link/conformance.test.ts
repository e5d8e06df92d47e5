import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { type Clock, systemClock } from "../../src/base/clock.js";
import { deferred } from "../../src/base/deferred.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import type { Incoming, Link } from "../../src/link/link.js";
import { PlainLink } from "../../src/link/plain-link.js";
import { openResumableLink } from "../../src/link/resumable/client.js";
import { linkProtocol } from "../../src/link/resumable/limits.js";
import { checkResumable } from "../../src/link/resumable/options.js";
import { shutdownStatus } from "../../src/link/resumable/reset.js";
import { ResumableServer } from "../../src/link/resumable/server.js";
import { faulty } from "../../src/testing/faulty.js";
import { type LinkRig, linkConformance } from "../../src/testing/link-conformance.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Connection, Listener, ServerTransport, Transport } from "../../src/transport/transport.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import { WebSocketServerTransport } from "../../src/transport/websocket-server-node.js";
import { openSockets } from "../support/open-node.js";
import { nothingLeft } from "../transport/helpers.js";

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

/**
 * Resumable links, the same way. They run by the platform's clock, and the cases that wait take as long as the link: its
 * acks come after a moment, which has to pass while a case waits for what they let through.
 */
async function resumable(server: ServerTransport, client: (listener: Listener) => Transport): Promise<LinkRig> {
  let accepted = deferred<Link>();
  const connections: Connection[] = [];
  const common = { ...checkResumable({}), clock: systemClock, maxMessageBytes: 1_048_576 };
  const links = new ResumableServer({
    ...common,
    heartbeatMs: 5_000,
    graceMs: 30_000,
    authenticate: undefined,
    accept: (link) => accepted.resolve(link),
  });
  const accept = (connection: Connection) => {
    connections.push(connection);
    links.connected(connection);
  };
  const listener = await server.listen(accept, { protocols: [linkProtocol] });
  const inner = client(listener);
  const transport: Transport = {
    async connect(options) {
      const connection = await inner.connect(options);
      connections.push(connection);
      return connection;
    },
  };
  return {
    async connect() {
      accepted = deferred();
      const options = { ...common, transport, maxAttempts: 3 };
      const near = await openResumableLink(options, new AbortController().signal);
      return { client: near, server: await accepted.promise, sendBytes: (bytes) => near.forward(asIs(bytes)) };
    },
    async dispose() {
      links.close(shutdownStatus());
      await listener.close();
      await Promise.all(connections.map(({ closed }) => closed));
    },
  };
}

/** What claims to be a text frame that arrived elsewhere, whatever its bytes are: a link hands it on without a look. */
function asIs(encoded: Uint8Array): Incoming {
  const peeked = { case: "frame", kind: "text", typeName: undefined, source: "client", target: "server" } as const;
  return { peeked, encoded, bytes: encoded.length, decode: () => undefined };
}

type MakeRig = (server: ServerTransport, client: (listener: Listener) => Transport) => Promise<LinkRig>;

const transports: readonly (readonly [string, (clock: Clock, rig: MakeRig) => Promise<LinkRig>])[] = [
  [
    "memory",
    (clock, rig) => {
      const memory = new MemoryTransport({ clock });
      return rig(memory, () => memory);
    },
  ],
  [
    "memory, wrapped for faults,",
    (clock, rig) => {
      const memory = faulty(new MemoryTransport({ clock }), { clock });
      return rig(memory, () => memory);
    },
  ],
  [
    "WebSocket",
    (clock, rig) => {
      const server = new WebSocketServerTransport({ port: 0, clock });
      return rig(server, ({ address }) => new WebSocketTransport({ url: address, clock }));
    },
  ],
];

for (const [name, over] of transports) {
  const overVirtual = () => {
    const clock = new VirtualClock();
    return over(clock, (server, client) => plain(clock, server, client));
  };
  for (const [kind, setup] of [
    ["plain", overVirtual],
    ["resumable", () => over(systemClock, resumable)],
  ] as const) {
    describe(`a ${kind} link over ${name} conforms`, () => {
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
}
