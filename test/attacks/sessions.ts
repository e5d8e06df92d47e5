import { type Attack, attack } from "./attack.js";
import { ack } from "./support/link-peer.js";
import { textMessage } from "./support/messages.js";

const folder = "src/link/resumable";

/** Handshakes of the link protocol, and sessions that are somebody else's. */
export const sessionAttacks: readonly Attack[] = [
  attack("a version that nobody speaks", {
    against: "L-8: version confusion",
    async attack(target) {
      const peers = [await target.stranger(), await target.stranger(), await target.stranger()];
      return [
        await peers[0]?.isWelcome({ minVersion: 2, maxVersion: 9 }),
        await peers[1]?.isWelcome({ minVersion: 0, maxVersion: 0 }),
        await peers[2]?.isWelcome({ minVersion: 4_000_000_000, maxVersion: 4_294_967_295 }),
      ];
    },
    succeeded: (welcome) => welcome.includes(true),
    defence: {
      file: `${folder}/server-handshake.ts`,
      find: "if (hello.minVersion > linkVersion || hello.maxVersion < linkVersion) {",
      replace: "if (false) {",
    },
  }),
  attack("a Hello full of features", {
    against: "L-3: before the handshake is done frames are small",
    async attack(target) {
      const peer = await target.stranger();
      return peer.isWelcome({ features: Array.from({ length: 3_000 }, (_, index) => `feature-${index}`) });
    },
    succeeded: (isWelcome) => isWelcome,
    defence: {
      file: `${folder}/channel.ts`,
      find: "#maxBytes = maxHandshakeFrameBytes;",
      replace: "#maxBytes = maxFrameBytes;",
    },
  }),
  attack("data before Hello", {
    against: "L-6: nobody is heard before the handshake",
    async attack(target) {
      const peer = await target.stranger();
      peer.send(textMessage("early"));
      return peer.isWelcome();
    },
    succeeded: (isWelcome) => isWelcome,
    defence: { file: `${folder}/server-handshake.ts`, find: "    data: unexpected,", replace: "    data() {}," },
  }),
  attack("a new session that has received something already", {
    against: "L-32: cursors that don't fit",
    async attack(target) {
      const peer = await target.stranger();
      return peer.isWelcome({
        data: { received: 500n, acknowledged: 500n, maxSequence: 1_000n, maxBytes: 1_000_000n },
      });
    },
    succeeded: (isWelcome) => isWelcome,
    defence: { file: `${folder}/server.ts`, find: "if (!link.rewind(greeted.cursors)) {", replace: "if (false) {" },
  }),
  attack("a session resumed with a secret that is guessed", {
    against: "L-30: a resume needs the secret",
    async attack(target) {
      const victim = await target.peer();
      const thief = await target.stranger();
      return thief.isWelcome(victim.resumption(1, new Uint8Array(32)));
    },
    succeeded: (isWelcome) => isWelcome,
    defence: { file: `${folder}/server.ts`, find: "if (!isKnown || ", replace: "if (" },
  }),
  attack("a session resumed with the empty secret", {
    against: "L-30: a secret that there is none of doesn't match nothing",
    async attack(target) {
      const victim = await target.peer();
      const thief = await target.stranger();
      return thief.isWelcome(victim.resumption(1, new Uint8Array(0)));
    },
    succeeded: (isWelcome) => isWelcome,
    defence: [
      { file: "src/base/same-bytes.ts", find: "if (a.length !== b.length) {", replace: "if (false) {" },
      { file: "src/base/same-bytes.ts", find: "i < a.length;", replace: "i < b.length;" },
    ],
  }),
  attack("a resume secret played back when it is void", {
    against: "L-30: a secret counts until the next one is known to have arrived",
    async attack(target) {
      const first = await target.peer();
      await first.goesOn();
      first.webSocket.wire.cut();
      const second = await target.stranger();
      await second.isWelcome(first.resumption(1));
      // The first ack over the new connection.
      second.bytes(ack(0));
      second.next.data = first.next.data;
      await second.goesOn();
      const thief = await target.stranger();
      return thief.isWelcome(first.resumption(2));
    },
    succeeded: (isWelcome) => isWelcome,
    defence: {
      file: `${folder}/server.ts`,
      find: "confirmed: () => {\n        held.previous = undefined;",
      replace: "confirmed: () => {",
    },
  }),
  attack("a resume that is played back, byte by byte", {
    against: "L-43: attempts are counted",
    async attack(target) {
      const first = await target.peer();
      first.webSocket.wire.cut();
      const second = await target.stranger();
      const resumption = first.resumption(1);
      await second.isWelcome(resumption);
      const thief = await target.stranger();
      return thief.isWelcome(resumption);
    },
    succeeded: (isWelcome) => isWelcome,
    defence: { file: `${folder}/server.ts`, find: "if (resume.attempt <= held.attempt) {", replace: "if (false) {" },
  }),
  attack("a session resumed by another client, with a secret that leaked", {
    against: "L-31: the session is the one client's that has begun it",
    async attack(target) {
      const victim = await target.peer();
      const thief = await target.stranger();
      return thief.isWelcome({ ...victim.resumption(1), epoch: 666n });
    },
    succeeded: (isWelcome) => isWelcome,
    defence: { file: `${folder}/server.ts`, find: " || hello.epoch !== greeted.hello.epoch", replace: "" },
  }),
  attack("a session of another server's", {
    against: "L-32: who was restarted knows nobody",
    async attack(target) {
      const victim = await target.peer();
      const { resume } = victim.resumption(1);
      const thief = await target.stranger();
      return thief.isWelcome({ resume: { ...resume, serverEpoch: 1n } });
    },
    succeeded: (isWelcome) => isWelcome,
    defence: {
      file: `${folder}/server.ts`,
      find: "if (resume.serverEpoch !== this.#epoch) {",
      replace: "if (false) {",
    },
  }),
  attack("a resume that has received what was never sent", {
    against: "L-32: cursors that don't fit",
    async attack(target) {
      const victim = await target.peer();
      await victim.goesOn();
      const thief = await target.stranger();
      const data = { received: 500n, acknowledged: 0n, maxSequence: 1_000_000n, maxBytes: 1_000_000_000n };
      return thief.isWelcome({ ...victim.resumption(1), data });
    },
    succeeded: (isWelcome) => isWelcome,
    defence: { file: `${folder}/send-lane.ts`, find: "received >= this.#next) {", replace: "false) {" },
  }),
  attack("a connection that goes on after another has resumed its session", {
    against: "L-33: the connection before is fenced off",
    async attack(target) {
      const first = await target.peer();
      await first.goesOn();
      const second = await target.stranger();
      await second.isWelcome(first.resumption(1));
      first.send(textMessage("from the grave"));
      second.next.data = first.next.data;
      await Promise.race([second.hasEchoed("from the grave"), first.webSocket.over()]);
      return second.texts.includes("from the grave");
    },
    succeeded: (hasEchoed) => hasEchoed,
    defence: {
      file: `${folder}/server.ts`,
      find: 'held.link.drop(status(Code.ABORTED, "another connection has resumed the session"), false);',
      replace: "",
    },
  }),
];
