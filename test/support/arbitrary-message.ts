import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { OtherFrameSchema } from "../../gen/crossbus/v1/frame_kinds_pb.js";
import { FrameSchema } from "../../gen/crossbus/v1/frame_pb.js";
import {
  type BusMessage,
  BusMessageSchema,
  CustomMessageSchema,
  FrameMessageSchema,
  OtherMessageSchema,
} from "../../gen/crossbus/v1/message_pb.js";
import { StructSchema, type Value, ValueSchema } from "../../gen/crossbus/v1/value_pb.js";
import { codePoint } from "./arbitrary-code-point.js";

type Init = Record<string, unknown>;

/** Well-formed text of all planes, with a liking for what is treated specially somewhere. */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 6 }) },
  { weight: 2, arbitrary: fc.string({ unit: codePoint, maxLength: 60 }) },
  { weight: 1, arbitrary: fc.constantFrom("\ufeffmarked", "__proto__", "x".repeat(200), "\u0000", "héllo") },
);

const bytes = fc.uint8Array({ maxLength: 12 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const double = fc.double({ noNaN: true });
const typeName = fc.constantFrom("acme.Order", "acme.v1.Thing", "pipecat.frames.frames.Other", "X");

/** Any valid `Value`, a few levels deep. */
const { value } = fc.letrec<{ value: Value; content: Init }>((tie) => ({
  value: tie("content").map((kind) => create(ValueSchema, { kind } as Init)),
  content: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant({ case: "nullValue", value: 0 }),
    fc.boolean().map((value) => ({ case: "boolValue", value })),
    int64.map((value) => ({ case: "intValue", value })),
    double.map((value) => ({ case: "doubleValue", value })),
    text.map((value) => ({ case: "stringValue", value })),
    bytes.map((value) => ({ case: "bytesValue", value })),
    bytes.map((rest) => ({ case: "bigIntValue", value: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, ...rest) })),
    fc.array(tie("value"), { maxLength: 3 }).map((values) => ({ case: "listValue", value: { values } })),
    entries(tie("value")).map((value) => ({ case: "structValue", value })),
    fc.record({ typeName, value: tie("value") }).map((value) => ({ case: "typedValue", value })),
  ),
}));

export { value as arbitraryValue };

function entries(values: fc.Arbitrary<Value>): fc.Arbitrary<{ entries: { key: string; value: Value }[] }> {
  return fc
    .uniqueArray(fc.record({ key: text, value: values }), { maxLength: 3, selector: (entry) => entry.key })
    .map((list) => ({ entries: list }));
}

/**
 * Messages of any type of the schema, with any content that can be encoded. What the schema can't say (a frame
 * has a kind, a custom message a type) holds too, so that every `BusMessage` can be peeked.
 */
function arbitraryOf(desc: DescMessage): fc.Arbitrary<Message> {
  let arbitrary = known.get(desc.typeName);
  if (arbitrary === undefined) {
    arbitrary = fields(desc, {});
    known.set(desc.typeName, arbitrary);
  }
  return arbitrary;
}

const known = new Map<string, fc.Arbitrary<Message>>([
  [ValueSchema.typeName, value],
  [StructSchema.typeName, entries(value).map((init) => create(StructSchema, init))],
]);
known.set(AnySchema.typeName, fields(AnySchema, { typeUrl: typeName.map((name) => `type.googleapis.com/${name}`) }));
known.set(OtherFrameSchema.typeName, fields(OtherFrameSchema, { typeName }));
known.set(OtherMessageSchema.typeName, fields(OtherMessageSchema, { typeName }));
known.set(CustomMessageSchema.typeName, fields(CustomMessageSchema, { message: arbitraryOf(AnySchema) }));
known.set(FrameMessageSchema.typeName, fields(FrameMessageSchema, { frame: arbitraryOf(FrameSchema) }));

function fields(desc: DescMessage, given: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Message> {
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  for (const member of desc.members) {
    const name = member.localName;
    if (given[name] !== undefined) {
      model[name] = given[name];
    } else if (member.kind === "oneof") {
      model[name] = fc.oneof(
        ...member.fields.map((field) => content(field).map((value) => ({ case: field.localName, value }))),
      );
    } else {
      model[name] = member.fieldKind === "list" ? content(member) : fc.option(content(member), { nil: undefined });
    }
  }
  return fc.record(model).map((init) => create(desc, init as Init));
}

function content(field: DescField): fc.Arbitrary<unknown> {
  switch (field.fieldKind) {
    case "message":
      return arbitraryOf(field.message);
    case "enum":
      return fc.oneof(fc.constantFrom(...field.enum.values.map(({ number }) => number)), fc.constantFrom(-1, 77));
    case "scalar":
      return scalar(field.scalar);
    case "list":
      return fc.array(field.listKind === "message" ? arbitraryOf(field.message) : scalar(field.scalar), {
        maxLength: 3,
      });
    default:
      throw new TypeError(`${field} has a type that nothing is made of here`);
  }
}

function scalar(type: ScalarType | undefined): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BYTES:
      return bytes;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.DOUBLE:
      return double;
    case ScalarType.UINT32:
      return fc.nat({ max: 0xffffffff });
    case ScalarType.INT32:
      return fc.integer();
    case ScalarType.INT64:
    case ScalarType.SINT64:
      return int64;
    default:
      throw new TypeError(`nothing is made of scalar type ${type} here`);
  }
}

/** Any bus message that can be encoded: all cases and kinds, with any content. */
export function arbitraryBusMessage(): fc.Arbitrary<BusMessage> {
  return arbitraryOf(BusMessageSchema) as fc.Arbitrary<BusMessage>;
}

/** Bus messages of one case. */
export function arbitraryBusMessageOf(bodyCase: string): fc.Arbitrary<BusMessage> {
  const field = fieldOf(BusMessageSchema, bodyCase);
  const body = content(field).map((value) => ({ case: bodyCase, value }));
  return fields(BusMessageSchema, { body }) as fc.Arbitrary<BusMessage>;
}

/** Bus messages that carry a frame of one kind. */
export function arbitraryFrameMessageOf(kind: string): fc.Arbitrary<BusMessage> {
  const field = fieldOf(FrameSchema, kind);
  const frame = fields(FrameSchema, { kind: content(field).map((value) => ({ case: kind, value })) });
  const body = fields(FrameMessageSchema, { frame }).map((value) => ({ case: "frame", value }));
  return fields(BusMessageSchema, { body }) as fc.Arbitrary<BusMessage>;
}

function fieldOf(desc: DescMessage, localName: string): DescField {
  const field = desc.fields.find((candidate) => candidate.localName === localName);
  if (field === undefined) {
    throw new TypeError(`${desc.typeName} has no field ${localName}`);
  }
  return field;
}
