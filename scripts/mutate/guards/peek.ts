import { type Guard, guardsOf } from "../guard.js";

const tests = ["test/codec/peek.test.ts", "test/codec/guards.test.ts"];

/** What may be read in two ways, or not at all. */
export const peekGuards: readonly Guard[] = [
  ...guardsOf("src/codec/peek.ts", tests, [
    {
      find: 'expectOnce(reader, tag, source, "source");',
      replace: 'expectLengthDelimited(reader, tag, "source");',
      why: "a message could have two sources, one for the policy and one for others",
    },
    {
      find: 'expectOnce(reader, tag, target, "target");',
      replace: 'expectLengthDelimited(reader, tag, "target");',
      why: "a message could have two targets",
    },
    {
      find: 'expectOnce(reader, tag, body, "body");',
      replace: 'expectLengthDelimited(reader, tag, "body");',
      why: "a message could have two bodies, an allowed one behind another",
    },
    {
      find: 'expectOnce(reader, tag, kind, "kind of the frame");',
      replace: 'expectLengthDelimited(reader, tag, "kind of the frame");',
      why: "a frame could have two kinds, an allowed one behind another",
    },
    {
      find: "expectOnce(reader, tag, start, name);",
      replace: "expectLengthDelimited(reader, tag, name);",
      why: "a message could hold two frames, or two messages of the application's",
    },
    {
      find: "expectOnce(reader, tag, text, name);",
      replace: "expectLengthDelimited(reader, tag, name);",
      why: "a message could name two types",
    },
    {
      find: "  expectLengthDelimited(reader, tag, name);\n  if (before",
      replace: "  if (before",
      why: "a field that decides could have another wire type, which decoders pass over",
    },
    {
      find: "if (number >= ENVELOPE_FROM && number <= ENVELOPE_TO) {",
      replace: "if (false) {",
      why: "a mistyped field of the envelope would be passed over by the peek and not by the decoder",
    },
    {
      find: "if (number >= FIRST_CASE && unknown === 0) {",
      replace: "if (false) {",
      why: "a case that nobody here knows would go unnoticed beside one that is allowed",
    },
    {
      find: "const FIRST_CASE = 10;",
      replace: "const FIRST_CASE = 16;",
      why: "a case to come would be taken for a field of the envelope",
    },
    {
      find: "return unknown === 0 ? answer :",
      replace: "return true ? answer :",
      why: "an unknown case could hide behind one that is allowed",
    },
    {
      find: "if ((number < FRAME_COMMON_FROM || number > FRAME_COMMON_TO) && unknown === 0) {",
      replace: "if (false) {",
      why: "a kind that nobody here knows would go unnoticed beside one that is allowed",
    },
    {
      find: "(number < FRAME_COMMON_FROM || number > FRAME_COMMON_TO)",
      replace: "number < FRAME_COMMON_FROM",
      why: "kinds to come would be taken for common fields of frames",
    },
    {
      find: "if (unknown !== 0) {",
      replace: "if (false) {",
      why: "an unknown kind could hide behind one that is allowed",
    },
    {
      find: "if (kind === undefined) {",
      replace: "if (false) {",
      why: "a frame without a kind would not be called invalid",
    },
    {
      find: 'if (kind === "other" && (typeName === undefined || typeName === "")) {',
      replace: 'if (kind === "other" && typeName === undefined) {',
      why: "a frame could name the empty type",
    },
    {
      find: 'typeName === undefined || typeName === ""\n        ?',
      replace: "typeName === undefined\n        ?",
      why: "a message could name the empty type",
    },
    {
      find: '!typeUrl.startsWith(TYPE_URL) || typeName === ""',
      replace: 'typeName === ""',
      why: "a type of another host would be taken for the application's",
    },
    {
      find: 'typeName === "" || typeName.includes("/")',
      replace: 'typeName.includes("/")',
      why: "a type URL without a name would be taken",
    },
    {
      find: 'typeName === "" || typeName.includes("/")',
      replace: 'typeName === ""',
      why: "a type URL with a path would be taken",
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
