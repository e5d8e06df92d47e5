import { type Guard, guardsOf } from "../guard.js";

/** What a name may be, and what may be listed. */
export const messageGuards: readonly Guard[] = [
  ...guardsOf(
    "src/message/names.ts",
    ["test/message/names.test.ts"],
    [
      {
        find: 'name !== "" &&',
        replace: "",
        why: "names could be empty",
      },
      {
        find: "encoder.encode(name).length <= MAX_NAME_BYTES",
        replace: "true",
        why: "names could have more than 256 bytes, which Python peers count",
      },
      {
        find: "!CONTROL.test(name) &&",
        replace: "",
        why: "names could hold control characters, which log lines would show",
      },
      {
        find: "\\u007f-\\u009f",
        replace: "",
        why: "names could hold control characters beyond ASCII",
      },
      {
        find: "\\u2028\\u2029",
        replace: "",
        why: "names could break lines",
      },
      {
        find: "isWellFormed(name) &&",
        replace: "",
        why: "names could hold lone surrogates, which arrive as others",
      },
    ],
  ),
  ...guardsOf(
    "src/message/forward.ts",
    ["test/message/forward.test.ts"],
    [
      {
        find: 'Object.hasOwn(bodyTraits, name) && bodyTraits[name as BodyCase].forwarding === "listed"',
        replace: "Object.hasOwn(bodyTraits, name)",
        why: "end, cancel and announcements could be listed",
      },
      {
        find: 'if (name === "other") {',
        replace: "if (false) {",
        why: "frames of all Python classes could be listed at once",
      },
      {
        find: "if (!Object.hasOwn(frameTraits, name)) {",
        replace: "if (false) {",
        why: "a kind with a typo would go unnoticed",
      },
    ],
  ),
  ...guardsOf(
    "src/message/python-type.ts",
    ["test/message/forward.test.ts"],
    [
      {
        find: "!PYTHON_CLASS.test(typeName)",
        replace: "false",
        why: "what is no class could be listed as one",
      },
      {
        find: "if (remedy !== undefined) {",
        replace: "if (false) {",
        why: "a class that the schema has could be listed by its Python name, to no effect",
      },
    ],
  ),
  ...guardsOf(
    "src/message/custom-schema.ts",
    ["test/message/custom.test.ts"],
    [
      {
        find: 'typeUrl.startsWith(TYPE_URL_PREFIX) && name !== ""',
        replace: 'name !== ""',
        why: "a type of another host would be taken for the application's",
      },
      {
        find: '&& name !== "" && !name.includes("/")',
        replace: '&& !name.includes("/")',
        why: "a type URL without a name would be taken",
      },
      {
        find: '&& name !== "" && !name.includes("/")',
        replace: '&& name !== ""',
        why: "a type URL with a path would be taken",
      },
    ],
  ),
  ...guardsOf(
    "src/message/provenance.ts",
    ["test/proxy/weaknesses.test.ts"],
    [
      {
        find: "Delivered.mark(message, link);",
        replace: "",
        why: "nobody could know what came over a link",
      },
    ],
  ),
];
