import { fieldNumbers } from "../../gen/crossbus/v1/traits.js";
import { bodyTraits, frameTraits } from "../message/case-traits.js";
import type { BodyCase, FrameKind } from "../message/types.js";
import type { Invalid, Peeked } from "./codec.js";
import { WireReader, WireType } from "./wire-reader.js";

/** In BusMessage, fields below this that aren't source, target or frame are the envelope; others are cases. */
const FIRST_CASE = 10;
/** The fields of the envelope that the schema knows: messages, all of them. */
const ENVELOPE_FROM = 4;
const ENVELOPE_TO = 6;
/** In Frame, fields from the first to the last of these are common to all kinds; others are kinds. */
const FRAME_COMMON_FROM = 6;
const FRAME_COMMON_TO = 15;

/** The one way to write a type URL here. */
const TYPE_URL = "type.googleapis.com/";

const bodyCases = /*@__PURE__*/ casesByNumber<BodyCase>(bodyTraits);
const frameKinds = /*@__PURE__*/ casesByNumber<FrameKind>(frameTraits);

/**
 * Reads what a policy decides on from the Protocol Buffers encoding of a `crossbus.v1.BusMessage`, without
 * building the message.
 *
 * It walks all the fields of the message and of those nested messages that the answer depends on. Whatever
 * decoders may read differently there is unreadable, even where the format allows it: a source, target, body,
 * frame, kind or type name that occurs twice (some take the last, some merge, some the first) or has another
 * wire type than the schema says, and two cases of a oneof.
 *
 * Throws INVALID_ARGUMENT for what is unreadable. A message that can be read but that nobody here can know
 * (no or an unknown case or kind, no or an odd type name) is `Invalid`.
 */
export function peek(bytes: Uint8Array): Peeked | Invalid {
  const reader = new WireReader(bytes);
  let source: string | undefined;
  let target: string | undefined;
  let body: BodyCase | undefined;
  let bodyStart = 0;
  let bodyEnd = 0;
  let unknown = 0;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    const number = tag >>> 3;
    if (number === fieldNumbers.source) {
      expectOnce(reader, tag, source, "source");
      source = reader.string();
    } else if (number === fieldNumbers.target) {
      expectOnce(reader, tag, target, "target");
      target = reader.string();
    } else if (bodyCases[number] !== undefined) {
      expectOnce(reader, tag, body, "body");
      body = bodyCases[number];
      const length = reader.length();
      bodyStart = reader.fixed(length);
      bodyEnd = reader.pos;
    } else {
      if (number >= ENVELOPE_FROM && number <= ENVELOPE_TO) {
        expectLengthDelimited(reader, tag, "the envelope");
      }
      if (number >= FIRST_CASE && unknown === 0) {
        unknown = number;
      }
      reader.skip(tag & 7);
    }
  }
  if (body === undefined) {
    return { invalid: unknown === 0 ? "body is missing" : `body is the unknown case ${unknown}` };
  }
  // Also with an unknown case beside it: what is unreadable within the body is unreadable all the same.
  reader.pos = bodyStart;
  reader.end = bodyEnd;
  const answer = peekBody(reader, source ?? "", target, body);
  return unknown === 0 ? answer : { invalid: `body has the unknown case ${unknown} beside ${body}` };
}

function peekBody(reader: WireReader, source: string, target: string | undefined, body: BodyCase): Peeked | Invalid {
  switch (body) {
    case "frame":
      return peekFrameMessage(reader, source, target);
    case "custom":
      return peekCustom(reader, source, target);
    case "other": {
      const typeName = peekString(reader, fieldNumbers.otherMessageTypeName, "type_name of other");
      return typeName === undefined || typeName === ""
        ? { invalid: "other has no type name" }
        : { source, target, case: body, kind: undefined, typeName };
    }
    default:
      return { source, target, case: body, kind: undefined, typeName: undefined };
  }
}

function peekFrameMessage(reader: WireReader, source: string, target: string | undefined): Peeked | Invalid {
  if (!enterField(reader, fieldNumbers.frameMessageFrame, "frame")) {
    return { invalid: "frame has no frame" };
  }
  let kind: FrameKind | undefined;
  let kindStart = 0;
  let kindEnd = 0;
  let unknown = 0;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    const number = tag >>> 3;
    if (frameKinds[number] !== undefined) {
      expectOnce(reader, tag, kind, "kind of the frame");
      kind = frameKinds[number];
      const length = reader.length();
      kindStart = reader.fixed(length);
      kindEnd = reader.pos;
    } else {
      if ((number < FRAME_COMMON_FROM || number > FRAME_COMMON_TO) && unknown === 0) {
        unknown = number;
      }
      reader.skip(tag & 7);
    }
  }
  let typeName: string | undefined;
  if (kind === "other") {
    reader.pos = kindStart;
    reader.end = kindEnd;
    typeName = peekString(reader, fieldNumbers.otherFrameTypeName, "type_name of the frame");
  }
  if (unknown !== 0) {
    return { invalid: `frame has the unknown kind ${unknown}` };
  }
  if (kind === undefined) {
    return { invalid: "frame has no kind" };
  }
  if (kind === "other" && (typeName === undefined || typeName === "")) {
    return { invalid: "frame has kind other but no type name" };
  }
  return { source, target, case: "frame", kind, typeName };
}

function peekCustom(reader: WireReader, source: string, target: string | undefined): Peeked | Invalid {
  if (!enterField(reader, fieldNumbers.customMessage, "message of custom")) {
    return { invalid: "custom has no message" };
  }
  const typeUrl = peekString(reader, fieldNumbers.anyTypeUrl, "type_url of custom") ?? "";
  const typeName = typeUrl.slice(TYPE_URL.length);
  if (!typeUrl.startsWith(TYPE_URL) || typeName === "" || typeName.includes("/")) {
    return { invalid: `the type URL of custom isn't ${TYPE_URL} and a name` };
  }
  return { source, target, case: "custom", kind: undefined, typeName };
}

/**
 * Walks the message that the reader is in, then puts the reader into the field `wanted`, which is a message.
 * Tells whether there is one.
 */
function enterField(reader: WireReader, wanted: number, name: string): boolean {
  let start: number | undefined;
  let end = 0;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag >>> 3 === wanted) {
      expectOnce(reader, tag, start, name);
      const length = reader.length();
      start = reader.fixed(length);
      end = reader.pos;
    } else {
      reader.skip(tag & 7);
    }
  }
  reader.pos = start ?? reader.pos;
  reader.end = start === undefined ? reader.end : end;
  return start !== undefined;
}

/** Walks the message that the reader is in, and gives the text in its field `wanted`. */
function peekString(reader: WireReader, wanted: number, name: string): string | undefined {
  let text: string | undefined;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag >>> 3 === wanted) {
      expectOnce(reader, tag, text, name);
      text = reader.string();
    } else {
      reader.skip(tag & 7);
    }
  }
  return text;
}

/** For a field that decides: it must be what the schema says, and the first of its like. */
function expectOnce(reader: WireReader, tag: number, before: unknown, name: string): void {
  expectLengthDelimited(reader, tag, name);
  if (before !== undefined) {
    throw reader.unreadable(`${name} occurs twice`);
  }
}

function expectLengthDelimited(reader: WireReader, tag: number, name: string): void {
  if ((tag & 7) !== WireType.lengthDelimited) {
    throw reader.unreadable(`${name} has wire type ${tag & 7}`);
  }
}

function casesByNumber<Case extends string>(
  traits: Readonly<Record<Case, { readonly number: number }>>,
): readonly (Case | undefined)[] {
  const cases: (Case | undefined)[] = [];
  for (const name in traits) {
    cases[traits[name].number] = name;
  }
  // Without holes, so that a look-up is one load.
  return Array.from(cases);
}
