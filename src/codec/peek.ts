import * as FieldNumber from "../../gen/crossbus/v1/field-numbers.js";
import { bodyTraits, frameTraits } from "../message/case-traits.js";
import { customTypeName } from "../message/custom-schema.js";
import type { BodyCase, FrameKind } from "../message/types.js";
import type { Invalid, Peeked } from "./codec.js";
import { WireReader } from "./wire-reader.js";
import * as WireType from "./wire-type.js";

/** In BusMessage, fields below this that aren't source, target or frame are the envelope; others are cases. */
const FIRST_CASE = 10;
/** The fields of the envelope that the schema knows: messages, all of them. */
const ENVELOPE_FROM = 4;
const ENVELOPE_TO = 6;
/** In Frame, fields from this on that aren't known are kinds to come. */
const FIRST_KIND = 16;
/** No field has a number like that. Infinity would be an object of its own on the heap, each time. */
const NO_CASE = 2 ** 29;

const bodyCases = /*@__PURE__*/ casesByNumber<BodyCase>(bodyTraits);
const frameKinds = /*@__PURE__*/ casesByNumber<FrameKind>(frameTraits);
/** For a message in which one field matters, which is everywhere the same number. */
const innerField = /*@__PURE__*/ casesByNumber({ inner: { number: FieldNumber.inner } });

/** What is known of an answer, while the message is walked. */
type Answer = { -readonly [Key in keyof Peeked]: Peeked[Key] | undefined };

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
  const answer: Answer = {
    source: undefined,
    target: undefined,
    case: undefined,
    kind: undefined,
    typeName: undefined,
  };
  answer.case = enter(reader, bodyCases, "body", FIRST_CASE, answer);
  answer.source ??= "";
  const { unknown } = reader;
  if (answer.case === undefined) {
    return { invalid: unknown === 0 ? "body is missing" : `body is the unknown case ${unknown}` };
  }
  // Also with an unknown case beside it: what is unreadable within the body is unreadable all the same.
  const problem = peekBody(reader, answer);
  const invalid = unknown === 0 ? problem : `body has the unknown case ${unknown} beside ${answer.case}`;
  return invalid === undefined ? (answer as Peeked) : { invalid };
}

/** Adds to an answer what the body says that the reader is in, and tells why nobody can know it, if so. */
function peekBody(reader: WireReader, answer: Answer): string | undefined {
  switch (answer.case) {
    case "frame":
      return enter(reader, innerField, "frame") === undefined ? "frame has no frame" : peekFrame(reader, answer);
    case "custom": {
      if (enter(reader, innerField, "message of custom") === undefined) {
        return "custom has no message";
      }
      answer.typeName = customTypeName(peekText(reader, "type_url of custom"));
      return answer.typeName === undefined ? "the type URL of custom isn't type.googleapis.com/ and a name" : undefined;
    }
    case "other":
      answer.typeName = peekText(reader, "type_name of other");
      return answer.typeName === "" ? "other has no type name" : undefined;
    default:
      return undefined;
  }
}

function peekFrame(reader: WireReader, answer: Answer): string | undefined {
  answer.kind = enter(reader, frameKinds, "kind of the frame", FIRST_KIND);
  const { unknown } = reader;
  if (answer.kind === "other") {
    answer.typeName = peekText(reader, "type_name of the frame");
  }
  if (unknown !== 0) {
    return `frame has the unknown kind ${unknown}`;
  }
  if (answer.kind === undefined) {
    return "frame has no kind";
  }
  return answer.typeName === "" ? "frame has kind other but no type name" : undefined;
}

/**
 * Walks the message that the reader is in, then puts the reader into the field that has a number of `cases`, and gives what
 * it is there. Gives undefined where there is none. The number of the first other field from `firstCase` on is noted in
 * `reader.unknown`. With `answer`, the message is a BusMessage, and its source and target are put there.
 */
function enter<Case extends string>(
  reader: WireReader,
  cases: readonly (Case | undefined)[],
  name: string,
  firstCase = NO_CASE,
  answer?: Answer,
): Case | undefined {
  let found: Case | undefined;
  let start = 0;
  let end = 0;
  reader.unknown = 0;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    const number = tag >>> 3;
    if (answer !== undefined && number === FieldNumber.source) {
      expectOnce(reader, tag, answer.source, "source");
      answer.source = reader.string();
    } else if (answer !== undefined && number === FieldNumber.target) {
      expectOnce(reader, tag, answer.target, "target");
      answer.target = reader.string();
    } else if (cases[number] !== undefined) {
      expectOnce(reader, tag, found, name);
      found = cases[number];
      const length = reader.length();
      start = reader.fixed(length);
      end = reader.pos;
    } else {
      if (answer !== undefined && number >= ENVELOPE_FROM && number <= ENVELOPE_TO) {
        expectLengthDelimited(reader, tag, "the envelope");
      }
      if (number >= firstCase && reader.unknown === 0) {
        reader.unknown = number;
      }
      reader.skip(tag & 7);
    }
  }
  if (found !== undefined) {
    reader.pos = start;
    reader.end = end;
  }
  return found;
}

/** Walks the message that the reader is in, and gives the text in its inner field, which is empty where it isn't there. */
function peekText(reader: WireReader, name: string): string {
  return enter(reader, innerField, name) === undefined ? "" : reader.text(reader.end - reader.pos);
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
