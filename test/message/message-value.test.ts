import { create, equals, type MessageInitShape } from "@bufbuild/protobuf";
import { anyPack, timestampDate } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type Value, ValueSchema } from "../../gen/crossbus/v1/value_pb.js";
import { Code, StatusError } from "../../src/base/status.js";
import { valueToMessage } from "../../src/message/read-message-value.js";
import { double, toJs, toStruct, toValue, type ValueInit } from "../../src/message/value.js";
import { messageToValue } from "../../src/message/write-message-value.js";
import { arbitraryValue } from "../support/arbitrary-message.js";
import { arbitrarySample } from "../support/arbitrary-sample.js";
import { expectThrown } from "../support/expect-status.js";
import { BoxSchema, Shade, Size } from "./gen/acme/v1/closed_pb.js";
import { OrderSchema } from "./gen/acme/v1/order_pb.js";
import { Grade, type Sample, SampleSchema } from "./gen/acme/v1/sample_pb.js";

type SampleInit = MessageInitShape<typeof SampleSchema>;

/** Reads a sample of plain values. */
function read(value: ValueInit): Sample {
  return valueToMessage(SampleSchema, toValue(value), "payload");
}

/** Writes a sample, and gives one of its fields as JavaScript has it. */
function written(init: SampleInit, field: string): unknown {
  return (toJs(messageToValue(SampleSchema, create(SampleSchema, init), "payload")) as Record<string, unknown>)[field];
}

describe("a message as plain values", () => {
  it("has the names of the .proto file, all fields that can't be unset, and others when they are set", () => {
    const order = create(OrderSchema, { id: "anvil" });
    expect(toJs(messageToValue(OrderSchema, order, "payload"))).to.deep.equal({ id: "anvil", quantity: 0 });
    const names = Object.keys(toJs(messageToValue(SampleSchema, create(SampleSchema), "payload")) as object);
    expect(names).to.include.members(["int32_field", "by_text", "samples", "grade"]);
    expect(names).not.to.include.members(["nested", "optional_int32", "choice_text", "when", "value"]);
    expect(toJs(messageToValue(BoxSchema, create(BoxSchema, { label: "a" }), "payload"))).to.deep.equal({
      label: "a",
      sizes: [],
      inner: {},
    });
  });

  const typed = create(ValueSchema, {
    kind: { case: "typedValue", value: { typeName: "acme.Order", value: toValue({ id: 1 }) } },
  });
  const cases: readonly (readonly [field: string, SampleInit, ValueInit])[] = [
    ["double_field", { doubleField: 3 }, double(3)],
    ["float_field", { floatField: 1.5 }, 1.5],
    ["int32_field", { int32Field: -(2 ** 31) }, -(2 ** 31)],
    ["int64_field", { int64Field: -(2n ** 63n) }, -(2n ** 63n)],
    ["uint32_field", { uint32Field: 2 ** 32 - 1 }, 2 ** 32 - 1],
    ["uint64_field", { uint64Field: 2n ** 64n - 1n }, 2n ** 64n - 1n],
    ["sint32_field", { sint32Field: -1 }, -1],
    ["sint64_field", { sint64Field: -1n }, -1],
    ["fixed32_field", { fixed32Field: 1 }, 1],
    ["fixed64_field", { fixed64Field: 1n }, 1],
    ["sfixed32_field", { sfixed32Field: 1 }, 1],
    ["sfixed64_field", { sfixed64Field: 1n }, 1],
    ["bool_field", { boolField: true }, true],
    ["string_field", { stringField: "é" }, "é"],
    ["bytes_field", { bytesField: Uint8Array.of(0, 255) }, Uint8Array.of(0, 255)],
    ["grade", { grade: Grade.BETTER }, "GRADE_BETTER"],
    ["grade", { grade: 77 as Grade }, 77],
    ["text_int64", { textInt64: "9007199254740993" }, 9007199254740993n],
    ["optional_int32", { optionalInt32: 0 }, 0],
    ["optional_grade", { optionalGrade: Grade.UNSPECIFIED }, "GRADE_UNSPECIFIED"],
    ["choice_number", { choice: { case: "choiceNumber", value: 5n } }, 5],
    ["choice_grade", { choice: { case: "choiceGrade", value: Grade.GOOD } }, "GRADE_GOOD"],
    ["numbers", { numbers: [1, 2] }, [1, 2]],
    ["grades", { grades: [1, 0] }, ["GRADE_GOOD", "GRADE_UNSPECIFIED"]],
    ["blobs", { blobs: [Uint8Array.of(1)] }, [Uint8Array.of(1)]],
    ["by_text", { byText: { a: 2n ** 60n, "two words": 1n } }, { a: 2n ** 60n, "two words": 1 }],
    ["by_int32", { byInt32: { [-5]: "x" } }, { "-5": "x" }],
    ["by_bool", { byBool: { true: Grade.GOOD } }, { true: "GRADE_GOOD" }],
    ["when", { when: { seconds: 1n, nanos: 500_000_000 } }, "1970-01-01T00:00:01.500Z"],
    ["how_long", { howLong: { seconds: 3n } }, "3s"],
    ["properties", { properties: { a: [1, null] } }, { a: [1, null] }],
    ["anything", { anything: { kind: { case: "stringValue", value: "x" } } }, "x"],
    ["wrapped_int64", { wrappedInt64: 2n ** 60n }, 2n ** 60n],
    ["wrapped_bytes", { wrappedBytes: Uint8Array.of(7) }, Uint8Array.of(7)],
    ["wrapped_text", { wrappedText: "" }, ""],
    ["wrapped_double", { wrappedDouble: 3 }, double(3)],
    ["value", { value: toValue({ n: 1, x: double(1) }) }, { n: 1, x: double(1) }],
    ["struct", { struct: toStruct({ n: 1, x: double(1), typed }) }, { n: 1, x: double(1), typed }],
  ];
  for (const [field, init, value] of cases) {
    it(`has ${field} as ${typeof value === "object" ? Object.prototype.toString.call(value) : String(value)}`, () => {
      const message = create(SampleSchema, init);
      const wire = messageToValue(SampleSchema, message, "payload");
      const struct = wire.kind.case === "structValue" ? wire.kind.value : undefined;
      expect(struct?.entries.find(({ key }) => key === field)?.value).to.deep.equal(toValue(value));
      expect(equals(SampleSchema, valueToMessage(SampleSchema, wire, "payload"), message)).to.equal(true);
    });
  }

  it("is read of what Python and JavaScript write for it", () => {
    expect(read({ int32_field: double(3), double_field: 3, float_field: 2n ** 20n })).to.deep.include({
      int32Field: 3,
      doubleField: 3,
      floatField: 2 ** 20,
    });
    expect(read({ grade: 2, optional_grade: double(1) })).to.deep.include({ grade: 2, optionalGrade: 1 });
    expect(read({ by_uint64: { "18446744073709551615": { int32_field: 1 } } }).byUint64).to.have.nested.property(
      "18446744073709551615.int32Field",
      1,
    );
    const { when } = read({ when: "2026-01-02T03:04:05Z" });
    expect(when === undefined ? undefined : timestampDate(when).toISOString()).to.equal("2026-01-02T03:04:05.000Z");
  });

  it("takes null for what isn't set, and for a value that can be null", () => {
    const message = read({ int32_field: null, nested: null, optional_string: null, wrapped_int64: null, value: null });
    expect(message).to.deep.include({ int32Field: 0 });
    expect(message.nested).to.equal(undefined);
    expect(message.optionalString).to.equal(undefined);
    expect(message.wrappedInt64).to.equal(undefined);
    expect(message.value?.kind.case).to.equal("nullValue");
  });

  it("leaves out what it doesn't know, as a newer peer may send it", () => {
    expect(equals(SampleSchema, read({ newer: 1, constructor: 2, int32Field: 3 }), create(SampleSchema))).to.equal(
      true,
    );
  });

  it("is empty where there is nothing", () => {
    expect(equals(SampleSchema, valueToMessage(SampleSchema, undefined, "payload"), create(SampleSchema))).to.equal(
      true,
    );
  });

  const wrong: readonly (readonly [ValueInit, path: string, rule: string])[] = [
    ["text", "payload", "an object with the fields of acme.v1.Sample"],
    [[1], "payload", "an object with the fields of acme.v1.Sample"],
    [{ int32_field: "3" }, "payload.int32_field", "an integer from -2147483648 to 2147483647"],
    [{ int32_field: 3.5 }, "payload.int32_field", "an integer"],
    [{ int32_field: 2 ** 31 }, "payload.int32_field", "an integer"],
    [{ int32_field: true }, "payload.int32_field", "an integer"],
    [{ int64_field: 2n ** 63n }, "payload.int64_field", "an integer"],
    [{ uint32_field: -1 }, "payload.uint32_field", "an integer from 0 to 4294967295"],
    [{ uint64_field: 2n ** 64n }, "payload.uint64_field", "an integer"],
    [{ uint64_field: Number.NaN }, "payload.uint64_field", "an integer"],
    [{ double_field: "1" }, "payload.double_field", "a number"],
    [{ float_field: 1e300 }, "payload.float_field", "a number that 32 bits hold"],
    [{ bool_field: 1 }, "payload.bool_field", "a boolean"],
    [{ string_field: 1 }, "payload.string_field", "a string"],
    [{ bytes_field: "AA==" }, "payload.bytes_field", "bytes"],
    [{ grade: "GRADE_WORST" }, "payload.grade", "a value of acme.v1.Grade"],
    [{ grade: 2 ** 40 }, "payload.grade", "a value of acme.v1.Grade"],
    [{ grade: 0.5 }, "payload.grade", "a value of acme.v1.Grade"],
    [{ nested: 1 }, "payload.nested", "an object with the fields of acme.v1.Sample"],
    [{ nested: { nested: { grade: true } } }, "payload.nested.nested.grade", "a value of acme.v1.Grade"],
    [{ choice_text: "a", choice_number: 1 }, "payload.choice_number", "not be set beside choice_text"],
    [{ numbers: 1 }, "payload.numbers", "a list"],
    [{ numbers: [1, "2"] }, "payload.numbers[1]", "an integer"],
    [{ numbers: [null] }, "payload.numbers[0]", "an integer"],
    [{ samples: [{}, { samples: [{ texts: [1] }] }] }, "payload.samples[1].samples[0].texts[0]", "a string"],
    [{ by_text: [] }, "payload.by_text", "an object"],
    [{ by_text: { a: "x" } }, "payload.by_text.a", "an integer"],
    [{ by_text: { ["__proto__"]: 1 } }, "payload.by_text.__proto__", "not be a key"],
    [{ by_int32: { "1.5": "x" } }, 'payload.by_int32["1.5"]', "the key must be an integer"],
    [{ by_int32: { "99999999999": "x" } }, 'payload.by_int32["99999999999"]', "an integer"],
    [{ by_bool: { yes: 1 } }, "payload.by_bool.yes", "the key must be a boolean"],
    [{ by_uint64: { "2": { grade: [] } } }, 'payload.by_uint64["2"].grade', "a value of acme.v1.Grade"],
    [{ when: "yesterday" }, "payload.when", "a valid google.protobuf.Timestamp"],
    [{ how_long: 3 }, "payload.how_long", "a valid google.protobuf.Duration"],
    [{ properties: 1 }, "payload.properties", "a valid google.protobuf.Struct"],
    [{ wrapped_int64: "1" }, "payload.wrapped_int64", "an integer"],
    [{ any: { "@type": "type.googleapis.com/acme.v1.Order" } }, "payload.any", "a google.protobuf.Any"],
    [{ struct: 1 }, "payload.struct", "an object"],
  ];
  for (const [value, path, rule] of wrong) {
    it(`is refused when ${path} isn't ${rule}: ${JSON.stringify(toJs(toValue(value)), bigints)}`, () => {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => read(value));
      expect(error.message.slice(0, path.length + 2)).to.equal(`${path}: `);
      expect(error.message).to.include(rule);
      expect(error.details).to.deep.include({ type: "badRequest", field: path });
    });
  }

  it("is refused for a value that a closed enumeration doesn't have", () => {
    const value = (size: ValueInit) => toValue({ label: "a", size });
    expect(valueToMessage(BoxSchema, value(2), "payload").size).to.equal(Size.LARGE);
    for (const size of [0, 3, "SIZE_HUGE"]) {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => valueToMessage(BoxSchema, value(size), "payload"));
      expect(error.message).to.match(/^payload\.size: /);
    }
  });

  it("is refused where a required field isn't set, however deep", () => {
    for (const [value, path] of [
      [undefined, "payload.label"],
      [{}, "payload.label"],
      [{ label: null, count: 1 }, "payload.label"],
      [{ label: "a", inner: { b: { count: 1 } } }, "payload.inner.b.label"],
    ] as const) {
      const error = expectThrown(Code.INVALID_ARGUMENT, () =>
        valueToMessage(BoxSchema, value === undefined ? undefined : toValue(value), "payload"),
      );
      expect(error.message).to.include(`${path}: must be set: a string`);
    }
    expect(valueToMessage(BoxSchema, toValue({ label: "" }), "payload").label).to.equal("");
  });

  it("is refused for the key __proto__ in plain JSON, which JavaScript would lose", () => {
    for (const [name, value] of [
      ["properties", { a: [{ ["__proto__"]: { b: 1 } }] }],
      ["anything", { a: [{ ["__proto__"]: 1 }] }],
    ] as const) {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => read({ [name]: value }));
      expect(error.message).to.include(`payload.${name}.a[0].__proto__: must not be a key`);
    }
  });

  it("isn't written where a required field isn't set", () => {
    for (const [init, path] of [
      [{ count: 1 }, "payload.label"],
      [{ label: "a", inner: { b: {} } }, "payload.inner.b.label"],
    ] as const) {
      const message = create(BoxSchema, init);
      const error = expectThrown(Code.INVALID_ARGUMENT, () => messageToValue(BoxSchema, message, "payload"));
      expect(error.message).to.include(`${path}: must be set: a string`);
    }
  });

  it("has of several names of an enumeration's number the first one, as in Python", () => {
    const box = create(BoxSchema, { label: "a", shade: Shade.BLACK });
    const value = messageToValue(BoxSchema, box, "payload");
    expect(toJs(value)).to.include({ shade: "SHADE_DARK" });
    const read = (shade: string) => valueToMessage(BoxSchema, toValue({ label: "a", shade }), "payload").shade;
    expect([read("SHADE_DARK"), read("SHADE_BLACK")]).to.deep.equal([1, 1]);
  });

  const miswritten: readonly (readonly [Record<string, unknown>, path: string])[] = [
    [{ int32Field: "3" }, "payload.int32_field"],
    [{ int32Field: 1.5 }, "payload.int32_field"],
    [{ int64Field: "x" }, "payload.int64_field"],
    [{ uint32Field: -1 }, "payload.uint32_field"],
    [{ floatField: 1e300 }, "payload.float_field"],
    [{ stringField: 1 }, "payload.string_field"],
    [{ bytesField: "x" }, "payload.bytes_field"],
    [{ grade: "GRADE_GOOD" }, "payload.grade"],
    [{ choice: { case: "choiceNumber", value: "x" } }, "payload.choice_number"],
    [{ numbers: [1, "x"] }, "payload.numbers[1]"],
    [{ byText: { a: "x" } }, "payload.by_text.a"],
    [{ nested: 5 }, "payload.nested"],
    [{ samples: [5] }, "payload.samples[0]"],
  ];
  for (const [fields, path] of miswritten) {
    it(`isn't written with what the schema has no place for: ${JSON.stringify(fields)}`, () => {
      const message = Object.assign(create(SampleSchema), fields);
      const error = expectThrown(Code.INVALID_ARGUMENT, () => messageToValue(SampleSchema, message, "payload"));
      expect(error.message.slice(0, path.length)).to.equal(path);
    });
  }

  it("isn't written nested deeper than it could be read", () => {
    let deep = create(SampleSchema);
    for (let i = 0; i < 20_000; i++) {
      deep = Object.assign(create(SampleSchema), { nested: deep });
    }
    const error = expectThrown(Code.INVALID_ARGUMENT, () => messageToValue(SampleSchema, deep, "payload"));
    expect(error.message).to.match(/^payload\.nested\.nested.*must be nested at most 32 levels deep/s);
  });

  it("isn't read of what is no valid value: nested too deeply, with a key twice, without content", () => {
    let deep = toValue({});
    for (let i = 0; i < 40; i++) {
      deep = nest(deep);
    }
    const twice = toValue({ numbers: [1] });
    if (twice.kind.case === "structValue") {
      twice.kind.value.entries.push(...twice.kind.value.entries);
    }
    for (const value of [deep, twice, create(ValueSchema)]) {
      expectThrown(Code.INVALID_ARGUMENT, () => valueToMessage(SampleSchema, value, "payload"));
    }
  });

  it("isn't written with lone surrogates, which arrive as something else", () => {
    const error = expectThrown(Code.INVALID_ARGUMENT, () => written({ texts: ["fine", "\ud800"] }, "texts"));
    expect(error.message).to.match(/^payload\.texts\[1\]: /);
  });

  it("isn't written with an Any, whose type nobody knows here", () => {
    const any = anyPack(OrderSchema, create(OrderSchema));
    const error = expectThrown(Code.INVALID_ARGUMENT, () => written({ any }, "any"));
    expect(error.message).to.match(
      /^payload\.any: a task can't carry a google\.protobuf\.Any.*: send it in a message of your own/,
    );
  });

  it("leaves the message that is written as it is, also a frozen one", () => {
    const message = create(SampleSchema, {
      choice: { case: "choiceText", value: "a" },
      numbers: [1],
      byText: { a: 1n },
    });
    const before = structuredClone(message);
    Object.freeze(message);
    Object.freeze(message.choice);
    Object.freeze(message.numbers);
    messageToValue(SampleSchema, message, "payload");
    expect(structuredClone(message)).to.deep.equal(before);
  });

  it("comes back as it was, whatever it is", () => {
    fc.assert(
      fc.property(arbitrarySample(2), (init) => {
        const message = create(SampleSchema, init);
        const back = valueToMessage(SampleSchema, messageToValue(SampleSchema, message, "payload"), "payload");
        expect(equals(SampleSchema, back, message)).to.equal(true);
      }),
      { numRuns: 150 },
    );
  }).timeout(20_000);

  it("is read of any value, or refused with INVALID_ARGUMENT", () => {
    const names = SampleSchema.fields.map(({ name }) => name);
    const struct = fc.dictionary(fc.constantFrom(...names), arbitraryValue, { maxKeys: 3 });
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.oneof(
          arbitraryValue,
          struct.map((members) => toValue(members)),
        ),
        (value) => {
          try {
            valueToMessage(SampleSchema, value, "payload");
            outcomes.read++;
          } catch (error) {
            expect(error).to.be.instanceOf(StatusError).and.to.include({ code: Code.INVALID_ARGUMENT });
            outcomes.refused++;
          }
        },
      ),
      { numRuns: 3_000 },
    );
    expect(outcomes.read).to.be.greaterThan(100);
    expect(outcomes.refused).to.be.greaterThan(100);
  }).timeout(20_000);
});

/** An object with a value for the field "nested". */
function nest(value: Value): Value {
  return create(ValueSchema, { kind: { case: "structValue", value: { entries: [{ key: "nested", value }] } } });
}

function bigints(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
