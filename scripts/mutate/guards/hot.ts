import { type Guard, guardsOf } from "../guard.js";

const tests = ["test/codec/hot.test.ts"];

/** That what is fast says the same as what is thorough, and that no message gets into another's bytes. */
export const hotGuards: readonly Guard[] = [
  ...guardsOf("src/codec/wire-writer.ts", tests, [
    {
      find: "return isWasteful ?",
      replace: "return false ?",
      why: "a peer that doesn't read would keep three times of what its limit says",
    },
    {
      find: "      this.#pos = this.#end;\n      return undefined;",
      replace: "      this.#pos = this.#slab.length;\n      return undefined;",
      why: "a message would be written over one that is still to be sent",
    },
    {
      find: "    if (this.#isBusy) {\n      return undefined;\n    }",
      replace: "",
      why: "two messages could be written into each other",
    },
    {
      find: "if (written !== value.length && !isWellFormed(value)) {",
      replace: "if (false as boolean) {",
      why: "lone surrogates would be sent as something else",
    },
    {
      find: "slab.set(written, slab.length - written.length);",
      replace: "",
      why: "a message that goes on in other memory would lose its end",
    },
  ]),
  ...guardsOf("src/codec/hot-reader.ts", tests, [
    {
      find: "if (second === 0 || !(second < 0x80)) {",
      replace: "if (!(second < 0x80)) {",
      why: "a padded tag would be read, which others refuse",
    },
    {
      find: "return byte === 0 ? this.leave() : result | (byte << shift);",
      replace: "return result | (byte << shift);",
      why: "a padded length would be read, which others refuse",
    },
    {
      find: "return message !== undefined && isWhole(message) ? message : undefined;",
      replace: "return message;",
      why: "a message that says nothing would be decoded",
    },
  ]),
  ...guardsOf(
    "src/codec/short-text.ts",
    ["test/codec/hot.test.ts", "test/codec/peek.test.ts"],
    [
      {
        find: "if (same === length) {",
        replace: "if (same > 0) {",
        why: "a name would be read as another",
      },
      {
        find: "    if (!(byte < 0x80)) {\n      return undefined;\n    }",
        replace: "",
        why: "short names beyond ASCII would read as others",
      },
    ],
  ),
  ...guardsOf(
    "gen/crossbus/v1/hot-builders.ts",
    ["test/message/hot-builders.test.ts"],
    [
      {
        find: "return type !== undefined && m.metadata === undefined && m.extra === undefined && m.kind.value?.$typeName === type;",
        replace: "return true;",
        why: "a frame that is plain JavaScript, in part, would be taken for a message",
      },
    ],
  ),
  ...guardsOf(
    "src/transport/ws-writer.ts",
    ["test/transport/ws-writer.test.ts"],
    [
      {
        find: "    this.#network?.cork?.();",
        replace: "",
        why: "every message would be written on its own",
      },
      {
        find: "      this.#network?.uncork?.();",
        replace: "",
        why: "nothing would ever be written",
      },
      {
        find: "if (this.#batchBytes >= maxBatchBytes) {",
        replace: "if (false as boolean) {",
        why: "a turn that sends much would keep all of it",
      },
      {
        find: "    if (++this.#batch === 1) {",
        replace: "    if (++this.#batch >= 1) {",
        why: "each message would ask for the end of the turn",
      },
      {
        find: "this.#outbox.handedOver(count);",
        replace: "this.#outbox.handedOver(1);",
        why: "what was handed over would be told as lost",
      },
      {
        find: "if ((error !== undefined && error !== null) || this.#isCut) {",
        replace: "if (false as boolean) {",
        why: "what a broken connection took with it would not be told",
      },
    ],
  ),
  ...guardsOf(
    "src/transport/intake.ts",
    ["test/transport/intake-node.test.ts", "test/link/kept-bytes-node.test.ts"],
    [
      {
        find: "if (buffer.byteLength <= maxLeft || byteLength * 2 > buffer.byteLength) {",
        replace: "if (true as boolean) {",
        why: "a kept message would keep 64 KiB alive, and stand beside what is none of its business",
      },
      {
        find: "      soon(this.#drop);",
        replace: "",
        why: "an idle connection would keep memory for messages",
      },
    ],
  ),
  ...guardsOf(
    "src/transport/page-writer.ts",
    ["test/transport/page-writer.test.ts"],
    [
      {
        find: "this.#outbox.length < maxInPlace ? message : new Uint8Array(message)",
        replace: "message",
        why: "a page whose server doesn't read would keep alive what was sent to all others",
      },
      {
        find: "if (this.#outbox.length > 0) {\n        this.#poll();",
        replace: "if (false as boolean) {\n        this.#poll();",
        why: "who waits for a slow network would wait until something else is sent",
      },
    ],
  ),
  ...guardsOf(
    "src/transport/slab.ts",
    ["test/transport/intake-node.test.ts", "test/transport/ws-writer.test.ts"],
    [
      {
        find: "if (waiting < maxInPlace) {",
        replace: "if (true as boolean) {",
        why: "a peer that doesn't read would keep alive what was sent to all others",
      },
      {
        find: "bytes.length * 2 >= bytes.buffer.byteLength ? bytes : this.copy(bytes)",
        replace: "this.copy(bytes)",
        why: "what has memory of its own would be copied for nothing",
      },
      {
        find: "this.#used + length > slabBytes",
        replace: "false",
        why: "a message would not fit in where it is copied to",
      },
      {
        find: "    this.#used += length;",
        replace: "",
        why: "a message would be written over another",
      },
      {
        find: "if (length > maxShared) {",
        replace: "if (false as boolean) {",
        why: "a large message would not fit in where it is copied to",
      },
    ],
  ),
  ...guardsOf(
    "src/message/provenance.ts",
    ["test/message/provenance.test.ts", "test/proxy/proxy-agent.test.ts"],
    [
      {
        find: "return #link in message ? message.#link : undefined;",
        replace: "return undefined;",
        why: "a message could go back over the link that delivered it",
      },
    ],
  ),
];
