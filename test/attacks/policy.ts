import { create } from "@bufbuild/protobuf";
import { AnySchema, anyPack, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { pipecatOtherClasses } from "../../gen/crossbus/v1/pipecat-names.js";
import { busMessage, frame } from "../../src/message/build.js";
import { frameTraits } from "../../src/message/case-traits.js";
import type { BodyCase, FrameKind } from "../../src/message/types.js";
import { type Attack, attack, speaks } from "./attack.js";
import type { LinkPeer } from "./support/link-peer.js";
import { activation, encoded, frameMessage, kindIn, route, textMessage } from "./support/messages.js";
import type { Target } from "./support/target.js";
import { until } from "./support/until.js";

const policy = "src/proxy/policy.ts";

const anySource = { file: policy, find: "if (message.source !== this.#remoteAgentName) {", replace: "if (false) {" };
const targetRule =
  "message.target === undefined ? !bodyTraits[message.case].untargeted : message.target !== this.#localAgentName";
const anyCase = {
  file: policy,
  find: 'return this.#cases.has(body) ? "allow" : "case";',
  replace: 'return "allow";',
};

/** A peer that is welcome, and for which the assistant isn't active. */
async function passive(target: Target): Promise<LinkPeer> {
  const peer = await target.stranger();
  await peer.isWelcome();
  return peer;
}

/** Whether the assistant passes frames on: it is active, though nobody who may has activated it. */
async function isActive(peer: LinkPeer): Promise<boolean> {
  peer.send(textMessage("active?"));
  // Answered whatever becomes of the text: an ack tells that it was taken.
  await until(() => peer.texts.includes("active?") || peer.isOver, 1_500);
  return peer.texts.includes("active?");
}

/** Messages that the policy has no place for. */
export const policyAttacks: readonly Attack[] = [
  attack("a message from an agent that has no bridge", {
    against: "W1: any agent of the client's can send",
    async attack(target) {
      const peer = await passive(target);
      peer.send(activation({ source: "third", target: "assistant" }));
      return isActive(peer);
    },
    succeeded: (active) => active,
    defence: anySource,
  }),
  attack("a message for all that isn't for all", {
    against: "W2: what is listed crosses untargeted too",
    async attack(target) {
      const peer = await passive(target);
      peer.send(activation({ source: "acme" }));
      return isActive(peer);
    },
    succeeded: (active) => active,
    defence: {
      file: policy,
      find: targetRule,
      replace: "message.target !== undefined && message.target !== this.#localAgentName",
    },
  }),
  attack("a message for an agent that has no bridge: the proxy itself", {
    against: "W3: a peer reaches any agent of the bus",
    async attack(target) {
      const peer = await target.peer();
      await peer.goesOn();
      peer.send(busMessage("deactivateAgent", {}, { source: "acme", target: "gateway" }));
      return peer.goesOn();
    },
    succeeded: (goesOn) => !goesOn,
    defence: {
      file: policy,
      find: targetRule,
      replace: "message.target === undefined && !bodyTraits[message.case].untargeted",
    },
  }),
  attack("a message in the name of the server's own agent, to be echoed", {
    against: "W4, W10: source and target are swapped, and it comes back",
    async attack(target) {
      const peer = await target.peer();
      peer.send(textMessage("mirror", { source: "assistant", target: "acme" }));
      await peer.goesOn();
      return peer.texts.includes("mirror");
    },
    succeeded: (hasEchoed) => hasEchoed,
    defence: [
      anySource,
      { file: policy, find: targetRule, replace: "false" },
      { file: "src/proxy/proxy-agent.ts", find: "if (deliveredBy(message) === link) {", replace: "if (false) {" },
    ],
  }),
  attack("the end of the agent that is spoken to", {
    against: "W5: whatever is for the local agent comes in",
    async attack(target) {
      const peer = await target.peer();
      await peer.goesOn();
      peer.send(busMessage("endAgent", {}, route));
      peer.send(busMessage("cancelAgent", {}, route));
      return peer.goesOn(1_500);
    },
    succeeded: (goesOn) => !goesOn,
    defence: anyCase,
  }),
  attack("the end of the whole runner", {
    against: "W5: a peer shuts everything down",
    async attack(target) {
      const peer = await target.peer();
      await peer.goesOn();
      for (const name of ["end", "cancel"] as const) {
        peer.send(busMessage(name, { reason: "so there" }, route));
        peer.send(busMessage(name, {}, { source: "acme" }));
      }
      return peer.goesOn(1_500);
    },
    succeeded: (goesOn) => !goesOn,
    defence: [
      anyCase,
      { file: policy, find: targetRule, replace: "false" },
      { file: "src/proxy/proxy-agent.ts", find: "message.target ??= this.#localAgentName;", replace: "" },
      { file: "src/agent/agent-runner.ts", find: " || deliveredBy(message) !== undefined", replace: "" },
    ],
  }),
  attack("announcements in another's name", {
    against: "W6: arbitrary agents of arbitrary runners are registered",
    async attack(target) {
      const peer = await target.peer();
      const ready = { runner: "acme-runner", active: true };
      peer.send(busMessage("agentReady", ready, { source: "assistant", target: "assistant" }));
      await peer.goesOn();
      return target.log();
    },
    // What isn't refused was believed.
    succeeded: (log) => !log.includes("rule announcement"),
    defence: {
      file: "src/proxy/announcement.ts",
      find: 'body.case === "agentReady" && source === agentName',
      replace: 'body.case === "agentReady"',
    },
  }),
  attack("an announcement of twenty thousand agents", {
    against: "announcements are small, since anybody may send them",
    async attack(target) {
      const peer = await target.peer();
      const names = Array.from({ length: 5_000 }, (_, index) => `agent-${index}`);
      const agents = [...names, "acme"].map((name) => ({ name, active: true }));
      for (let count = 0; count < 4; count++) {
        peer.fragments(encoded({ ...route, body: { case: "agentRegistry", value: { runner: "r", agents } } }), true);
      }
      await peer.goesOn();
      return target.log();
    },
    succeeded: (log) => !log.includes("rule announcement"),
    defence: {
      file: "src/proxy/proxy-agent.ts",
      find: "incoming.bytes > maxAnnouncementBytes",
      replace: "false",
    },
  }),
  attack("frames that start and end things", {
    against: "W9: an EndFrame ends a worker",
    async attack(target) {
      const peer = await target.peer();
      const kinds = (Object.keys(frameTraits) as FrameKind[]).filter((kind) => frameTraits[kind].lifecycle);
      for (const kind of kinds) {
        peer.send(frameMessage(frame(kind)));
      }
      await peer.goesOn();
      return peer.messages.map(kindIn).filter((kind) => kinds.includes(kind as FrameKind));
    },
    succeeded: (kinds) => kinds.length > 0,
    defence: { file: policy, find: 'kind !== "other" && !frameTraits[kind].lifecycle', replace: 'kind !== "other"' },
  }),
  attack("two segments that face each other", {
    against: "W10: frames go round for ever",
    async attack(target) {
      const peer = await target.peer();
      await peer.goesOn();
      peer.send(textMessage("bounce"));
      let rounds = 0;
      // This end passes on what it gets, as a segment does: with the count of those before it, and one more.
      for (let seen = peer.messages.length; rounds < 40; rounds++) {
        if (!(await until(() => peer.messages.length > seen || peer.isOver, 1_000)) || peer.isOver) {
          break;
        }
        const { body } = peer.messages[seen++] ?? {};
        if (body?.case === "frame") {
          peer.send(busMessage("frame", { ...body.value, hops: (body.value.hops ?? 0) + 1 }, route));
        }
      }
      return rounds;
    },
    succeeded: (rounds) => rounds > 20,
    defence: { file: "src/agent/segment.ts", find: "if (hops >= maxHops) {", replace: "if (false) {" },
  }),
  attack("a flood of tasks, cancels and streams that nobody has asked for", {
    against: "promise 1: what isn't listed doesn't cross",
    async attack(target) {
      const peer = await target.peer();
      for (let count = 0; count < 300; count++) {
        const taskId = `task-${count}`;
        peer.send(busMessage("taskRequest", { taskId, taskName: "refund everything" }, route));
        peer.send(busMessage("taskCancel", { taskId: `other-${count}` }, route));
        peer.send(busMessage("taskStreamData", { taskId: `stream-${count}` }, route));
        peer.send(busMessage("taskUpdateRequest", { taskId: `stream-${count}` }, route));
      }
      await peer.goesOn();
      return peer.messages.map(({ body }) => body.case);
    },
    succeeded: (cases) => cases.some((name) => name?.startsWith("taskResponse")),
    defence: anyCase,
  }),
  attack("cases that only a user interface may send, for an agent that takes none", {
    against: "promise 1: default deny, also of what travels untargeted",
    async attack(target) {
      const peer = await target.peer();
      for (const name of ["uiEvent", "uiCommand", "ttsSpeak"] as const satisfies readonly BodyCase[]) {
        peer.send(busMessage(name, {}, { source: "acme" }));
      }
      await peer.goesOn();
      return target.log();
    },
    succeeded: (log) => !log.includes("rule case"),
    defence: anyCase,
  }),
  attack("a type URL that ends like another", {
    against: "prefix tricks in Any's type URL",
    async attack(target) {
      const peer = await target.peer();
      const packed = anyPack(StringValueSchema, create(StringValueSchema, { value: "x" }));
      for (const typeUrl of ["evil.example/type.googleapis.com/acme.v1.Order", "//acme.v1.Order", "acme.v1.Order"]) {
        const message = create(AnySchema, { ...packed, typeUrl });
        peer.encoded(encoded({ ...route, body: { case: "custom", value: { message } } }));
      }
      await peer.goesOn();
      return target.log();
    },
    // The name that it ends with was looked for in the policy.
    succeeded: (log) => log.includes("acme.v1.Order"),
    defence: {
      file: "src/codec/peek.ts",
      find: 'customTypeName(peekText(reader, "type_url of custom"));',
      replace: 'peekText(reader, "type_url of custom").replace(/.*\\//, "");',
    },
  }),
  attack("a Python class whose name begins like one that is listed", {
    against: "prefix tricks in type names",
    server: speaks.protobuf,
    async attack(target) {
      const peer = await target.plain();
      peer.activate();
      const typeName = `${pipecatOtherClasses[0]}.evil`;
      peer.sendBytes(
        encoded({
          ...route,
          body: { case: "frame", value: { frame: { kind: { case: "other", value: { typeName } } }, direction: 1 } },
        }),
      );
      await peer.goesOn();
      return peer.messages.map(kindIn);
    },
    succeeded: (kinds) => kinds.includes("other"),
    defence: {
      file: policy,
      find: "return this.pythonTypes.has(typeName)",
      replace: "return [...this.pythonTypes].some((name) => typeName.startsWith(name))",
    },
  }),
];
