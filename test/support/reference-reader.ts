/**
 * A second opinion on what is written: which bytes are a bus message, and what a policy reads of them. It is slow, knows
 * nothing of the code that it judges, and takes the schema from protobuf-es.
 */
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import type { Invalid, Peeked } from "../../src/codec/codec.js";

/** Bytes that nobody may read. */
export class Unreadable extends Error {}

/** A field as it stands in the bytes. */
export interface RawField {
  readonly number: number;
  readonly wireType: number;
  /** What it holds, without tag and length. */
  readonly content: Uint8Array;
}

const maxDepth = 100;
const typeUrl = "type.googleapis.com/";

/** Takes bytes apart into fields. Throws `Unreadable` for what is no list of fields, written in the one way that there is. */
export function fieldsOf(bytes: Uint8Array): readonly RawField[] {
  const fields: RawField[] = [];
  let rest = bytes;
  const take = (count: number): Uint8Array => {
    if (count > rest.length) {
      throw new Unreadable("the end");
    }
    const taken = rest.subarray(0, count);
    rest = rest.subarray(count);
    return taken;
  };
  const varint = (): Uint8Array => {
    const length = rest.findIndex((byte) => byte < 0x80) + 1;
    if (length === 0 || length > 10 || (length === 10 && (rest[9] as number) > 1)) {
      throw new Unreadable("a number");
    }
    return take(length);
  };
  const short = (): number => {
    const number = varint();
    const value = numberOf(number);
    if (value > 0xffff_ffffn || (number.length > 1 && number.at(-1) === 0)) {
      throw new Unreadable("a tag or length");
    }
    return Number(value);
  };
  while (rest.length > 0) {
    const tag = short();
    const [number, wireType] = [Math.floor(tag / 8), tag % 8];
    if (number === 0) {
      throw new Unreadable("number 0");
    }
    fields.push({ number, wireType, content: content(wireType) });
  }
  return fields;

  function content(wireType: number): Uint8Array {
    switch (wireType) {
      case 0:
        return varint();
      case 1:
        return take(8);
      case 2:
        return take(short());
      case 5:
        return take(4);
      default:
        throw new Unreadable("a group");
    }
  }
}

/** Throws `Unreadable` unless bytes are a message of a type, in all its parts. What its payloads may hold it doesn't ask. */
export function expectReadable(bytes: Uint8Array, type: DescMessage, depth = 1): void {
  if (depth > maxDepth) {
    throw new Unreadable("too deep");
  }
  for (const { number, wireType, content } of fieldsOf(bytes)) {
    const field = type.fields.find((one) => one.number === number);
    if (field === undefined) {
      continue;
    }
    const scalar = scalarOf(field);
    const own = scalar === undefined ? 2 : wireTypeOf(scalar);
    if (wireType === 2 && own !== 2 && field.fieldKind === "list") {
      expectPacked(content, own);
    } else if (wireType !== own) {
      throw new Unreadable(`${field.name} has wire type ${wireType}`);
    } else if (field.message !== undefined) {
      expectReadable(content, field.message, depth + 1);
    } else if (scalar === ScalarType.STRING) {
      textOf(content);
    }
  }
}

/** What a policy reads. Throws `Unreadable`, also for what could be read in two ways. */
export function referencePeek(bytes: Uint8Array): Peeked | Invalid {
  const type = BusMessageSchema;
  const fields = fieldsOf(bytes);
  const source = only(fields, type.field.source.number);
  const target = only(fields, type.field.target.number);
  const [text, targetText] = [textOf(source ?? new Uint8Array()), target === undefined ? undefined : textOf(target)];
  const cases = type.oneofs.find(({ name }) => name === "body")?.fields ?? [];
  const body = onlyOf(fields, cases);
  for (const field of type.fields.filter(({ message, oneof }) => message !== undefined && oneof === undefined)) {
    typed(fields, field.number);
  }
  if (body === undefined) {
    return { invalid: "no body" };
  }
  const name = body.field.localName as Peeked["case"];
  const read = readBody(name, body.content, { source: text, target: targetText });
  return fields.some(({ number }) => number >= 10 && !type.fields.some((field) => field.number === number))
    ? { invalid: "a second body that nobody knows" }
    : read;
}

function readBody(name: Peeked["case"], content: Uint8Array, route: Pick<Peeked, "source" | "target">) {
  switch (name) {
    case "frame": {
      const frame = only(fieldsOf(content), 1);
      return frame === undefined ? { invalid: "no frame" } : readFrame(frame, route);
    }
    case "custom": {
      const any = only(fieldsOf(content), 1);
      const url = any === undefined ? undefined : textOf(only(fieldsOf(any), 1) ?? new Uint8Array());
      const typeName = url?.startsWith(typeUrl) ? url.slice(typeUrl.length) : "";
      return typeName === "" || typeName.includes("/")
        ? { invalid: "no type URL" }
        : { ...route, case: name, kind: undefined, typeName };
    }
    case "other": {
      const typeName = textOf(only(fieldsOf(content), 1) ?? new Uint8Array());
      return typeName === "" ? { invalid: "no type name" } : { ...route, case: name, kind: undefined, typeName };
    }
    default:
      return { ...route, case: name, kind: undefined, typeName: undefined };
  }
}

function readFrame(bytes: Uint8Array, route: Pick<Peeked, "source" | "target">): Peeked | Invalid {
  const type = BusMessageSchema.field.frame.message?.fields[0]?.message as DescMessage;
  const kinds = type.oneofs.find(({ name }) => name === "kind")?.fields ?? [];
  const fields = fieldsOf(bytes);
  const kind = onlyOf(fields, kinds);
  const isOther = kind?.field.localName === "other";
  const typeName = isOther ? textOf(only(fieldsOf(kind.content), 1) ?? new Uint8Array()) : undefined;
  const isCommon = (number: number) => number >= 6 && number <= 15;
  if (fields.some(({ number }) => !isCommon(number) && !kinds.some((field) => field.number === number))) {
    return { invalid: "a kind that nobody knows" };
  }
  return kind === undefined || typeName === ""
    ? { invalid: "no kind" }
    : { ...route, case: "frame", kind: kind.field.localName as Peeked["kind"], typeName };
}

/** What the fields of a number hold, which have to be of the type that has a length. */
function typed(fields: readonly RawField[], number: number): readonly Uint8Array[] {
  const found = fields.filter((field) => field.number === number);
  if (found.some(({ wireType }) => wireType !== 2)) {
    throw new Unreadable(`field ${number} has another wire type`);
  }
  return found.map(({ content }) => content);
}

function only(fields: readonly RawField[], number: number): Uint8Array | undefined {
  const [first, second] = typed(fields, number);
  if (second !== undefined) {
    throw new Unreadable(`field ${number} occurs twice`);
  }
  return first;
}

/** The one field of a oneof that is there. */
function onlyOf(fields: readonly RawField[], oneof: readonly DescField[]) {
  const found = oneof.flatMap((field) => typed(fields, field.number).map((content) => ({ field, content })));
  if (found.length > 1) {
    throw new Unreadable("a oneof has two");
  }
  return found[0];
}

function expectPacked(content: Uint8Array, wireType: number): void {
  // As fields of number 1 they are read by the rules of fields.
  const tag = 8 + wireType;
  const width = wireType === 1 ? 8 : 4;
  if (wireType !== 0) {
    if (content.length % width !== 0) {
      throw new Unreadable("a packed list");
    }
    return;
  }
  const starts = (at: number) => at === 0 || (content[at - 1] as number) < 0x80;
  fieldsOf(Uint8Array.from([...content].flatMap((byte, at) => (starts(at) ? [tag, byte] : [byte]))));
}

function scalarOf(field: DescField): ScalarType | undefined {
  return field.message !== undefined ? undefined : (field.scalar ?? ScalarType.INT32);
}

function wireTypeOf(scalar: ScalarType): number {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return 2;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 1;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return 5;
    default:
      return 0;
  }
}

function numberOf(varint: Uint8Array): bigint {
  return varint.reduceRight((sum, byte) => sum * 128n + BigInt(byte & 0x7f), 0n);
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Unreadable("text");
  }
}
