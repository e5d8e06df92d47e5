import { type Guard, guardsOf } from "../guard.js";

const tapTests = ["test/inspect/tap.test.ts"];
const rowTests = ["test/inspect/view/rows.test.ts"];

/** What a tap tells of messages, how much of it, and that nobody else notices. */
export const inspectGuards: readonly Guard[] = [
  ...guardsOf("src/inspect/message-facts.ts", tapTests, [
    {
      find: "return escaped.length > maxTextLength",
      replace: "return escaped.length > Number.MAX_VALUE",
      why: "a peer could fill a tap with one name",
    },
    {
      find: "const escaped = escapeControls(text);",
      replace: "const escaped = text;",
      why: "a peer could turn round the text of those who look on",
    },
    {
      find: 'status.details.find((detail) => detail.type === "badRequest")',
      replace: "status.details.find(() => false)",
      why: "a part of a message's content would be told",
    },
  ]),
  ...guardsOf("src/inspect/tap.ts", tapTests, [
    {
      find: "if (this.#passes(this.#troubles)) {",
      replace: "if (this.#passes(this.#messages)) {",
      why: "a stream of audio would hide what is denied",
    },
    {
      find: "if (seen.message !== undefined) {",
      replace: "if (seen.at > 0) {",
      why: "what a tap records a second would have no limit",
    },
    {
      find: "for (const off of offs) {",
      replace: "for (const off of offs.slice(1)) {",
      why: "a tap that is closed would go on",
    },
  ]),
  ...guardsOf("src/inspect/ring.ts", tapTests, [
    {
      find: "this.#items[this.#added % this.#capacity] = item;",
      replace: "this.#items.push(item);",
      why: "a tap would grow without a limit",
    },
  ]),
  ...guardsOf("src/bus/in-process-bus.ts", tapTests, [
    {
      find: "if (this.#observers?.has(mailbox) === true) {",
      replace: 'if (message.source === "") {',
      why: "a task would count as lost because somebody who looks on is slow",
    },
  ]),
  ...guardsOf("src/inspect/view/rows.ts", rowTests, [
    {
      find: "if (this.#rows.length > this.#maxRows) {",
      replace: "if (this.#maxRows === 0) {",
      why: "a page that is left open would grow without a limit",
    },
    {
      find: "if (this.#told.delete(gone)) {",
      replace: "if (this.#told.delete(gone) || true) {",
      why: "a view that is paused for long would grow without a limit",
    },
    {
      find: "this.#totals.bytes -= bytes;",
      replace: "",
      why: "what was lost would count as crossed",
    },
  ]),
  ...guardsOf("src/inspect/view/crossings.ts", rowTests, [
    {
      find: "if (waiting.length > maxWaiting) {",
      replace: "if (maxWaiting === 0) {",
      why: "messages whose arrival nobody sees would pile up",
    },
  ]),
];
