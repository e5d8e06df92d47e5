import { create, type DescMessage, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ListValueSchema, type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { checkInit } from "../../src/message/check-init.js";
import { keepMarks } from "../../src/message/keep-marks.js";
import { arbitrarySample } from "../support/arbitrary-sample.js";
import { expectInvalid } from "./expect-invalid.js";
import { BoxSchema, Size } from "./gen/acme/v1/closed_pb.js";
import { OrderSchema } from "./gen/acme/v1/order_pb.js";
import { Grade, type Sample, SampleSchema } from "./gen/acme/v1/sample_pb.js";

const check = (init: unknown, schema: DescMessage = SampleSchema) => checkInit(schema, init, "it");

/** So many messages within each other. */
function nested(depth: number): Sample {
  let sample = create(SampleSchema);
  for (let i = 1; i < depth; i++) {
    sample = create(SampleSchema, { nested: sample });
  }
  return sample;
}

/** An object of plain JSON with so many objects in it. */
function json(levels: number, innermost: unknown): object {
  let object: object = { innermost };
  for (let i = 1; i < levels; i++) {
    object = { object };
  }
  return object;
}

describe("what a message of the user's own is made of", () => {
  class Placed {
    readonly id = "a";
    readonly quantity = 1;
  }
  const good: readonly (readonly [what: string, init: unknown, schema?: DescMessage])[] = [
    ["nothing", {}],
    ["a message", create(SampleSchema, { texts: ["a"], choice: { case: "choiceSample", value: {} } })],
    ["a message of proto2", create(BoxSchema, { label: "a", lid: { labels: { a: "b" } } }), BoxSchema],
    ["an object of a class", new Placed(), OrderSchema],
    ["an object without a prototype", Object.assign(Object.create(null), { id: "a" }), OrderSchema],
    ["what isn't set", { stringField: undefined, nested: null, choice: { case: undefined } }],
    ["unknown fields", { $unknown: [{ no: 100, wireType: 0, data: Uint8Array.of(1) }] }],
    ["integers of 64 bits as protobuf-es takes them", { int64Field: 5, uint64Field: "18446744073709551615" }],
    ["such an integer that is text", { textInt64: "-9223372036854775808" }],
    ["floats", { floatField: 0.1, doubleField: Number.NaN, doubles: [Number.POSITIVE_INFINITY, -0] }],
    ["numbers of an open enumeration that a newer peer knows", { grade: 77, grades: [-1], byBool: { true: 5 } }],
    ["values of a closed one", { label: "a", size: Size.LARGE, sizes: [1, 2] }, BoxSchema],
    ["maps", { byText: { constructor: 1n, "": 2n }, byInt32: { [-5]: "x" }, byUint64: { "18446744073709551615": {} } }],
    ["wrappers, as what they wrap", { wrappedInt64: 0n, wrappedText: "", wrappedBytes: new Uint8Array() }],
    ["plain JSON", { properties: { a: [1, { b: null }, "é"], b: undefined } }],
    ["protobuf's own values", { anything: { kind: { case: "structValue", value: { fields: { a: {} } } } } }],
    ["what isn't set of what has to be, which others look for", {}, BoxSchema],
  ];
  for (const [what, init, schema] of good) {
    it(`may be ${what}`, () => check(init, schema));
  }

  it("may be whatever protobuf-es makes and reads", () => {
    fc.assert(
      fc.property(arbitrarySample(2), (init) => {
        check(init);
        const message = create(SampleSchema, init);
        check(message);
        const read = keepMarks(() => fromBinary(SampleSchema, toBinary(SampleSchema, message)));
        expect(equals(SampleSchema, read, message)).to.equal(true);
        check(read);
      }),
      { numRuns: 150 },
    );
  }).timeout(20_000);

  const bad: readonly (readonly [init: unknown, path: string, rule: string | RegExp])[] = [
    ["text", "", "an object with the fields of acme.v1.Sample"],
    [null, "", "an object"],
    [[], "", "an object"],
    [new Map(), "", "an object"],
    [Promise.resolve({}), "", "an object"],
    [create(OrderSchema), "", "an object with the fields of acme.v1.Sample"],
    [{ strinField: "a" }, ".strinField", /acme\.v1\.Sample has no field "strinField", got "a"$/],
    [{ toString: 1 }, ".toString", 'no field "toString"'],
    [{ string_field: "a" }, ".string_field", ": its name here is stringField"],
    [{ choiceText: "a" }, ".choiceText", ': it is given as choice: { case: "choiceText", value }'],
    [{ choice_text: "a" }, ".choice_text", ': it is given as choice: { case: "choiceText", value }'],
    [{ nested: { samples: [{}, { x: 1 }] } }, ".nested.samples[1].x", 'no field "x"'],
    [{ choice: "a" }, ".choice", "an object with case and value"],
    [{ choice: { case: "choice_text", value: "a" } }, ".choice.case", "a case of acme.v1.Sample.choice"],
    [{ choice: { case: "toString", value: "a" } }, ".choice.case", "a case of acme.v1.Sample.choice"],
    [{ choice: { case: "choiceText" } }, ".choice.value", "a string"],
    [{ choice: { case: "choiceSample", value: { x: 1 } } }, ".choice.value.x", 'no field "x"'],
    [{ nested: 5 }, ".nested", "an object"],
    [{ when: new Date(0) }, ".when", "an object with the fields of google.protobuf.Timestamp"],
    [{ texts: "a" }, ".texts", "an array"],
    [{ texts: ["a", null] }, ".texts[1]", "a string"],
    [{ samples: [undefined] }, ".samples[0]", "an object"],
    [{ stringField: 1 }, ".stringField", "a string"],
    [{ stringField: "\ud800" }, ".stringField", "lone surrogates"],
    [{ bytesField: "AA==" }, ".bytesField", "a Uint8Array"],
    [{ boolField: 1 }, ".boolField", "a boolean"],
    [{ int32Field: 2 ** 31 }, ".int32Field", "an integer of 32 bits"],
    [{ uint32Field: -1 }, ".uint32Field", "without sign"],
    [{ int64Field: 2n ** 63n }, ".int64Field", "a bigint, an integer from -9223372036854775808 to"],
    [{ int64Field: 0.5 }, ".int64Field", "a bigint"],
    [{ int64Field: 2 ** 60 }, ".int64Field", "a bigint"],
    [{ uint64Field: "-1" }, ".uint64Field", "a bigint, an integer from 0 to"],
    [{ textInt64: "1e3" }, ".textInt64", "a bigint"],
    [{ floatField: 1e300 }, ".floatField", "a number that 32 bits hold"],
    [{ doubleField: "1" }, ".doubleField", "a number"],
    [{ grade: "GRADE_GOOD" }, ".grade", "a value of acme.v1.Grade"],
    [{ grade: 2 ** 31 }, ".grade", "a value of acme.v1.Grade"],
    [{ byText: new Map([["a", 1n]]) }, ".byText", "a plain object"],
    [{ byText: { a: "x" } }, ".byText.a", "a bigint"],
    [{ byText: { ["__proto__"]: 1n } }, ".byText.__proto__", "must not be a key"],
    [{ byText: { "\udc00": 1n } }, '.byText["\\udc00"]', "lone surrogate"],
    [{ byInt32: { "1.5": "x" } }, '.byInt32["1.5"]', "the key must be an integer from -2147483648"],
    [{ byInt32: { "2147483648": "x" } }, '.byInt32["2147483648"]', "the key must be an integer"],
    [{ byBool: { yes: Grade.GOOD } }, ".byBool.yes", 'the key must be "true" or "false"'],
    [{ byUint64: { "1": { x: 1 } } }, '.byUint64["1"].x', 'no field "x"'],
    [{ wrappedInt64: { value: 1n } }, ".wrappedInt64", "a bigint"],
    [{ properties: [] }, ".properties", "a plain object"],
    [{ properties: { a: ["\ud800"] } }, ".properties.a[0]", "lone surrogate"],
    [{ properties: { a: { ["__proto__"]: 1 } } }, ".properties.a.__proto__", "must not be a key"],
  ];
  for (const [init, path, rule] of bad) {
    it(`is refused where it${path} is wrong: ${rule}`, () =>
      expectInvalid(() => check(init), `it${path}`, literal(rule)));
  }

  it("is refused for a value that a closed enumeration doesn't have: nobody would read it", () => {
    expectInvalid(() => check({ size: 3 }, BoxSchema), "it.size", "a value of acme.v1.Size");
    expectInvalid(() => check({ sizes: [1, 0] }, BoxSchema), "it.sizes[1]", "a value of acme.v1.Size");
  });

  it("may be as deep as it can be read, and no deeper", () => {
    check(nested(100));
    fromBinary(SampleSchema, toBinary(SampleSchema, nested(100)));
    expectInvalid(() => check(nested(101)), "it", "at most 100 deep");
    expect(() => fromBinary(SampleSchema, toBinary(SampleSchema, nested(101)))).to.throw("recursion depth");
    // The end of a recursion, not of the stack.
    expectInvalid(() => check(nested(20_000)), "it", "at most 100 deep");
  });

  it("may be as deep in maps and in plain JSON as Python can read it, which counts their entries, and no deeper", () => {
    const inMaps = (depth: number): Sample =>
      create(SampleSchema, depth === 1 ? {} : { byUint64: { "1": inMaps(depth - 1) } });
    check(inMaps(50));
    expectInvalid(() => check(inMaps(51)), "it", "at most 100 deep");
    for (const innermost of ["a", null]) {
      check({ properties: json(33, innermost) });
      check({ properties: { list: [json(31, innermost)] } });
    }
    for (const properties of [json(33, {}), json(33, []), json(34, "a"), { list: [json(32, [0])] }]) {
      expectInvalid(() => check({ properties }), "it", "at most 100 deep");
    }
  });

  it("is refused when it contains itself", () => {
    const list = create(ListValueSchema);
    const within: Value = create(ValueSchema, { kind: { case: "listValue", value: list } });
    list.values.push(within, within);
    expectInvalid(() => check(list, ListValueSchema), "it", "at most 100 deep");
    const object: Record<string, unknown> = {};
    object["a"] = object;
    object["b"] = object;
    expectInvalid(() => check({ properties: object }), "it", "at most 100 deep");
  });
});

/** Text to be found as it is. */
function literal(rule: string | RegExp): string | RegExp {
  return typeof rule === "string" ? rule.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") : rule;
}
