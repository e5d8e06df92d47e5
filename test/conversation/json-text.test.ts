import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { isTruthy, jsonText } from "../../src/conversation/json-text.js";
import { double, type JsValue, toValue, type ValueInit } from "../../src/message/value.js";

describe("the JSON text of a value", () => {
  it("reads as the value, whatever JSON can say", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(jsonText(toValue(value as JsValue)))).to.deep.equal(value);
      }),
    );
  });

  // As json.dumps(…, ensure_ascii=False) of Python 3.11 writes them, but for bytes, which it refuses.
  for (const [value, text] of [
    [null, "null"],
    [true, "true"],
    [3, "3"],
    [2n ** 63n - 1n, "9223372036854775807"],
    [-(2n ** 70n), "-1180591620717411303424"],
    [double(3), "3.0"],
    [double(-0), "-0.0"],
    [1.5, "1.5"],
    [1e22, "1e+22"],
    [Number.NaN, "NaN"],
    [-Infinity, "-Infinity"],
    ['é"\\\n\u0001\u007f', '"é\\"\\\\\\n\\u0001\u007f"'],
    [new Uint8Array([0, 255]), '"AP8="'],
    [[], "[]"],
    [{}, "{}"],
    [[1, [2, "a"]], '[1, [2, "a"]]'],
    [{ "a b": 1, c: { d: null } }, '{"a b": 1, "c": {"d": null}}'],
  ] as readonly (readonly [ValueInit, string])[]) {
    it(`is ${text}`, () => {
      expect(jsonText(toValue(value))).to.equal(text);
    });
  }

  it("is that of the content for a typed object, and null for nothing", () => {
    const typed = toValue(null);
    typed.kind = {
      case: "typedValue",
      value: { $typeName: "crossbus.v1.TypedValue", typeName: "acme.Order", value: toValue([1]) },
    };
    expect(jsonText(typed)).to.equal("[1]");
    expect(isTruthy(typed)).to.equal(true);
    expect(jsonText(undefined)).to.equal("null");
  });
});

describe("a value says something", () => {
  for (const value of [true, 1, -1n, 2n ** 70n, 0.5, Number.NaN, " ", [null], { a: null }, new Uint8Array(1)]) {
    it(`if it is ${jsonText(toValue(value))}`, () => {
      expect(isTruthy(toValue(value))).to.equal(true);
    });
  }

  for (const value of [null, false, 0, double(0), double(-0), "", [], {}, new Uint8Array()]) {
    it(`not if it is ${jsonText(toValue(value))}`, () => {
      expect(isTruthy(toValue(value))).to.equal(false);
    });
  }

  it("not if it isn't there", () => {
    expect(isTruthy(undefined)).to.equal(false);
  });
});
