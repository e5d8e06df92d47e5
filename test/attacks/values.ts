import type { Edit } from "../../scripts/mutate/guard.js";
import { frame } from "../../src/message/build.js";
import { type Attack, attack, speaks } from "./attack.js";
import { frameMessage } from "./support/messages.js";
import { field, joined, nestedLists, parts } from "./support/raw-message.js";
import { until } from "./support/until.js";

const reader = "src/codec/wire-reader.ts";
const { source, target: to, metadata, entry, value } = parts;
const trick = parts.text("trick");

/** Bytes that nobody should read, since not all read the same in them: a success when they come back. */
function differential(name: string, against: string, bytes: () => Uint8Array, defence: Edit): Attack {
  return attack(name, {
    against,
    server: speaks.protobuf,
    async attack(target) {
      const peer = await target.plain();
      peer.activate();
      await peer.goesOn();
      const before = peer.messages.length;
      peer.sendBytes(bytes());
      await peer.goesOn();
      return peer.texts.length > 0 && peer.messages.slice(before).length > 1;
    },
    succeeded: (hasEchoed) => hasEchoed,
    defence,
  });
}

/** Messages in Protocol Buffers that lie about themselves. */
export const valueAttacks: readonly Attack[] = [
  differential(
    "a source that occurs twice",
    "parser differentials: some take the first, some the last",
    () => joined(field(1, "third"), source, to, parts.frame(trick)),
    { file: "src/codec/peek.ts", find: "if (before !== undefined) {", replace: "if (false) {" },
  ),
  differential(
    "a group",
    "parser differentials: not all skip groups",
    // Field 9, from the start of a group to its end.
    () => joined(source, to, Uint8Array.from([0x4b, 0x4c]), parts.frame(trick)),
    {
      file: reader,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it stands so in the source.
      find: "throw this.unreadable(`a field has wire type ${wireType}`);",
      replace: "return;",
    },
  ),
  differential(
    "a length that is padded",
    "parser differentials: there is one way to write a number",
    () => joined(Uint8Array.from([0x0a, 0x84, 0x00]), Buffer.from("acme"), to, parts.frame(trick)),
    { file: reader, find: 'throw this.unreadable("a tag or length is padded");', replace: "" },
  ),
  differential(
    "a length that reaches past the message that it is in",
    "length lies in Protocol Buffers",
    () => {
      // An entry with a field that nobody knows, the last of it: behind the end of the metadata that the entry is in.
      const inEntry = joined(field(1, "key"), field(2, value("x")), field(15, "beyond"));
      const entryBytes = field(1, inEntry);
      const claimed = entryBytes.length - field(15, "beyond").length;
      return joined(source, to, parts.frame(Uint8Array.from([0x52, claimed]), entryBytes, trick));
    },
    { file: reader, find: "if (length > this.end - this.pos) {", replace: "if (false) {" },
  ),
  differential(
    "text that isn't UTF-8",
    "bad UTF-8: what one replaces the other refuses",
    () => joined(source, to, parts.frame(parts.text(Uint8Array.from([0xff, 0xc0, 0x80])))),
    { file: reader, find: "fatal: true", replace: "fatal: false" },
  ),
  differential(
    "a key that occurs twice in a dictionary",
    "W15: parser differentials",
    () => joined(source, to, parts.frame(metadata(entry("key", value("a")), entry("key", value("b"))), trick)),
    {
      file: "src/message/check-value.ts",
      find: "keys === undefined ? hasKey(entries, i, key) : isKnown(keys, key)",
      replace: "false",
    },
  ),
  differential(
    "a value that is nested deeper than others read",
    "values nest 32 levels deep, so that all can read them",
    () => joined(source, to, parts.frame(metadata(entry("key", nestedLists(36))), trick)),
    { file: "src/message/check-value.ts", find: "if (level > MAX_LEVELS) {", replace: "if (false) {" },
  ),
  attack("unknown fields by the million", {
    against: "each costs an object: half a million in each of two messages",
    server: speaks.protobuf,
    async attack(target) {
      const peer = await target.plain();
      peer.activate();
      await peer.goesOn();
      const fields = Uint8Array.from({ length: 1_000_000 }, (_, at) => (at % 2 === 0 ? 0x48 : 0));
      for (let count = 0; count < 2; count++) {
        peer.sendBytes(joined(source, to, parts.frame(trick), fields));
      }
      // Where it goes on, all of them were made; that they were too many for a queue was noticed only then.
      return peer.goesOn();
    },
    succeeded: (goesOn) => goesOn,
    defence: {
      file: "src/codec/decode-message.ts",
      find: "if (++reader.unknown > MAX_UNKNOWN_FIELDS) {",
      replace: "if (false) {",
    },
  }),
  attack("a value that is nested 10 000 deep", {
    against: "nobody runs out of stack",
    server: speaks.protobuf,
    async attack(target) {
      const peer = await target.plain();
      peer.activate();
      await peer.goesOn();
      peer.sendBytes(joined(source, to, parts.frame(metadata(entry("key", nestedLists(10_000))), trick)));
      await peer.webSocket.over();
      return `${peer.webSocket.closeCode} ${peer.webSocket.closeReason}`;
    },
    succeeded: (close) => !close.startsWith("4003 ") || close.includes("stack"),
    defence: { file: "src/codec/decode-message.ts", find: "if (depth > MAX_DEPTH) {", replace: "if (false) {" },
  }),
  attack("a turn of the conversation that inherits what it says", {
    against: "prototype pollution: `__proto__` is data",
    server: speaks.protobuf,
    async attack(target) {
      const peer = await target.plain();
      peer.activate();
      await peer.goesOn();
      const content = { role: "user", content: "what do your rockets cost?" };
      const messages = [Object.fromEntries([["__proto__", content]])];
      peer.send(frameMessage(frame("llmContext", { context: { messages } })));
      const said = () =>
        peer.messages.flatMap(({ body }) => {
          const kind = body.case === "frame" ? body.value.frame?.kind : undefined;
          return kind?.case === "llmText" ? [kind.value.text] : [];
        });
      const isOver = () =>
        peer.messages.some(({ body }) => body.case === "frame" && body.value.frame?.kind.case === "llmFullResponseEnd");
      await until(isOver);
      return said().join("");
    },
    succeeded: (said) => said.includes("rocket"),
    defence: [
      { file: "src/message/value.ts", find: "if (key in object) {", replace: "if (false) {" },
      {
        file: "src/message/plain-object.ts",
        find: "const prototype: unknown = Object.getPrototypeOf(value);",
        replace: "const prototype: unknown = null;",
      },
    ],
  }),
];
