import { type Guard, guardsOf } from "../guard.js";

const tests = ["test/codec/peek.test.ts", "test/codec/guards.test.ts"];

/** What may be read in two ways, or not at all. */
export const peekGuards: readonly Guard[] = [
  ...guardsOf("src/codec/peek.ts", tests, [
    {
      find: 'expectOnce(reader, tag, answer.source, "source");',
      replace: 'expectLengthDelimited(reader, tag, "source");',
      why: "a message could have two sources, one for the policy and one for others",
    },
    {
      find: 'expectOnce(reader, tag, answer.target, "target");',
      replace: 'expectLengthDelimited(reader, tag, "target");',
      why: "a message could have two targets",
    },
    {
      find: "expectOnce(reader, tag, found, name);",
      replace: "expectOnce(reader, tag, firstCase === FIRST_KIND ? undefined : found, name);",
      why: "a frame could have two kinds, an allowed one behind another",
    },
    {
      find: "expectOnce(reader, tag, found, name);",
      replace: 'expectOnce(reader, tag, firstCase > FIRST_KIND && name.includes("type") ? undefined : found, name);',
      why: "a message could name two types",
    },
    {
      find: "expectOnce(reader, tag, found, name);",
      replace: 'expectOnce(reader, tag, firstCase > FIRST_KIND && !name.includes("type") ? undefined : found, name);',
      why: "a message could hold two frames, or two messages of the application's",
    },
    {
      find: "expectOnce(reader, tag, found, name);",
      replace: "expectOnce(reader, tag, answer ? undefined : found, name);",
      why: "a message could have two bodies, an allowed one behind another",
    },
    {
      find: "  expectLengthDelimited(reader, tag, name);\n  if (before",
      replace: "  if (before",
      why: "a field that decides could have another wire type, which decoders pass over",
    },
    {
      find: 'expectLengthDelimited(reader, tag, "the envelope");',
      replace: "",
      why: "a mistyped field of the envelope would be passed over by the peek and not by the decoder",
    },
    {
      find: "if (number >= firstCase && reader.unknown === 0) {",
      replace: "if (answer === undefined && number >= firstCase && reader.unknown === 0) {",
      why: "a case that nobody here knows would go unnoticed beside one that is allowed",
    },
    {
      find: "if (number >= firstCase && reader.unknown === 0) {",
      replace: "if (answer !== undefined && number >= firstCase && reader.unknown === 0) {",
      why: "a kind that nobody here knows would go unnoticed beside one that is allowed",
    },
    {
      find: "const FIRST_CASE = 10;",
      replace: "const FIRST_CASE = 16;",
      why: "a case to come would be taken for a field of the envelope",
    },
    {
      find: "const FIRST_KIND = 16;",
      replace: "const FIRST_KIND = 200;",
      why: "kinds to come would be taken for common fields of frames",
    },
    {
      find: "const invalid = unknown === 0 ? problem :",
      replace: "const invalid = true ? problem :",
      why: "an unknown case could hide behind one that is allowed",
    },
    {
      find: "if (unknown !== 0) {",
      replace: "if (false) {",
      why: "an unknown kind could hide behind one that is allowed",
    },
    {
      find: "if (answer.kind === undefined) {",
      replace: "if (false) {",
      why: "a frame without a kind would not be called invalid",
    },
    {
      find: 'return answer.typeName === "" ? "frame has',
      replace: 'return false ? "frame has',
      why: "a frame could name the empty type",
    },
    {
      find: 'return answer.typeName === "" ? "other has',
      replace: 'return false ? "other has',
      why: "a message could name the empty type",
    },
    {
      find: 'return answer.typeName === undefined ? "the type',
      replace: 'return false ? "the type',
      why: "a type URL of another host, without a name or with a path would be taken",
    },
  ]),
  ...guardsOf("src/codec/wire-reader.ts", tests, [
    {
      find: "if (tag < 8) {",
      replace: "if (false) {",
      why: "fields could have number 0, which decoders refuse",
    },
    {
      find: "if (byte === 0) {",
      replace: "if (false) {",
      why: "a tag could be written in several ways",
    },
    {
      find: "if (shift === 28 && byte > 0x0f) {",
      replace: "if (false) {",
      why: "a tag beyond 32 bits would be cut to another field's, differently from decoder to decoder",
    },
    {
      find: "for (let shift = 7; shift < 35; shift += 7) {",
      replace: "for (let shift = 7; shift < 70; shift += 7) {",
      why: "a tag of more than five bytes would wrap to another field's",
    },
    {
      find: "if (length > this.end - this.pos) {",
      replace: "if (false) {",
      why: "a message could reach past the one that it is in",
    },
    {
      find: "if (count > this.end - this.pos) {",
      replace: "if (false) {",
      why: "a field could reach past its message",
    },
    {
      find: "if (this.pos >= this.end) {",
      replace: "if (this.pos >= this.bytes.length) {",
      why: "a varint could reach past its message",
    },
    {
      find: "fatal: true",
      replace: "fatal: false",
      why: "two names of bytes that aren't UTF-8 would read the same",
    },
    {
      find: "ignoreBOM: true",
      replace: "ignoreBOM: false",
      why: "a name with a byte order mark would read as the one without",
    },
    {
      find: "default:\n        throw this.unreadable",
      replace: "default:\n        void",
      why: "groups would be passed over, in which other decoders see fields",
    },
    {
      find: "if (shift === 63 && byte > 1) {",
      replace: "if (shift === 63 && byte > 0x7f) {",
      why: "numbers beyond 64 bits would be cut",
    },
  ]),
];
