import { type Guard, guardsOf } from "../guard.js";

const tests = ["test/proxy/dialects.test.ts"];

/** How a link comes to speak what its peer speaks, and no more. */
export const dialectGuards: readonly Guard[] = [
  ...guardsOf("src/codec/dialect.ts", tests, [
    {
      find: "if (isOlder(peerVersion, oldest)) {",
      replace: "if (false) {",
      why: "a release would be promised that nothing was tested with",
    },
    {
      find: "if (oldest === undefined) {",
      replace: "if (false) {",
      why: "a release would be given where it means nothing",
    },
    {
      find: "if (!Object.hasOwn(oldestVersions, dialect)) {",
      replace: "if (!(dialect in oldestVersions)) {",
      why: "what every object has would pass for a dialect",
    },
  ]),
  ...guardsOf("src/link/plain-link.ts", tests, [
    {
      find: "this.#codec.allowTypes?.(consumer.pythonTypes);",
      replace: "",
      why: "the Python classes that a user lists would not cross",
    },
  ]),
  ...guardsOf("src/link/plain-reader.ts", tests, [
    {
      find: "this.#consumer.invalid(decoded.invalid, bytes.length);\n      return undefined;",
      replace: "return undefined;",
      why: "a message that only decoding shows to be none would be dropped in silence",
    },
  ]),
];
