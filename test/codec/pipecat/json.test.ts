import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { Code, StatusError } from "../../../src/base/status.js";
import { type Json, JsonObject } from "../../../src/codec/pipecat/json.js";
import { readJson, UnreadableJson } from "../../../src/codec/pipecat/read-json.js";
import { writeJson } from "../../../src/codec/pipecat/write-json.js";
import { lacksPython, runPython } from "../../support/python-node.js";

const encoder = new TextEncoder();
const read = (text: string) => readJson(encoder.encode(text));

const { json: arbitraryJson } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.bigInt(),
    fc.double(),
    fc.string({ unit: "grapheme" }),
    fc.array(tie("json"), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(fc.string({ unit: "grapheme" }), tie("json")), { selector: ([key]) => key, maxLength: 12 })
      .map((entries) => new JsonObject(entries)),
  ),
}));

describe("JSON as Python has it", () => {
  it("keeps integers apart from floating point numbers, of any size, and knows NaN and infinities", () => {
    const cases: Record<string, Json> = {
      "3": 3n,
      "3.0": 3,
      "-0": 0n,
      "-0.0": -0,
      "1e3": 1000,
      "1e400": Number.POSITIVE_INFINITY,
      "9007199254740993": 9007199254740993n,
      [String(2n ** 200n)]: 2n ** 200n,
      NaN: Number.NaN,
      Infinity: Number.POSITIVE_INFINITY,
      "-Infinity": Number.NEGATIVE_INFINITY,
      ' [ 1 , "a\\u00e9\\ud83d\\ude00" , null ]\n': [1n, "aé😀", null],
    };
    for (const [text, value] of Object.entries(cases)) {
      expect(read(text), text).to.deep.equal({ value, problem: undefined });
    }
    expect(Object.is(read("-0.0").value, -0)).to.equal(true);
  });

  it("writes floating point numbers so that they stay such, whatever their value", () => {
    const cases: readonly (readonly [Json, string])[] = [
      [3n, "3"],
      [3, "3.0"],
      [-0, "-0.0"],
      [2.5, "2.5"],
      [1e21, "1e+21"],
      [Number.NaN, "NaN"],
      [Number.NEGATIVE_INFINITY, "-Infinity"],
    ];
    for (const [value, text] of cases) {
      expect(writeJson(value)).to.equal(text);
    }
  });

  it("keeps the order of keys, and takes none for anything but a key", () => {
    const text = '{"b":1,"__proto__":{"x":2},"a":3,"":4}';
    const { value } = read(text);
    expect(value).to.be.instanceOf(JsonObject);
    expect((value as JsonObject).entries.map(([key]) => key)).to.deep.equal(["b", "__proto__", "a", ""]);
    expect(writeJson(value)).to.equal(text);
  });

  const unreadable: Record<string, string | Uint8Array> = {
    nothing: "",
    "two values": "1 2",
    "a trailing comma in an array": "[1,]",
    "a trailing comma in an object": '{"a":1,}',
    "a missing comma": "[1 2]",
    "a missing colon": '{"a" 1}',
    "a key that is no string": "{1:2}",
    "single quotes": "['a']",
    "a comment": "[1] // one",
    "a comment within": "[/* one */ 1]",
    "a control character in text": '"\u0001"',
    "a line break in text": '"\n"',
    "an unknown escape": '"\\x41"',
    "a leading zero": "01",
    "a leading plus": "+1",
    "a point without digits": "1.",
    "a bare word": "nan",
    "a minus alone": "-",
    "a minus apart": "- Infinity",
    "a number with a tail": "1a",
    "an array that doesn't end": "[[1]",
    "text that doesn't end": '"a',
    "a byte order mark": "\ufeff1",
    "bytes that aren't UTF-8": Uint8Array.of(0x22, 0xff, 0x22),
    "UTF-16": Uint8Array.of(0x22, 0, 0x61, 0, 0x22, 0),
    "81 levels": "[".repeat(81) + "]".repeat(81),
    "a level for each byte": "[".repeat(100_000),
    "an integer of 4301 digits": "1".repeat(4301),
  };
  for (const [name, text] of Object.entries(unreadable)) {
    it(`doesn't read ${name}`, () => {
      expect(() => readJson(typeof text === "string" ? encoder.encode(text) : text))
        .to.throw(UnreadableJson)
        .with.property("code", Code.INVALID_ARGUMENT);
    });
  }

  it("reads 80 levels, and integers of 4300 digits", () => {
    expect(read("[".repeat(80) + "]".repeat(80)).problem).to.equal(undefined);
    expect(read("1".repeat(4300)).value).to.equal(BigInt("1".repeat(4300)));
  });

  it("tells of keys that occur twice, and of text that isn't Unicode", () => {
    const many = Array.from({ length: 20 }, (_, i) => `"k${i}":0`).join(",");
    for (const text of ['{"a":1,"a":1}', '[{"x":{"a":1,"a":2}}]', `{${many},"k3":1}`, `{${many},"k19":1}`]) {
      expect(read(text).problem, text).to.match(/^the key "\w+" occurs twice$/);
    }
    for (const text of ['"\\ud800"', '{"\\udc00":1}', '"\\ude00\\ud83d"']) {
      expect(read(text).problem, text).to.match(/lone surrogate/);
    }
  });

  it("reads objects whose keys are all integers in time that grows with their number alone", () => {
    // Integers that collide in the hash tables of engines which don't seed their hashes.
    const keys = Array.from({ length: 60_000 }, (_, i) => `"${i * 16_777_216}":0`);
    expect((read(`{${keys.join(",")}}`).value as JsonObject).entries).to.have.length(60_000);
  });

  it("writes what it reads", () => {
    fc.assert(
      fc.property(arbitraryJson, (value) => {
        expect(read(writeJson(value))).to.deep.equal({ value, problem: undefined });
      }),
      { numRuns: 500 },
    );
  });

  it("writes no integer that Python can't read", () => {
    expect(() => writeJson(10n ** 4300n)).to.throw(StatusError, /4301 digits/);
    expect(writeJson(-(10n ** 4299n))).to.have.length(4301);
  });

  it("throws nothing but a status, whatever the bytes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.string({ unit: fc.constantFrom(...'{}[]",:0.eE-NaIn\\u ') }),
        (bytes, text) => {
          for (const input of [bytes, encoder.encode(text)]) {
            try {
              readJson(input);
            } catch (error) {
              expect(error).to.be.instanceOf(UnreadableJson);
            }
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("agrees with Python on what is JSON and what it says", function () {
    if (lacksPython() !== null) {
      this.skip();
    }
    this.timeout(60_000);
    const texts = [
      ...fc.sample(
        fc.string({ unit: fc.constantFrom(...'{}[]",:01.eE-', "NaN", "Infinity", "null", '"a"', " ") }),
        4_000,
      ),
      ...fc.sample(arbitraryJson, 500).map(writeJson),
    ];
    const script = `
import json, sys
out = []
for text in json.load(sys.stdin):
    try: out.append(json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False))
    except ValueError: out.append(None)
print(json.dumps(out))
`;
    const theirs = runPython(script, texts) as (string | null)[];
    let both = 0;
    for (const [i, text] of texts.entries()) {
      const ours = attempt(() => read(text));
      expect(ours === undefined, `whether ${JSON.stringify(text)} is unreadable`).to.equal(theirs[i] === null);
      if (ours !== undefined && ours.problem === undefined) {
        both += 1;
        expect(ours.value, text).to.deep.equal(read(theirs[i] as string).value);
      }
    }
    expect(both).to.be.greaterThan(500);
  });
});

function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
