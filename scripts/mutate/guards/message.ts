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
    "src/message/check-init.ts",
    ["test/message/check-init.test.ts"],
    [
      {
        find: "    if (member === undefined) {",
        replace: "    if (member === undefined && depth > MAX_DEPTH) {",
        why: "what is misspelt would be gone without a word",
      },
      {
        find: "  if (depth > MAX_DEPTH) {",
        replace: "  if (false) {",
        why: "a message would go out that nobody can read",
      },
      {
        find: "if ((isObject ? depth + 1 : depth) > MAX_DEPTH) {",
        replace: "if (depth > 2 * MAX_DEPTH) {",
        why: "plain JSON would go out that nobody can read",
      },
      {
        find: "checkItem(field, value[key], path, key, depth + 1);",
        replace: "checkItem(field, value[key], path, key, depth);",
        why: "a message would go out that Python can't read",
      },
      {
        find: 'init["$typeName"] !== undefined && init["$typeName"] !== schema.typeName',
        replace: "false",
        why: "a message of one type would be taken for one of another",
      },
      {
        find: '  if (key === "__proto__") {',
        replace: "  if (false) {",
        why: "an entry of a map would be lost",
      },
      {
        find: "    const isKnown = field.enum?.open === true || field.enum?.value[value as number] !== undefined;",
        replace: "    const isKnown = true;",
        why: "a closed enumeration would have values that nobody reads",
      },
      {
        find: "integer !== undefined && integer >= range[0] && integer <= range[1]",
        replace: "integer !== undefined",
        why: "what is out of range would be named by no path",
      },
      {
        find: 'return Object.prototype.toString.call(value) === "[object Object]";',
        replace: 'return typeof value === "object" && value !== null;',
        why: "a date would become an empty message",
      },
    ],
  ),
  ...guardsOf(
    "src/message/find-proto-key.ts",
    ["test/message/find-proto-key.test.ts"],
    [
      {
        find: "found = reader.string() === KEY ? field.name : undefined;",
        replace: "reader.string();",
        why: "a peer could give a map a prototype",
      },
      {
        find: "field.delimitedEncoding ? undefined : reader.uint32()",
        replace: "reader.uint32()",
        why: "in a group a peer could",
      },
      {
        find: "KEY_BYTES.lastIndexOf(bytes[at] ?? 0, last - 1)",
        replace: "-1",
        why: "it would be looked for in one place of nine",
      },
    ],
  ),
  ...guardsOf(
    "src/message/keep-marks.ts",
    ["test/message/keep-marks.test.ts"],
    [
      {
        find: "    configureTextEncoding(before);",
        replace: "",
        why: "an application's own use of protobuf-es would change",
      },
      {
        find: "      end += 3;",
        replace: "      end += 3; break;",
        why: "of several marks one would be lost",
      },
    ],
  ),
  ...guardsOf(
    "src/message/custom.ts",
    ["test/message/custom.test.ts"],
    [
      {
        find: "    checkInit(schema, init, schema.typeName);",
        replace: "",
        why: "what is misspelt would be gone without a word",
      },
      {
        find: "keepMarks(() => fromBinary(schema, any.value))",
        replace: "fromBinary(schema, any.value)",
        why: "a text would lose its first character",
      },
      {
        find: "  if (field !== undefined) {",
        replace: "  if (false) {",
        why: "a peer could give a map a prototype",
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
    "src/message/case-traits.ts",
    ["test/message/schema.test.ts"],
    [
      {
        find: "system: has(Flag.system),",
        replace: "system: true,",
        why: "everything would overtake everything",
      },
      {
        find: "untargeted: has(Flag.untargeted),",
        replace: "untargeted: true,",
        why: "broadcasts of any case would cross bridges",
      },
      {
        find: "forwarding: has(Flag.never)",
        replace: "forwarding: (false as boolean)",
        why: "end and cancel could be listed",
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
