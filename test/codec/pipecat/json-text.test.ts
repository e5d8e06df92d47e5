import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type Json, JsonObject } from "../../../src/codec/pipecat/json.js";
import { readJson, UnreadableJson } from "../../../src/codec/pipecat/read-json.js";
import { recordedWires } from "../../support/arbitrary-wire.js";
import { canonical } from "../../support/canonical-json.js";
import { lacksPython, runPython } from "../../support/python-node.js";

const encoder = new TextEncoder();

/** What is a token of JSON, what nearly is, and what other readers take. */
const pieces = [
  ...[
    '"',
    "\\",
    "\\u",
    "\\u00",
    "\\u0041",
    "\\ud83d",
    "\\ude00",
    "\\n",
    "\\/",
    "\\x41",
    "'",
    "a",
    "\u0001",
    "\t",
    "\n",
  ],
  ...[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    ",,",
    "/**/",
    "//",
    "#",
    "0",
    "1",
    "-",
    "+",
    ".",
    "e",
    "E",
    "01",
    "-0",
    "1.0",
    "1e5",
  ],
  ...[
    "1e400",
    "-1e400",
    "0x1",
    "1_0",
    "NaN",
    "-NaN",
    "Infinity",
    "-Infinity",
    "+Infinity",
    "nan",
    "inf",
    "null",
    "None",
  ],
  ...[
    "true",
    "True",
    "false",
    "undefined",
    " ",
    "\r",
    "\u000b",
    "\u000c",
    "\u00a0",
    "\u2028",
    "\ufeff",
    "\u0000",
    "\u{1f600}",
  ],
  ...[
    '"k":',
    '{"k":',
    '"k"',
    "123456789012345678901234567890",
    "9".repeat(4_300),
    `-${"9".repeat(4_300)}`,
    "1".repeat(4_301),
  ],
];

const script = `
import json, sys
def mark(x):
    if isinstance(x, dict): return {"o": [[k, mark(v)] for k, v in x.items()]}
    if isinstance(x, list): return [mark(v) for v in x]
    if isinstance(x, bool) or x is None: return x
    if isinstance(x, str): return {"s": [ord(c) for c in x]}
    return {"i" if isinstance(x, int) else "f": x.hex() if isinstance(x, float) else hex(x)}
out = []
for text in json.load(sys.stdin):
    try: out.append({"value": mark(json.loads(bytes(text)))})
    except (ValueError, RecursionError): out.append(None)
print(json.dumps(out))
`;

/** Our reading, as the script writes Python's. Of a key that occurs twice Python takes the last. */
function mark(json: Json): unknown {
  if (json instanceof JsonObject) {
    return { o: json.entries.map(([key, value]) => [key, mark(value)]) };
  }
  if (Array.isArray(json)) {
    return json.map(mark);
  }
  switch (typeof json) {
    case "string":
      return { s: [...json].map((character) => character.codePointAt(0)) };
    case "bigint":
      return { i: `${json < 0n ? "-" : ""}0x${(json < 0n ? -json : json).toString(16)}` };
    case "number":
      return { f: floatHex(json) };
    default:
      return json;
  }
}

/** Writes a number as Python's `float.hex` does. */
function floatHex(value: number): string {
  if (Number.isNaN(value)) {
    return "nan";
  }
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (!Number.isFinite(value)) {
    return `${sign}inf`;
  }
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const exponent = Number(bits >> 52n);
  const fraction = (bits & ((1n << 52n) - 1n)).toString(16).padStart(13, "0");
  if (bits === 0n) {
    return `${sign}0x0.0p+0`;
  }
  const power = exponent === 0 ? -1022 : exponent - 1023;
  return `${sign}0x${exponent === 0 ? 0 : 1}.${fraction}p${power < 0 ? "" : "+"}${power}`;
}

describe("JSON that is read here and in Python", () => {
  it("says the same in both, or is unreadable in both", function () {
    if (lacksPython() !== null) {
      this.skip();
    }
    this.timeout(60_000);
    const wires = fc.constantFrom(...recordedWires("pipecat").filter(({ length }) => length < 1_000));
    const spoilt = fc
      .tuple(wires, fc.array(fc.tuple(fc.nat(), fc.nat(4), fc.constantFrom(...pieces)), { maxLength: 2 }))
      .map(([wire, changes]) =>
        changes.reduce((text, [at, length, piece]) => {
          const start = at % text.length;
          return text.slice(0, start) + piece + text.slice(start + length);
        }, wire),
      );
    const loose = fc.array(fc.constantFrom(...pieces), { maxLength: 7 }).map((list) => list.join(""));
    const quoted = loose.map((text) => `"${text}"`);
    const texts = fc.sample(fc.oneof(spoilt, loose, quoted), 6_000).map((text) => encoder.encode(text));
    const output = runPython(
      script,
      texts.map((bytes) => [...bytes]),
    );
    const tally = { both: 0, neither: 0, ambiguous: 0 };
    for (const [i, theirs] of (output as ({ value: unknown } | null)[]).entries()) {
      const bytes = texts[i] as Uint8Array;
      const text = new TextDecoder().decode(bytes);
      let ours: ReturnType<typeof readJson> | undefined;
      try {
        ours = readJson(bytes);
      } catch (error) {
        expect(error).to.be.instanceOf(UnreadableJson);
      }
      if (ours === undefined) {
        // Python takes what begins with the mark of UTF-8, and where a zero is near the beginning it reads UTF-16 or 32.
        const isOtherwise = (bytes[0] === 0xef && bytes[1] === 0xbb) || bytes.subarray(0, 4).includes(0);
        const mayRead = theirs === null || isOtherwise;
        expect(mayRead, `${JSON.stringify(text)} is unreadable here, in Python ${JSON.stringify(theirs)}`).to.equal(
          true,
        );
        tally.neither += 1;
      } else if (theirs === null) {
        expect.fail(`${JSON.stringify(text)} is unreadable in Python`);
      } else if (ours.problem !== undefined) {
        tally.ambiguous += 1;
      } else {
        expect(mark(ours.value), text).to.deep.equal(theirs.value);
        tally.both += 1;
      }
    }
    expect(tally.both).to.be.greaterThan(500);
    expect(tally.neither).to.be.greaterThan(500);
    expect(tally.ambiguous).to.be.greaterThan(10);
  });

  it("is read without white space as with it", () => {
    const space = fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "\r"), maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(...recordedWires("pipecat")), space, (wire, between) => {
        const loose = spread(wire, between);
        expect(canonical(readJson(encoder.encode(loose)).value)).to.deep.equal(
          canonical(readJson(encoder.encode(wire)).value),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe("an object with many keys", () => {
  /** Counts what looking for duplicate keys costs while `action` runs, and keeps the keys that went into sets. */
  function counted(action: () => void): { readonly steps: number; readonly keys: readonly unknown[] } {
    const { add, has } = Set.prototype;
    const { some } = Array.prototype;
    const keys: unknown[] = [];
    let steps = 0;
    Set.prototype.add = function (value) {
      keys.push(value);
      return add.call(this, value);
    };
    Set.prototype.has = function (value) {
      steps += 1;
      return has.call(this, value);
    };
    // biome-ignore lint/suspicious/noExplicitAny: it is of whatever type the method is.
    Array.prototype.some = function (this: unknown[], callback: any): boolean {
      steps += this.length;
      return some.call(this, callback);
    };
    try {
      action();
    } finally {
      Object.assign(Set.prototype, { add, has });
      Array.prototype.some = some;
    }
    return { steps, keys };
  }

  it("is read in a number of steps that grows with the number of keys alone", () => {
    const text = (count: number) => `{${Array.from({ length: count }, (_, i) => `"${i * 65_536}":0`).join(",")}}`;
    const small = counted(() => readJson(encoder.encode(text(1_000)))).steps;
    const large = counted(() => readJson(encoder.encode(text(10_000)))).steps;
    expect(small).to.be.greaterThan(900);
    expect(large).to.be.lessThan(small * 11);
  });

  it("has none of them in a hash table as a number, whose place there a peer could choose", () => {
    const keys = Array.from({ length: 100 }, (_, i) => `"${i * 65_536}":0`);
    const { keys: hashed } = counted(() => readJson(encoder.encode(`{${keys.join(",")}}`)));
    expect(hashed).to.have.length.above(90);
    expect(hashed.filter((key) => /^\d+$/.test(String(key)))).to.deep.equal([]);
  });
});

/** Puts white space between the tokens of JSON without any. */
function spread(text: string, space: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g, (token) => `${space}${token}${space}`);
}
