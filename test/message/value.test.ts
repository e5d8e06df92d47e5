import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type Struct, StructSchema, type Value, ValueSchema } from "../../gen/crossbus/v1/value_pb.js";
import { checkValue, MAX_LEVELS } from "../../src/message/check-value.js";
import { INT64_MAX, INT64_MIN } from "../../src/message/int64.js";
import { double, type JsValue, structToJs, toJs, toStruct, toValue, type ValueInit } from "../../src/message/value.js";
import { codePoint } from "../support/arbitrary-code-point.js";
import { inOtherRealm } from "../support/other-realm-node.js";
import { expectInvalid } from "./expect-invalid.js";

/** Hands what the types forbid to a function, as a JavaScript caller can. */
const untyped = (value: unknown) => value as ValueInit;

const kindOf = (init: ValueInit) => toValue(init).kind.case;

const value = (kind: Value["kind"]) => create(ValueSchema, { kind });

/** `levels` levels of objects: the innermost is empty. */
function nest(levels: number): { [key: string]: ValueInit } {
  let object: { [key: string]: ValueInit } = {};
  for (let i = 1; i < levels; i++) {
    object = { in: object };
  }
  return object;
}

const text = fc.string({ unit: codePoint });

/** Plain data that reads back as it was: a bigint only where no number holds it exactly. */
const plain = fc.letrec<{ data: JsValue }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt().filter((n) => n > Number.MAX_SAFE_INTEGER || n < Number.MIN_SAFE_INTEGER),
    fc.bigInt({ min: INT64_MIN * 4n, max: INT64_MIN }),
    fc.bigInt({ min: INT64_MAX, max: INT64_MAX * 4n }),
    text,
    fc.uint8Array(),
    fc.array(tie("data")),
    fc.dictionary(fc.oneof(text, fc.constantFrom("__proto__", "constructor", "toString", "0", "")), tie("data"), {
      noNullPrototype: true,
    }),
  ),
})).data;

describe("toValue and toJs", () => {
  it("give back any plain data as it was", () => {
    fc.assert(
      fc.property(plain, (data) => {
        expect(toJs(toValue(data))).to.deep.equal(data);
      }),
    );
  });

  it("lose nothing in protobuf bytes, which are the same each time", () => {
    fc.assert(
      fc.property(plain, (data) => {
        const made = toValue(data);
        const bytes = toBinary(ValueSchema, made);
        const read = fromBinary(ValueSchema, bytes);
        expect(read).to.deep.equal(made);
        expect(toJs(read)).to.deep.equal(data);
        expect(toBinary(ValueSchema, toValue(toJs(read)))).to.deep.equal(bytes);
      }),
    );
  });

  it("keep every bigint, in the one form that is canonical", () => {
    const around = [7n, 8n, 15n, 16n, 62n, 63n, 64n, 71n, 72n, 127n].flatMap((bits) =>
      [-1n, 0n, 1n].flatMap((off) => [2n ** bits + off, -(2n ** bits) + off]),
    );
    fc.assert(
      fc.property(fc.oneof(fc.bigInt(), fc.constantFrom(...around)), (n) => {
        const made = toValue(n);
        checkValue(made);
        expect(made.kind.case).to.equal(n >= INT64_MIN && n <= INT64_MAX ? "intValue" : "bigIntValue");
        const read = toJs(made);
        expect(typeof read === "number" ? BigInt(read) : read).to.equal(n);
      }),
    );
  });

  it("read integers as numbers where they are exact, as bigints beyond", () => {
    const read = (n: bigint) => toJs(value({ case: "intValue", value: n }));
    expect(read(9007199254740991n)).to.equal(9007199254740991);
    expect(read(-9007199254740991n)).to.equal(-9007199254740991);
    expect(read(9007199254740992n)).to.equal(9007199254740992n);
    expect(read(-9007199254740993n)).to.equal(-9007199254740993n);
  });
});

describe("toValue", () => {
  it("makes an int of a safe integer that isn't -0, and a double of any other number", () => {
    for (const n of [0, 3, -3, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      expect(kindOf(n), String(n)).to.equal("intValue");
    }
    for (const n of [-0, 0.5, 2 ** 53, -(2 ** 53), 1e300, Number.NaN, Infinity, -Infinity]) {
      expect(kindOf(n), String(n)).to.equal("doubleValue");
      expect(Object.is(toJs(toValue(n)), n)).to.equal(true);
    }
  });

  it("makes an int of a bigint that fits 64 bits, and else a big integer in as few bytes as hold it", () => {
    expect(kindOf(INT64_MAX)).to.equal("intValue");
    expect(kindOf(INT64_MIN)).to.equal("intValue");
    expect(toValue(INT64_MAX + 1n).kind).to.deep.equal({
      case: "bigIntValue",
      value: Uint8Array.of(0, 0x80, 0, 0, 0, 0, 0, 0, 0),
    });
    expect(toValue(INT64_MIN - 1n).kind).to.deep.equal({
      case: "bigIntValue",
      value: Uint8Array.of(0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    });
  });

  it("makes a double of an integer where double() says so", () => {
    expect(double(3).kind).to.deep.equal({ case: "doubleValue", value: 3 });
    expect(toStruct({ a: double(3), b: 3 }).entries.map((entry) => entry.value?.kind.case)).to.deep.equal([
      "doubleValue",
      "intValue",
    ]);
    expectInvalid(() => double("3" as unknown as number), "double");
  });

  it("leaves members that are undefined out", () => {
    expect(toJs(toValue({ a: undefined, b: { c: undefined }, d: null }))).to.deep.equal({ b: {}, d: null });
  });

  it("keeps the order of keys", () => {
    expect(toStruct({ z: 1, a: 2, m: 3 }).entries.map(({ key }) => key)).to.deep.equal(["z", "a", "m"]);
  });

  it("takes __proto__ as data, both ways, and sets no prototype", () => {
    const init = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as ValueInit;
    const read = toJs(toValue(init)) as object;
    expect(Object.keys(read)).to.deep.equal(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(read)).to.equal(Object.prototype);
    expect("polluted" in read).to.equal(false);
    expect(Object.getOwnPropertyDescriptor(read, "__proto__")?.value).to.deep.equal({ polluted: true });
  });

  it("takes objects without a prototype and those of another realm", () => {
    const bare = Object.assign(Object.create(null), { a: 1 }) as ValueInit;
    expect(toJs(toValue(bare))).to.deep.equal({ a: 1 });
    expect(toJs(toValue(untyped(inOtherRealm("({ a: [1, { b: 2 }] })"))))).to.deep.equal({ a: [1, { b: 2 }] });
  });

  it("uses a Value as it is, at any depth, so that it keeps its types", () => {
    const typed = value({
      case: "typedValue",
      value: { $typeName: "crossbus.v1.TypedValue", typeName: "a.B", value: toValue({ x: 1 }) },
    });
    expect(toValue(typed)).to.equal(typed);
    const list = toValue([{ deep: typed }]);
    expect(toJs(list)).to.deep.equal([{ deep: { x: 1 } }]);
    const inner = list.kind.case === "listValue" ? list.kind.value.values[0]?.kind : undefined;
    expect(inner?.case === "structValue" ? inner.value.entries[0]?.value : undefined).to.equal(typed);
    const struct = toStruct({ a: 1 });
    expect(toStruct(struct)).to.equal(struct);
  });

  it("takes the same object twice, but not within itself", () => {
    const shared = { a: 1 };
    expect(toJs(toValue([shared, shared]))).to.deep.equal([{ a: 1 }, { a: 1 }]);
    const list = [1];
    expect(toJs(toValue([list, list]))).to.deep.equal([[1], [1]]);
    const cyclic: { [key: string]: unknown } = { a: [] };
    cyclic["a"] = [1, cyclic];
    expectInvalid(() => toValue(untyped(cyclic), "payload"), "payload.a[1]", "contain itself");
  });

  it("refuses what has no plain form, and says where it is", () => {
    class Point {
      x = 1;
    }
    const refused: readonly unknown[] = [
      new Date(0),
      new Map(),
      new Set(),
      new Point(),
      new (class extends Object {})(),
      new (class {
        isPrototypeOf() {
          return true;
        }
      })(),
      new Error("no"),
      /no/,
      new Uint16Array(1),
      new ArrayBuffer(1),
      Promise.resolve(),
      () => 1,
      Symbol("no"),
      Object(1),
      { [Symbol("no")]: 1 },
    ];
    for (const when of refused) {
      const init = untyped({ items: [0, 1, 2, { when }] });
      expectInvalid(() => toValue(init, "payload"), "payload.items[3].when");
    }
  });

  it("refuses undefined and holes in arrays, and undefined at the top", () => {
    // biome-ignore lint/suspicious/noSparseArray: holes are what is refused
    expectInvalid(() => toValue(untyped([1, , 2])), "value[1]", "null");
    expectInvalid(() => toValue(untyped([undefined])), "value[0]", "null");
    expectInvalid(() => toValue(untyped(undefined)), "value");
    expectInvalid(() => toStruct([] as unknown as Struct), "value", "plain object");
  });

  it("refuses lone surrogates in strings and keys", () => {
    expectInvalid(() => toValue({ a: "\ud800" }), "value.a", "surrogate");
    expectInvalid(() => toValue({ a: { "\udc00x": 1 } }), 'value.a["\\udc00x"]', "surrogate");
    expect(toJs(toValue({ "😀": "😀" }))).to.deep.equal({ "😀": "😀" });
  });

  it("shows a key that isn't an identifier in quotes, on one line", () => {
    expectInvalid(() => toValue(untyped({ "two words\n": new Date() })), 'value["two words\\n"]');
  });

  it(`refuses more than ${MAX_LEVELS} levels, also those in a Value that is passed in`, () => {
    const deepest = nest(MAX_LEVELS);
    expect(toJs(toValue(deepest))).to.deep.equal(deepest);
    const path = `value${".in".repeat(MAX_LEVELS)}`;
    expectInvalid(() => toValue(nest(MAX_LEVELS + 1)), path, "32 levels");
    expectInvalid(() => toValue({ in: toValue(deepest) }), path, "32 levels");
    expectInvalid(() => toStruct({ in: deepest }), path, "32 levels");
    let list: ValueInit = 1;
    for (let i = 0; i < MAX_LEVELS; i++) {
      list = [list];
    }
    expectInvalid(() => toValue(list), `value${"[0]".repeat(MAX_LEVELS)}`, "32 levels");
  });
});

describe("toJs", () => {
  const bigInt = (...bytes: number[]) => value({ case: "bigIntValue", value: Uint8Array.from(bytes) });
  const struct = (...keys: string[]) =>
    create(StructSchema, { entries: keys.map((key) => ({ key, value: toValue(1) })) });

  it("reads nothing as nothing", () => {
    expect(toJs(undefined)).to.equal(undefined);
    expect(structToJs(undefined)).to.equal(undefined);
    expect(structToJs(toStruct({ a: [1] }))).to.deep.equal({ a: [1] });
  });

  it("refuses a value without a kind", () => {
    expectInvalid(() => toJs(create(ValueSchema), "payload"), "payload", "kind");
    expectInvalid(() => toJs(toValue([create(ValueSchema)])), "value[0]", "kind");
  });

  it("refuses a key without a value, and a typed value without a name or content", () => {
    const entry = create(StructSchema, { entries: [{ key: "a" }] });
    expectInvalid(() => structToJs(entry, "payload"), "payload.a", "must be a Value");
    const typed = (typeName: string, content?: Value) =>
      create(ValueSchema, {
        kind: { case: "typedValue", value: content === undefined ? { typeName } : { typeName, value: content } },
      });
    expectInvalid(() => toJs(typed("", toValue(1))), "value", "type name");
    expectInvalid(() => toJs(typed("a.B")), "value", "must be a Value");
    expect(toJs(typed("a.B", toValue(1)))).to.equal(1);
  });

  it("refuses a key that occurs twice", () => {
    expect(structToJs(struct("a", "b"))).to.deep.equal({ a: 1, b: 1 });
    expectInvalid(() => structToJs(struct("a", "b", "a")), "value.a", "once");
    expectInvalid(() => structToJs(struct("__proto__", "__proto__")), "value.__proto__", "once");
  });

  it("is the same check that a Struct passes before it is used as it is", () => {
    expectInvalid(() => toStruct(struct("a", "a"), "payload"), "payload.a", "once");
    expectInvalid(() => toValue([toValue(1), create(ValueSchema)]), "value[1]", "kind");
  });

  it("refuses a big integer that has too many bytes or needs no more than 64 bits", () => {
    expect(toJs(bigInt(1, 0, 0, 0, 0, 0, 0, 0, 0))).to.equal(2n ** 64n);
    const refused = [
      bigInt(),
      bigInt(1),
      bigInt(0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      bigInt(0, 0x7f, 0, 0, 0, 0, 0, 0, 0),
      bigInt(0xff, 0x80, 0, 0, 0, 0, 0, 0, 0),
    ];
    for (const each of refused) {
      expectInvalid(() => toJs(each), "value", "64 bits");
    }
  });

  it("refuses nesting deeper than it could have been made", () => {
    let deep = toValue(nest(MAX_LEVELS - 1));
    const wrap = (inner: Value) =>
      create(ValueSchema, {
        kind: { case: "listValue", value: { $typeName: "crossbus.v1.ListValue", values: [inner] } },
      });
    deep = wrap(deep);
    checkValue(deep);
    expectInvalid(() => toJs(wrap(deep)), `value[0][0]${".in".repeat(MAX_LEVELS - 2)}`, "32 levels");
    let list = toValue(1);
    for (let i = 1; i < MAX_LEVELS; i++) {
      list = wrap(list);
    }
    checkValue(list);
    expectInvalid(() => toJs(wrap(list)), `value${"[0]".repeat(MAX_LEVELS)}`, "32 levels");
  });

  it("refuses content of another type than the kind says", () => {
    const wrong: readonly unknown[] = [
      { case: "nullValue", value: 1 },
      { case: "boolValue", value: 1 },
      { case: "intValue", value: 1 },
      { case: "intValue", value: INT64_MAX + 1n },
      { case: "doubleValue", value: "1" },
      { case: "stringValue", value: 1 },
      { case: "stringValue", value: "\ud800" },
      { case: "bytesValue", value: [1] },
      { case: "bigIntValue", value: 1n },
      { case: "listValue", value: [] },
      { case: "structValue", value: {} },
      { case: "typedValue", value: {} },
      { case: "listValue", value: { $typeName: "crossbus.v1.ListValue", values: 1 } },
    ];
    for (const kind of wrong) {
      expectInvalid(() => toJs({ $typeName: "crossbus.v1.Value", kind } as unknown as Value), "value");
    }
    const nothing = { $typeName: "crossbus.v1.ListValue", values: [null] };
    const list = { $typeName: "crossbus.v1.Value", kind: { case: "listValue", value: nothing } };
    expectInvalid(() => toJs(list as unknown as Value), "value[0]");
    expectInvalid(() => toJs({ kind: { case: "boolValue", value: true } } as unknown as Value), "value", "a Value");
  });
});
