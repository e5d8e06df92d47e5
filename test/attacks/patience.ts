import { type Attack, attack } from "./attack.js";
import { until } from "./support/until.js";
import { upgradeRequest, type Wire } from "./support/wire.js";

/** Longer than any handshake may take, in milliseconds, and than this end needs to notice. */
const tooLongMs = 12_500;

const noDeadline = {
  file: "src/transport/own-http-server-node.ts",
  find: "clock.after(options.handshakeTimeoutMs, () => socket.destroy())",
  replace: "clock.after(options.handshakeTimeoutMs, () => {})",
};

/** Whether one of them is open after all that time. */
async function outlast(wires: readonly Wire[]): Promise<boolean> {
  return !(await until(() => wires.every(({ isClosed }) => isClosed), tooLongMs));
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
      find: "refuse(status(Code.DEADLINE_EXCEEDED,",
      replace: "void (status(Code.DEADLINE_EXCEEDED,",
    },
  }),
  attack("more WebSockets without Hello than anybody needs", {
    against: "L-10: the handshakes that aren't done are counted",
    async attack(target) {
      const peers = await Promise.all(Array.from({ length: 1_100 }, () => target.stranger()));
      // Those that are one too many are told at once.
      await until(() => peers.some(({ isOver }) => isOver), 2_000);
      return peers.filter(({ isOver }) => !isOver).length;
    },
    succeeded: (open) => open > 1_050,
    defence: {
      file: "src/link/resumable/server.ts",
      find: "this.#pending.size >= maxPendingHandshakes",
      replace: "false",
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
