import { create, createFileRegistry, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { StatusError } from "../../src/base/status.js";
import { checkMessage } from "../../src/codec/check-message.js";
import { decodeMessage } from "../../src/codec/decode-message.js";
import { field, mistyped } from "../support/arbitrary-bytes.js";
import { codePoint } from "../support/arbitrary-code-point.js";

const int32 = fc.integer();
const uint32 = fc.nat({ max: 0xffffffff });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const arbitraries = {
  DOUBLE: fc.double(),
  BOOL: fc.boolean(),
  STRING: fc.string({ unit: codePoint }).filter((text) => !text.startsWith("\ufeff")),
  BYTES: fc.uint8Array(),
  INT32: int32,
  UINT32: uint32,
  INT64: int64,
  SINT64: int64,
  UINT64: uint64,
  FIXED64: uint64,
} satisfies Partial<Record<keyof typeof FieldDescriptorProto_Type, fc.Arbitrary<unknown>>>;

const names = Object.keys(arbitraries) as (keyof typeof arbitraries)[];

/** A message type with a field of every scalar type that the schema has, numbered from 1, and with a list of each, from 101. */
function makeScalars(packed: boolean): DescMessage {
  const types = names.map((name) => FieldDescriptorProto_Type[name]);
  const file = create(FileDescriptorProtoSchema, {
    name: "scalars.proto",
    syntax: "proto3",
    messageType: [
      {
        name: "Scalars",
        field: types.flatMap((type, i) => [
          { name: `one${i}`, number: i + 1, type, label: FieldDescriptorProto_Label.OPTIONAL },
          {
            name: `list${i}`,
            number: i + 101,
            type,
            label: FieldDescriptorProto_Label.REPEATED,
            ...(packable(type) && { options: { packed } }),
          },
        ]),
      },
    ],
  });
  const desc = createFileRegistry(file, () => undefined).getMessage("Scalars");
  if (desc === undefined) {
    throw new TypeError("the descriptor is wrong");
  }
  return desc;
}

function packable(type: FieldDescriptorProto_Type): boolean {
  return type !== FieldDescriptorProto_Type.STRING && type !== FieldDescriptorProto_Type.BYTES;
}

function arbitraryScalars(desc: DescMessage): fc.Arbitrary<Message> {
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  names.forEach((name, i) => {
    const arbitrary = arbitraries[name] as fc.Arbitrary<unknown>;
    model[`one${i}`] = arbitrary;
    model[`list${i}`] = fc.array(arbitrary, { maxLength: 4 });
  });
  return fc.record(model).map((init) => create(desc, init as Record<string, never>));
}

describe("decodeMessage", () => {
  for (const packed of [true, false]) {
    it(`reads every scalar type of the schema and lists of it as protobuf-es does, ${packed ? "packed" : "one by one"}`, () => {
      const desc = makeScalars(packed);
      const other = makeScalars(!packed);
      fc.assert(
        fc.property(arbitraryScalars(desc), (message) => {
          checkMessage(desc, message);
          const bytes = toBinary(desc, message);
          expect(decodeMessage(desc, bytes)).to.deep.equal(fromBinary(desc, bytes)).and.to.deep.equal(message);
          // A reader takes both forms, whichever it would write.
          expect(decodeMessage(other, bytes)).to.deep.equal(message);
        }),
        { numRuns: 200 },
      );
    });
  }

  it("refuses every scalar type under any wire type but its own", () => {
    const desc = makeScalars(true);
    const content = new Uint8Array(8);
    for (const [i, name] of names.entries()) {
      const taken = [0, 1, 2, 5].filter((wireType) => {
        const size = { 0: 1, 1: 8, 2: 1, 5: 4 }[wireType];
        try {
          decodeMessage(desc, mistyped(i + 1, wireType, content.subarray(0, size)));
          return true;
        } catch (error) {
          expect(error).to.be.instanceOf(StatusError);
          return false;
        }
      });
      expect(taken, name).to.have.length(1);
    }
  });

  it("refuses packed lists that end within an item", () => {
    const desc = makeScalars(true);
    const double = names.indexOf("DOUBLE") + 101;
    expect(() => decodeMessage(desc, field(double, new Uint8Array(12)))).to.throw(StatusError, "end within a field");
  });
});

describe("checkMessage", () => {
  const desc = makeScalars(true);
  const wrong: Record<(typeof names)[number], readonly unknown[]> = {
    DOUBLE: ["1", 1n],
    BOOL: [0, "false"],
    STRING: [1, "\ud800", "\udc00\ud800"],
    BYTES: ["", [1], new ArrayBuffer(1)],
    INT32: [2 ** 31, -(2 ** 31) - 1, 0.5, Number.NaN, "1", 1n],
    UINT32: [2 ** 32, -1, 0.5, 1n],
    INT64: [2n ** 63n, -(2n ** 63n) - 1n, 1, "1"],
    SINT64: [2n ** 63n, -(2n ** 63n) - 1n, 1],
    UINT64: [2n ** 64n, -1n, 1],
    FIXED64: [2n ** 64n, -1n, 1],
  };
  for (const [i, name] of names.entries()) {
    it(`refuses what isn't a ${name}, alone and in a list`, () => {
      for (const value of [null, undefined, {}, ...wrong[name]]) {
        const one = { ...create(desc), [`one${i}`]: value };
        expect(() => checkMessage(desc, one)).to.throw(StatusError, `message.one${i}: must be`);
        const list = { ...create(desc), [`list${i}`]: [value] };
        expect(() => checkMessage(desc, list)).to.throw(StatusError, `message.list${i}[0]: must be`);
      }
    });
  }
});
