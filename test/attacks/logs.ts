import { busMessage } from "../../src/message/build.js";
import { type Attack, attack, speaks } from "./attack.js";
import { textJson } from "./support/json-peer.js";
import { encoded, route, textMessage } from "./support/messages.js";

const logger = "src/base/logger.ts";
const status = "src/base/status.ts";
const forged = "\u001b[2J\u001b[1;1H\ncrossbus: everything is fine\u202e";

/** What has the console show all that is logged. */
const debugging = {
  file: logger,
  find: "  debug() {},\n  info() {},\n  warn: (message",
  replace: "  debug: (message, fields) => console.warn(line(message, fields)),\n  info() {},\n  warn: (message",
};

/** Whether something got into the log that a terminal obeys, or that looks like a line of the server's. */
function isForged(log: string): boolean {
  return log.includes("\u001b") || log.includes("\u202e") || /^crossbus: everything is fine/m.test(log);
}

/** What a peer would like an operator to read, or not to. */
export const logAttacks: readonly Attack[] = [
  attack("a name that takes over the terminal", {
    against: "log injection: names of a peer's are escaped",
    async attack(target) {
      const peer = await target.peer();
      peer.encoded(encoded({ ...textMessage("x"), source: forged, target: forged }));
      await peer.goesOn();
      return target.log();
    },
    succeeded: isForged,
    defence: { file: status, find: "escapeControls(text.slice(0, length + 1))", replace: "text.slice(0, length + 1)" },
  }),
  attack("a name of half a megabyte", {
    against: "what a peer chose is cut before it is logged",
    server: speaks.protobuf,
    async attack(target) {
      const peer = await target.plain();
      peer.activate();
      peer.sendBytes(encoded({ ...textMessage("x"), source: "n".repeat(500_000) }));
      await peer.goesOn();
      return (await target.log()).length;
    },
    succeeded: (length) => length > 100_000,
    defence: { file: logger, find: "const maxFieldLength = 256;", replace: "const maxFieldLength = 1e9;" },
  }),
  attack("a close reason that takes over the terminal", {
    against: "log injection: reasons of a peer's are escaped",
    async attack(target) {
      const peer = await target.peer();
      await peer.goesOn();
      // The session is suspended, which is logged with the reason.
      peer.webSocket.close(4014, forged);
      await peer.webSocket.over();
      const log = await target.log();
      // For the server to have done with it: a session that is suspended stays for half a minute.
      const next = await target.stranger();
      await next.isWelcome(peer.resumption());
      return log;
    },
    succeeded: isForged,
    defence: [
      { file: "src/transport/close-codes.ts", find: "escapeControls(reason)", replace: "reason" },
      { file: status, find: "escapeControls(text.slice(0, length + 1))", replace: "text.slice(0, length + 1)" },
      // A server says it at the level of debugging, which it doesn't show.
      debugging,
    ],
  }),
  attack("a goodbye that takes over the terminal", {
    against: "log injection: reasons of a peer's are escaped",
    async attack(target) {
      const peer = await target.peer();
      await peer.goesOn();
      peer.control({ case: "goaway", value: { code: 14, message: forged, resumable: true } });
      await peer.webSocket.over();
      const log = await target.log();
      const next = await target.stranger();
      await next.isWelcome(peer.resumption());
      return log;
    },
    succeeded: isForged,
    defence: [
      {
        file: "src/link/resumable/reset.ts",
        find: "escapeControls(closeReason(message))",
        replace: "closeReason(message)",
      },
      { file: status, find: "escapeControls(text.slice(0, length + 1))", replace: "text.slice(0, length + 1)" },
      // A server says it at the level of debugging, which it doesn't show.
      debugging,
    ],
  }),
  attack("a log full of one thing", {
    against: "what a peer does again and again is told once",
    async attack(target) {
      const peer = await target.peer();
      for (let count = 0; count < 2_000; count++) {
        peer.send(busMessage("taskRequest", { taskId: `${count}` }, route));
      }
      await peer.goesOn();
      return (await target.log()).split("\n").length;
    },
    succeeded: (lines) => lines > 100,
    defence: {
      file: "src/proxy/proxy-agent.ts",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it stands so in the source.
      find: 'this.#levelOf(direction === "in" ? `in ${rule}` : `out ${rule} ${kase}`);',
      replace: '"warn";',
    },
  }),
  attack("a secret in a message that is no good", {
    against: "logs carry no payloads",
    server: speaks.pipecat,
    async attack(target) {
      const peer = await target.json();
      peer.send(textJson("x", { frame: ',"pts":"my-secret-payload"' }));
      await peer.goesOn();
      return target.log();
    },
    succeeded: (log) => log.includes("my-secret-payload"),
    defence: debugging,
  }),
];
