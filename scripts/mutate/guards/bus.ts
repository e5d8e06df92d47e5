import { type Guard, guardsOf } from "../guard.js";

/** Who gets which message, and who is told when nobody does. */
export const busGuards: readonly Guard[] = guardsOf(
  "src/bus/in-process-bus.ts",
  ["test/bus/in-process-bus.test.ts", "test/bus/limits.test.ts"],
  [
    {
      find: "if (message.target === undefined) {",
      replace: "if (true) {",
      why: "a targeted message would reach every agent",
    },
    {
      find: "if (mailbox.subscriber.wants?.(message) !== false) {",
      replace: "if (true) {",
      why: "to start many agents would take time and memory in proportion to their square",
    },
    {
      find: "for (const observer of this.#observers) {",
      replace: "for (const observer of new Set<Mailbox>()) {",
      why: "observers would not see targeted messages",
    },
    {
      find: "if (observer !== receiver) {",
      replace: "if (true) {",
      why: "an observer would get what is targeted at it twice",
    },
    {
      find: "if (receiver === undefined) {",
      replace: "if (receiver === undefined) {\n      return;",
      why: "a message for nobody would be lost in silence",
    },
    {
      find: "throw StatusError.of(refusal);",
      replace: 'this.emit("undelivered", message, refusal);',
      why: "who sends to a full queue would not be told",
    },
    {
      find: 'this.emit("undelivered", message, refusal);',
      replace: "throw StatusError.of(refusal);",
      why: "one full queue would keep a broadcast from everyone else",
    },
    {
      find: 'this.emit("dropped", message, mailbox.subscriber.name);',
      replace: "",
      why: "audio would be dropped in silence",
    },
    {
      find: "if (this.#byAddress.has(address) || addresses.indexOf(address) !== index) {",
      replace: "if (addresses.indexOf(address) !== index) {",
      why: "an agent could take another's name, and its messages",
    },
    {
      find: "if (this.#byAddress.has(address) || addresses.indexOf(address) !== index) {",
      replace: "if (this.#byAddress.has(address)) {",
      why: "a subscriber could answer to one address twice",
    },
    {
      find: 'if (message.source === "") {',
      replace: "if (false) {",
      why: "messages could come from nobody",
    },
    {
      find: 'if (!(message instanceof LocalMessage) && !Object.hasOwn(bodyTraits, message.body.case ?? "")) {',
      replace: "if (false) {",
      why: "messages could say nothing, or what nobody knows",
    },
    {
      find: 'case "stopped":\n',
      replace: 'case "stopped":\n        return;\n',
      why: "what is sent to a bus that has stopped would be lost in silence",
    },
    {
      find: "this.#early.length >= this.#limits.maxMessages || this.#earlyBytes",
      replace: "this.#earlyBytes",
      why: "any number of messages could be sent before the start",
    },
    {
      find: "this.#earlyBytes + size > this.#limits.maxBytes",
      replace: "false",
      why: "any number of bytes could be sent before the start",
    },
    {
      find: "this.#earlyBytes += size;",
      replace: "",
      why: "what was sent before the start would not be counted in bytes",
    },
    {
      find: 'this.emit("undelivered", message, error as StatusError);',
      replace: "",
      why: "what was sent before the start and finds a full queue would be lost in silence",
    },
    {
      find: 'this.emit("relieved", subscriber.name);',
      replace: "",
      why: "who paused for a subscriber that is gone would wait for ever",
    },
    {
      find: "mailbox.close();\n        this.#observers",
      replace: "this.#observers",
      why: "a subscriber that is gone would get what waited for it",
    },
    {
      find: "this.#observers?.delete(mailbox);",
      replace: "",
      why: "an observer that is gone would go on observing",
    },
    {
      find: "this.#byAddress.delete(address);",
      replace: "",
      why: "the names of agents that are gone would stay taken",
    },
    {
      find: "if (!Number.isSafeInteger(value) || value < 1) {",
      replace: "if (false) {",
      why: "a limit of NaN would be none",
    },
  ],
);
