import { type Attack, attack } from "./attack.js";
import type { Target } from "./support/target.js";
import { until } from "./support/until.js";
import { upgradeRequest, type Wire } from "./support/wire.js";

/** Longer than any handshake may take, in milliseconds, and than this end needs to notice. */
const tooLongMs = 12_500;

const noDeadline = {
  file: "src/transport/own-http-server-node.ts",
  find: "      options.expired(socket);\n      socket.destroy();",
  replace: "",
};

/** Whether one of them is open after all that time. */
async function outlast(wires: readonly Wire[]): Promise<boolean> {
  return !(await until(() => wires.every(({ isClosed }) => isClosed), tooLongMs));
}

/** Opens so many WebSockets from so many addresses of this machine. Resolves with how many are open. */
async function countPending(target: Target, count: number, addresses: number): Promise<number> {
  const peers = await Promise.all(
    Array.from({ length: count }, (_, index) => target.stranger({ from: `127.0.1.${1 + (index % addresses)}` })),
  );
  return peers.filter(({ webSocket }) => webSocket.isOpen && !webSocket.isOver).length;
}

/** Those who begin something and don't end it. */
export const patienceAttacks: readonly Attack[] = [
  attack("TCP connections that say nothing", {
    against: "half handshakes: the deadline counts from the connection on",
    async attack(target) {
      return outlast(await Promise.all(Array.from({ length: 200 }, () => target.wire())));
    },
    succeeded: (hasOutlasted) => hasOutlasted,
    defence: noDeadline,
  }),
  attack("slowloris: headers that trickle in", {
    against: "the deadline isn't put off by a byte now and then",
    async attack(target) {
      const wires = await Promise.all(Array.from({ length: 50 }, () => target.wire()));
      const [line = "", ...headers] = upgradeRequest().trimEnd().split("\r\n");
      for (const wire of wires) {
        wire.write([line, ...headers, ""].join("\r\n"));
      }
      const trickle = setInterval(() => {
        for (const wire of wires) {
          wire.write(`X-${Math.random()}: x\r\n`);
        }
      }, 500);
      try {
        return await outlast(wires);
      } finally {
        clearInterval(trickle);
      }
    },
    succeeded: (hasOutlasted) => hasOutlasted,
    defence: noDeadline,
  }),
  attack("WebSockets that never say Hello", {
    against: "L-7: who doesn't shake hands is sent away",
    async attack(target) {
      const peers = await Promise.all(Array.from({ length: 100 }, () => target.stranger()));
      return !(await until(() => peers.every(({ isOver }) => isOver), tooLongMs));
    },
    succeeded: (hasOutlasted) => hasOutlasted,
    defence: {
      file: "src/link/resumable/server-handshake.ts",
      find: "clock.after(handshakeTimeoutMs, () =>",
      replace: "clock.after(2 ** 31 - 1, () =>",
    },
  }),
  attack("more WebSockets without Hello than anybody needs, from one address", {
    against: "maxPendingPerAddress: handshakes that aren't done are counted per address",
    attack: (target) => countPending(target, 150, 1),
    succeeded: (open) => open > 120,
    defence: {
      file: "src/proxy/limits/pending-clients.ts",
      find: "if (ofNetwork >= this.#limits.maxPendingPerAddress) {",
      replace: "if (false) {",
    },
  }),
  attack("more WebSockets without Hello than anybody needs, from many addresses", {
    against: "L-10, maxPending: the handshakes that aren't done are counted",
    attack: (target) => countPending(target, 1_080, 12),
    succeeded: (open) => open > 1_040,
    defence: {
      file: "src/proxy/limits/pending-clients.ts",
      find: "if (this.#count >= this.#limits.maxPending) {",
      replace: "if (false) {",
    },
  }),
  attack("a close that is never answered", {
    against: "closing anything ends it, whatever the peer does",
    async attack(target) {
      const { webSocket } = await target.stranger();
      // What it is closed for. Then this end does nothing any more.
      webSocket.text("text");
      await until(() => webSocket.closeCode !== undefined);
      return !(await until(() => webSocket.wire.isClosed, 6_000));
    },
    succeeded: (isOpen) => isOpen,
    defence: {
      file: "src/transport/websocket-connection.ts",
      find: "export const closeTimeoutMs = 3000;",
      replace: "export const closeTimeoutMs = 3_000_000;",
    },
  }),
];
