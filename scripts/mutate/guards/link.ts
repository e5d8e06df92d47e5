import { type Guard, guardsOf } from "../guard.js";

/** What a plain link takes, and what it costs a peer to send what can't be read. */
export const linkGuards: readonly Guard[] = [
  ...guardsOf(
    "src/link/plain-link.ts",
    ["test/link/plain-link.test.ts", "test/link/guards.test.ts"],
    [
      {
        find: "if (bytes.length > this.#maxMessageBytes) {",
        replace: "if (false) {",
        why: "a message that is too large would cost the connection",
      },
      {
        find: "if (bytes.length > this.#maxMessageBytes) {",
        replace: "if (bytes.length >= this.#maxMessageBytes) {",
        why: "the largest message that the peer takes would be refused",
      },
      {
        find: "if (this.#connection.bufferedAmount + bytes.length > maxBufferedBytes) {",
        replace: "if (false) {",
        why: "a peer that doesn't read would have this process keep everything for it",
      },
      {
        find: "if (this.#connection.bufferedAmount <= highWaterBytes) {",
        replace: "if (true) {",
        why: "nobody would wait for a slow peer",
      },
      {
        find: "return left <= 0 ? undefined : this.#wait(left);",
        replace: "return this.#wait(left);",
        why: "each message would wait for a slow peer again, and a deactivation behind them for ever",
      },
      {
        find: "const prevent = this.#clock.after(ms, timeout.resolve);",
        replace: "const prevent = () => {};",
        why: "a peer that doesn't read would hold up a deactivation for ever",
      },
      {
        find: "drained(highWaterBytes / 4).then(() => {\n      this.#slowSince = undefined;\n    });",
        replace: "drained(highWaterBytes / 4);",
        why: "a peer that was slow once would not be waited for again",
      },
      {
        find: "const prevent = this.#clock.after(maxPauseMs, () => this.resume());",
        replace: "const prevent = () => {};",
        why: "a pause could last until a Python peer takes the connection for dead",
      },
      {
        find: "void this.closed.then(() => this.#endPause?.());",
        replace: "",
        why: "a link that closes while it is paused would leave a timer behind",
      },
    ],
  ),
  ...guardsOf(
    "src/link/check-max-message-bytes.ts",
    ["test/link/plain-link.test.ts", "test/link/guards.test.ts"],
    [
      {
        find: "if (!Number.isSafeInteger(value) || value < 1) {",
        replace: "if (false) {",
        why: "a limit of NaN would be none",
      },
    ],
  ),
  ...guardsOf(
    "src/link/plain-reader.ts",
    ["test/link/plain-link.test.ts", "test/link/guards.test.ts"],
    [
      {
        find: "void this.#connection.close(toStatusError(error));",
        replace: "void error;",
        why: "a peer that sends what can't be read would be heard on",
      },
      {
        find: "      this.#unreadable(error);\n      return undefined;",
        replace: "      throw error;",
        why: "what can be peeked but not decoded would throw where the connection delivers",
      },
      {
        find: 'if ("invalid" in peeked) {',
        replace: "if (false) {",
        why: "what nobody here can know would be given to the policy",
      },
      {
        find: "this.#consumer.invalid(peeked.invalid, bytes.length);",
        replace: "",
        why: "invalid messages would be dropped in silence",
      },
      {
        find: "if (codec.acceptsText) {",
        replace: "if (true) {",
        why: "text would be taken for bytes of messages",
      },
      {
        find: "this.#consumer.undelivered(this.#lost(bytes), status);",
        replace: "void status;",
        why: "what could not be handed over would be lost in silence",
      },
    ],
  ),
];
