import { type Guard, guardsOf } from "../guard.js";

const tests = ["test/codec/protobuf.test.ts", "test/codec/decode-message.test.ts", "test/codec/guards.test.ts"];

/** Everything but properties. */
const grep = "doesn't|refuses|as a view";

/** What the codec refuses to write, and to read. */
export const codecGuards: readonly Guard[] = [
  ...guardsOf("src/codec/protobuf.ts", tests, [
    {
      find: 'if (!agree(known(bytes.subarray(headroom), "encoded"), message)) {',
      replace: 'known(bytes.subarray(headroom), "encoded");\n  if (false) {',
      why: "unknown fields could make a message say something else than what the policy judged",
    },
    {
      find: 'if (!agree(known(bytes.subarray(headroom), "encoded"), message)) {',
      replace: "if (false) {",
      why: "what no peer can read would be sent, and cost the connection",
    },
    {
      find: "checkMessage(busMessageType, message);",
      replace: "",
      why: "fields of wrong types would be sent as something else",
    },
    {
      find: 'if ("invalid" in peeked) {',
      replace: "if (false) {",
      why: "what the peek calls invalid would be encoded and decoded",
    },
    {
      find: "bytes.constructor === Uint8Array ? bytes :",
      replace: "true ? bytes :",
      why: "fields of messages would be Buffers",
    },
  ]),
  ...guardsOf("src/codec/agree.ts", tests, [
    {
      find: "message.source === peeked.source &&",
      replace: "",
      why: "a message could go out under another source than the policy judged",
    },
    {
      find: "message.target === peeked.target &&",
      replace: "",
      why: "a message could go out to another target than the policy judged",
    },
    {
      find: "message.body.case === peeked.case &&",
      replace: "",
      why: "a message could go out in another case than the policy judged",
    },
    {
      find: "kindOf(message) === peeked.kind &&",
      replace: "",
      why: "a frame could go out in another kind than the policy judged",
    },
    {
      find: "kindOf(message) === peeked.kind &&\n    typeNameOf(message) === peeked.typeName",
      replace: "kindOf(message) === peeked.kind",
      why: "a message could go out under another type than the policy judged",
    },
  ]),
  ...guardsOf("src/codec/decode-message.ts", tests, [
    {
      find: "if (depth > MAX_DEPTH) {",
      replace: "if (false) {",
      why: "a deeply nested message could exhaust the stack",
    },
    {
      find: "if (wireType !== ownType) {",
      replace: "if (false) {",
      why: "a mistyped field would be read as something else",
    },
    {
      find: "if (before !== undefined) {",
      replace: "if (false) {",
      why: "a payload that comes in parts would be checked again for each of them",
    },
    {
      find: "if (isPayload(field)) {",
      replace: "if (isPayload(field) && list !== undefined) {",
      why: "payloads that break the rules of values would be taken",
    },
    {
      find: "if (isPayload(field)) {",
      replace: "if (isPayload(field) && list === undefined) {",
      why: "payloads in lists that break the rules of values would be taken",
    },
  ]),
  ...guardsOf("src/message/scalar-problem.ts", tests, [
    {
      find: "isText(value)",
      replace: 'typeof value === "string"',
      why: "lone surrogates would be sent as another text, or be refused without saying where they are",
    },
  ]),
  ...guardsOf("src/codec/encode-message.ts", tests, [
    {
      find: "?? new WireWriter().encode(write, message, headroom)",
      replace: "",
      why: "a message that is encoded while another is would be refused",
    },
  ]),
  ...guardsOf("src/message/look-up.ts", tests, [
    {
      find: ": [owner.fields, []];",
      replace: ": [owner.fields, owner.fields];",
      why: "the number of a case would be taken for its name",
    },
  ]),
  ...guardsOf("src/codec/check-message.ts", tests, [
    {
      find: "if (field === undefined) {",
      replace: "if (field === undefined) {\n    return;",
      why: "a message of a case that the schema doesn't have would be sent without its body",
    },
  ]),
].map((guard) => ({ ...guard, grep }));
