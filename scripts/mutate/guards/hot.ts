import { type Guard, guardsOf } from "../guard.js";

const tests = ["test/codec/hot.test.ts"];

/** That what is fast says the same as what is thorough, and that no message gets into another's bytes. */
export const hotGuards: readonly Guard[] = [
  ...guardsOf("src/codec/hot-writer.ts", tests, [
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
      find: "if (same === length) {",
      replace: "if (same > 0) {",
      why: "a name would be read as another",
    },
    {
      find: "return isWhole(message) ? message : undefined;",
      replace: "return message;",
      why: "a message that says nothing would be decoded",
    },
  ]),
];
