import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { ControlFrameSchema } from "../../gen/crossbus/v1/link_pb.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { controlFrame } from "../../src/link/resumable/frame.js";
import { busMessage, frame } from "../../src/message/build.js";
import { type Attack, attack, speaks } from "./attack.js";
import type { LinkPeer } from "./support/link-peer.js";
import { frameMessage } from "./support/messages.js";
import type { PlainPeer } from "./support/plain-peer.js";
import { Opcode, webSocketFrame } from "./support/raw-web-socket.js";
import { until } from "./support/until.js";
import type { Wire } from "./support/wire.js";

/** Longer than any handshake may take, in milliseconds. */
const tooLongMs = 12_500;

/** A frame that is urgent, so that nobody waits with its echo, and large. */
const largeEcho = frameMessage(frame("inputTransportMessage", { message: "x".repeat(500_000) }));

/** Has the server write 30 MB to somebody who reads nothing. */
async function fillSocket(peer: PlainPeer): Promise<void> {
  peer.activate();
  await peer.goesOn();
  peer.webSocket.wire.deaf();
  const bytes = webSocketFrame(Opcode.binary, protobufCodec.encode(largeEcho));
  for (let count = 0; count < 60; count++) {
    await peer.webSocket.wire.writeAll(bytes, 2_000);
  }
  await sleep(500);
}

/** As many sockets as this process may open, and 10 000 at most. */
function socketLimit(): number {
  const limits = /Max open files\s+(\d+)/.exec(readLimits());
  return Math.min(10_000, Number(limits?.[1] ?? 1_024) - 500);
}

function readLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return "";
  }
}

/** What somebody may cost a server. */
export const resourceAttacks: readonly Attack[] = [
  attack("as many idle sockets as there can be", {
    against: "maxPendingPerAddress and the handshake deadline: nobody can take all descriptors",
    async attack(target) {
      const wires: Wire[] = [];
      for (let left = socketLimit(); left > 0; left -= 500) {
        wires.push(...(await Promise.all(Array.from({ length: Math.min(500, left) }, () => target.wire()))));
      }
      await until(() => wires.every(({ isClosed }) => isClosed), tooLongMs);
      return wires.filter(({ isClosed }) => !isClosed).length;
    },
    succeeded: (open) => open > 1_000,
    defence: [
      {
        file: "src/transport/own-http-server-node.ts",
        find: "      options.expired(socket);\n      socket.destroy();",
        replace: "",
      },
      {
        file: "src/proxy/limits/pending-clients.ts",
        find: "if (ofNetwork >= this.#limits.maxPendingPerAddress) {",
        replace: "if (false) {",
      },
      {
        file: "src/proxy/limits/pending-clients.ts",
        find: "if (this.#count >= this.#limits.maxPending) {",
        replace: "if (false) {",
      },
    ],
  }),
  attack("a client that never reads", {
    against: "promise 4: what waits for a slow peer is bounded",
    server: speaks.protobuf,
    async attack(target) {
      await fillSocket(await target.plain());
      return target.growth();
    },
    succeeded: (bytes) => bytes > 24_000_000,
    defence: {
      file: "src/link/plain-link.ts",
      find: "if (this.#connection.bufferedAmount + bytes.length > maxBufferedBytes) {",
      replace: "if (false) {",
    },
  }),
  attack("a client that never reads, and has said goodbye", {
    against: "promise 5: closing anything releases everything",
    server: speaks.protobuf,
    async attack(target) {
      const peer = await target.plain();
      await fillSocket(peer);
      peer.webSocket.wire.socket.end();
      await sleep(6_000);
      return target.sockets();
    },
    succeeded: (sockets) => sockets > 0,
    defence: {
      file: "src/transport/ws-control.ts",
      find: 'network?.once("end", () => connection.closing());',
      replace: "",
    },
  }),
  attack("a client that never acknowledges", {
    against: "L-20: what is kept for an end that doesn't acknowledge is bounded",
    async attack(target) {
      const peer = await target.peer();
      await peer.goesOn();
      const message = protobufCodec.encode(
        frameMessage(frame("inputTransportMessage", { message: "x".repeat(15_000) })),
      );
      for (let count = 0; count < 1_000 && !peer.isOver; count++) {
        peer.encoded(message, true);
        if (count % 50 === 0) {
          await sleep(10);
        }
      }
      await sleep(500);
      return target.growth();
    },
    succeeded: (bytes) => bytes > 8_000_000,
    defence: { file: "src/link/resumable/resumable-link.ts", find: "if (!lane.fits(size)) {", replace: "if (false) {" },
  }),
  attack("pings of a link whose pongs are never read", {
    against: "L-28: answers don't pile up",
    async attack(target) {
      const peer = await target.peer();
      await peer.goesOn();
      peer.webSocket.wire.deaf();
      const kind = { case: "ping", value: { token: 1n } } as const;
      const ping = webSocketFrame(Opcode.binary, controlFrame(create(ControlFrameSchema, { kind })));
      for (let count = 0; count < 50; count++) {
        await peer.webSocket.wire.writeAll(Buffer.concat(Array.from({ length: 1_000 }, () => ping)), 3_000);
      }
      return target.growth();
    },
    succeeded: (bytes) => bytes > 8_000_000,
    defence: [
      {
        file: "src/link/resumable/pongs.ts",
        find: "if (channel.bufferedAmount < maxSocketBytes) {",
        replace: "if (true) {",
      },
      {
        file: "src/proxy/limits/metered-connection.ts",
        find: "if (messagesMs > 0 || bytesMs > 0) {",
        replace: "if (false) {",
      },
    ],
  }),
  attack("more messages a second than anybody has to say", {
    against: "messagesPerSecond: who sends too much has to wait",
    server: speaks.protobuf,
    async attack(target) {
      const peer = await target.plain();
      await peer.webSocket.over(200);
      // Denied, each of them: that is quickly done.
      const message = webSocketFrame(Opcode.binary, protobufCodec.encode(busMessage("end", {}, { source: "acme" })));
      const many = Buffer.concat(Array.from({ length: 50_000 }, () => message));
      const start = performance.now();
      peer.webSocket.wire.write(many);
      peer.activate();
      const wasHeard = await peer.goesOn(60_000);
      return wasHeard ? 50_000 / ((performance.now() - start) / 1_000) : 0;
    },
    // In this time it may have sent what comes at once, and no more than 5 000 a second beside.
    succeeded: (perSecond) => perSecond > 12_500,
    defence: {
      file: "src/proxy/limits/metered-connection.ts",
      find: "if (messagesMs > 0 || bytesMs > 0) {",
      replace: "if (false) {",
    },
  }),
  attack("few bytes a second that take long to read", {
    against: "bytesPerSecond: what is read of a message counts too, at 64 bytes an element",
    server: speaks.protobuf,
    async attack(target) {
      const peer = await target.plain();
      await peer.webSocket.over(200);
      // Each a list in a value, of which there are two elements in four bytes.
      const lists = Array.from({ length: 24_900 }, () => []);
      const message = protobufCodec.encode(frameMessage(frame("inputTransportMessage", { message: lists })));
      const bytes = webSocketFrame(Opcode.binary, message);
      const start = performance.now();
      peer.webSocket.wire.write(Buffer.concat(Array.from({ length: 40 }, () => bytes)));
      peer.activate();
      const wasHeard = await peer.goesOn(60_000);
      return wasHeard ? (40 * 49_800) / ((performance.now() - start) / 1_000) : 0;
    },
    // Half a million may come at once, and 131 072 a second beside, which is 180 000 a second in this time.
    succeeded: (elementsPerSecond) => elementsPerSecond > 250_000,
    defence: {
      file: "src/proxy/limits/metered-connection.ts",
      find: "cost += elements.count * elementBytes;",
      replace: "",
    },
  }),
  attack("170 000 values in one message", {
    against: "maxElements: each takes far longer to read than to send",
    server: speaks.protobuf,
    async attack(target) {
      const peer = await target.plain();
      peer.activate();
      await peer.goesOn();
      const message = Array.from({ length: 170_000 }, () => null);
      peer.send(frameMessage(frame("inputTransportMessage", { message })));
      return peer.goesOn();
    },
    succeeded: (goesOn) => goesOn,
    defence: {
      file: "src/proxy/limits/server-limits.ts",
      find: "maxElements: 50_000,",
      replace: "maxElements: Infinity,",
    },
  }),
  attack("a thousand sessions that come and go", {
    against: "W14: something of each stays",
    async attack(target) {
      for (let round = 0; round < 25; round++) {
        const peers = await Promise.all(Array.from({ length: 40 }, () => target.peer()));
        for (const peer of peers) {
          peer[Symbol.dispose]();
        }
        await until(() => peers.every(({ webSocket }) => webSocket.wire.isClosed));
      }
      await until(() => false, 500);
      return target.growth();
    },
    succeeded: (bytes) => bytes > 6_000_000,
    defence: { file: "src/link/resumable/server.ts", find: "this.#sessions.delete(key);", replace: "" },
  }),
  attack("a storm of clients that come and are gone without a word", {
    against: "L-34: a session without a connection lives for a while, and then no more",
    async attack(target) {
      for (let round = 0; round < 10; round++) {
        const peers = await Promise.all(Array.from({ length: 50 }, () => target.peer()));
        for (const peer of peers) {
          peer.webSocket.wire.cut();
        }
      }
      await sleep(33_000);
      return target.growth();
    },
    succeeded: (bytes) => bytes > 6_000_000,
    defence: {
      file: "src/link/resumable/server.ts",
      find: "held.prevent = clock.after(graceMs, () => {",
      replace: "held.prevent = clock.after(2 ** 31 - 1, () => {",
    },
  }),
  attack("more sessions of one client than anybody needs", {
    against: "maxSessionsPerPrincipal: sessions are counted",
    async attack(target) {
      const peers: LinkPeer[] = [];
      for (let round = 0; round < 21; round++) {
        peers.push(...(await Promise.all(Array.from({ length: 50 }, () => target.stranger({ from: "127.0.2.1" })))));
        await Promise.all(peers.slice(-50).map((peer) => peer.isWelcome()));
      }
      return peers.filter(({ isOver }) => !isOver).length;
    },
    succeeded: (open) => open > 1_000,
    defence: {
      file: "src/proxy/limits/server-limits.ts",
      find: "maxSessionsPerPrincipal: 1_000,",
      replace: "maxSessionsPerPrincipal: Infinity,",
    },
  }),
];
