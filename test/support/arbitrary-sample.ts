import type { MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { Grade, type SampleSchema } from "../message/gen/acme/v1/sample_pb.js";
import { codePoint } from "./arbitrary-code-point.js";
import { arbitraryValue } from "./arbitrary-message.js";

type SampleInit = MessageInitShape<typeof SampleSchema>;

/** What a message with a field of every kind may be made of, with so many such messages within each other. */
export function arbitrarySample(depth: number): fc.Arbitrary<SampleInit> {
  const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const text = fc.string({ unit: codePoint, maxLength: 8 });
  const key = text.filter((name) => name !== "__proto__");
  const bytes = fc.uint8Array({ maxLength: 8 }) as fc.Arbitrary<Uint8Array<ArrayBuffer>>;
  const float = fc.float({ noNaN: true });
  const number = fc.double({ noNaN: true });
  const grade = fc.oneof(fc.constantFrom(Grade.UNSPECIFIED, Grade.GOOD), int32) as fc.Arbitrary<Grade>;
  const sample: fc.Arbitrary<SampleInit> =
    depth === 0 ? fc.constant({}) : fc.constant(0).chain(() => arbitrarySample(depth - 1));
  const list = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 3 });
  return fc.record(
    {
      doubleField: number,
      floatField: float,
      int32Field: int32,
      int64Field: int64,
      uint32Field: uint32,
      uint64Field: uint64,
      sint32Field: int32,
      sint64Field: int64,
      fixed32Field: uint32,
      fixed64Field: uint64,
      sfixed32Field: int32,
      sfixed64Field: int64,
      boolField: fc.boolean(),
      stringField: text,
      bytesField: bytes,
      grade,
      nested: sample,
      textInt64: int64.map(String),
      optionalInt32: int32,
      optionalString: text,
      optionalGrade: grade,
      choice: fc.oneof(
        text.map((value) => ({ case: "choiceText" as const, value })),
        sample.map((value) => ({ case: "choiceSample" as const, value })),
        uint64.map((value) => ({ case: "choiceNumber" as const, value })),
        grade.map((value) => ({ case: "choiceGrade" as const, value })),
      ),
      numbers: list(int32),
      texts: list(text),
      grades: list(grade),
      samples: list(sample),
      blobs: list(bytes),
      doubles: list(number),
      byText: fc.dictionary(key, int64, { maxKeys: 3 }),
      byInt32: fc.dictionary(int32.map(String), text, { maxKeys: 3 }),
      byUint64: fc.dictionary(uint64.map(String), sample, { maxKeys: 3 }),
      byBool: fc.dictionary(fc.boolean().map(String), grade, { maxKeys: 2 }),
      blobsByText: fc.dictionary(key, bytes, { maxKeys: 3 }),
      when: fc.record({ seconds: fc.bigInt({ min: -62135596800n, max: 253402300799n }), nanos: fc.nat(999_999_999) }),
      howLong: fc.record({ seconds: fc.bigInt({ min: 0n, max: 315576000000n }), nanos: fc.nat(999_999_999) }),
      wrappedInt64: int64,
      wrappedBytes: bytes,
      wrappedText: text,
      wrappedDouble: number,
      value: arbitraryValue,
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<SampleInit>;
}
