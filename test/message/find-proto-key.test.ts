import { create, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { findProtoKey } from "../../src/message/find-proto-key.js";
import { keepMarks } from "../../src/message/keep-marks.js";
import { type Box, BoxSchema } from "./gen/acme/v1/closed_pb.js";
import { OrderSchema } from "./gen/acme/v1/order_pb.js";
import { SampleSchema } from "./gen/acme/v1/sample_pb.js";

/** A map with that key among others, which only a literal or a peer can make. */
const map = <Value>(value: Value): { [key: string]: Value } => ({ a: value, ["__proto__"]: value, b: value });

/** What is found in a message, once it was written. */
function found(schema: DescMessage, message: Message): string | undefined {
  return findProtoKey(schema, toBinary(schema, message));
}

/** A message whose map holds what `create()` would lose. */
function box(fields: Partial<Box>): Box {
  return Object.assign(create(BoxSchema, { label: "a" }), fields);
}

describe("the key __proto__ in a map of a message that came", () => {
  it("is what protobuf-es loses, or makes a prototype of", () => {
    const bytes = toBinary(BoxSchema, box({ inner: map(box({ label: "of the peer" })) }));
    const { inner } = fromBinary(BoxSchema, bytes);
    expect(Object.keys(inner)).to.deep.equal(["a", "b"]);
    expect((inner as Record<string, unknown>)["label"]).to.equal("of the peer");
  });

  it("is found in maps of scalars, enumerations and messages", () => {
    const sample = (fields: object) => Object.assign(create(SampleSchema), fields);
    expect(found(SampleSchema, sample({ byText: map(1n) }))).to.equal("by_text");
    expect(found(SampleSchema, sample({ blobsByText: map(Uint8Array.of(1)) }))).to.equal("blobs_by_text");
    expect(found(BoxSchema, box({ inner: map(box({})) }))).to.equal("inner");
  });

  it("is found wherever the map is: in messages, lists, groups, values of maps and plain JSON", () => {
    const sample = Object.assign(create(SampleSchema), { byText: map(1n) });
    const around = { int32Field: 1, fixed32Field: 1, fixed64Field: 1n, doubles: [1, 2], numbers: [1, 2], texts: ["x"] };
    for (const fields of [
      { nested: sample },
      { samples: [create(SampleSchema), sample] },
      { byUint64: { "5": create(SampleSchema), "6": sample } },
      { choice: { case: "choiceSample" as const, value: sample } },
    ]) {
      expect(found(SampleSchema, create(SampleSchema, { ...around, ...fields }))).to.equal("by_text");
    }
    const lid = Object.assign(create(BoxSchema, { lid: {} }).lid ?? {}, { labels: map("x") }) as NonNullable<
      Box["lid"]
    >;
    expect(found(BoxSchema, box({ lid }))).to.equal("labels");
    const struct = new BinaryWriter().tag(62, WireType.LengthDelimited).fork();
    struct.tag(1, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string("__proto__").join().join();
    expect(findProtoKey(SampleSchema, struct.finish())).to.equal("fields");
  });

  it("is found where the bytes say it in an unusual way that protobuf-es reads all the same", () => {
    // Of another wire type, with the value before the key, and with another key before it, which doesn't count.
    const entry = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(toBinary(BoxSchema, box({})));
    entry.tag(1, WireType.LengthDelimited).string("first").tag(1, WireType.LengthDelimited).string("__proto__");
    const bytes = new BinaryWriter().tag(7, WireType.Varint).bytes(entry.finish()).finish();
    expect(Object.getPrototypeOf(fromBinary(BoxSchema, bytes).inner)).not.to.equal(Object.prototype);
    expect(findProtoKey(BoxSchema, bytes)).to.equal("inner");
    entry.tag(1, WireType.LengthDelimited).string("last");
    const other = new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(entry.finish()).finish();
    expect(findProtoKey(BoxSchema, other)).to.equal(undefined);
  });

  it("is found at any place among other bytes", () => {
    for (let length = 0; length < 20; length++) {
      for (const text of ["x", "_", "p", "_p", "__proto_"]) {
        const sample = create(SampleSchema, { stringField: text.repeat(length), textInt64: String(length) });
        expect(found(SampleSchema, Object.assign(sample, { byText: map(1n) }))).to.equal("by_text");
      }
    }
  });

  it("is found whatever the bytes are in which protobuf-es reads it", () => {
    const lid = create(BoxSchema, { lid: { labels: { a: "b" } } }).lid as NonNullable<Box["lid"]>;
    const inner = { a: box({ lid }), b: box({ inner: map(box({ count: 1 })) }) };
    const good = toBinary(BoxSchema, box({ sizes: [1, 2], shade: 1, inner }));
    const outcomes = { unreadable: 0, found: 0, missing: 0 };
    const change = fc.record({ at: fc.nat(good.length - 1), to: fc.oneof(fc.nat(255), fc.constantFrom(...good)) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        const bytes = good.slice();
        for (const { at, to } of changes) {
          bytes[at] = to;
        }
        let read: Box;
        try {
          read = keepMarks(() => fromBinary(BoxSchema, bytes));
        } catch {
          outcomes.unreadable++;
          return;
        }
        const key = keepMarks(() => findProtoKey(BoxSchema, bytes));
        outcomes[key === undefined ? "missing" : "found"]++;
        if (key === undefined) {
          expectNoPrototypes(read);
        }
      }),
      { numRuns: 5_000 },
    );
    expect(outcomes.unreadable).to.be.greaterThan(100);
    expect(outcomes.found).to.be.greaterThan(100);
    expect(outcomes.missing).to.be.greaterThan(10);
  }).timeout(20_000);

  it("isn't looked for in a type that has no map with text as keys", () => {
    expect(findProtoKey(OrderSchema, new TextEncoder().encode("__proto__"))).to.equal(undefined);
  });

  it("isn't found where it is no such key: in text, bytes, other keys, values and fields that nobody knows", () => {
    const text = "\n\t__proto__";
    const sample = create(SampleSchema, {
      stringField: "__proto__",
      texts: [text],
      bytesField: new TextEncoder().encode(text),
      byText: { "__proto__ ": 1n, proto: 2n },
      byInt32: { 1: "__proto__" },
      byUint64: { 2: { stringField: "__proto__" } },
      byBool: { true: 1 },
      grades: [1, 2],
      $unknown: [
        {
          no: 500,
          wireType: WireType.LengthDelimited,
          data: Uint8Array.of(9, ...new TextEncoder().encode(text.slice(2))),
        },
      ],
    } as never);
    const bytes = toBinary(SampleSchema, sample);
    expect(findProtoKey(SampleSchema, bytes)).to.equal(undefined);
    expect(findProtoKey(BoxSchema, toBinary(BoxSchema, box({ label: "__proto__", lid: undefined })))).to.equal(
      undefined,
    );
    expect(findProtoKey(SampleSchema, new Uint8Array())).to.equal(undefined);
  });
});

/** That no map in a box has been given a prototype. */
function expectNoPrototypes({ inner }: Box): void {
  expect(Object.getPrototypeOf(inner)).to.equal(Object.prototype);
  Object.values(inner).forEach(expectNoPrototypes);
}
