import { toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { arbitraryBusMessage } from "./arbitrary-message.js";

/** Writes a varint, padded to at least `width` bytes. */
export function varint(value: number | bigint, width = 1): Uint8Array {
  const out: number[] = [];
  let rest = BigInt(value);
  do {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  } while (rest > 0n || out.length < width);
  out[out.length - 1] = (out.at(-1) ?? 0) & 0x7f;
  return Uint8Array.from(out);
}

/** Joins pieces: bytes, or text as UTF-8. */
export function concat(...pieces: readonly (Uint8Array | string)[]): Uint8Array {
  const parts = pieces.map((piece) => (typeof piece === "string" ? new TextEncoder().encode(piece) : piece));
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    joined.set(part, end);
    end += part.length;
  }
  return joined;
}

/** Writes a field with a length: text, bytes, or a message made of its fields. */
export function field(number: number, ...content: readonly (Uint8Array | string)[]): Uint8Array {
  const inner = concat(...content);
  return concat(varint(number * 8 + 2), varint(inner.length), inner);
}

/** Writes a field of another wire type. */
export function mistyped(number: number, wireType: number, content: Uint8Array): Uint8Array {
  return concat(varint(number * 8 + wireType), content);
}

/** The encoding of any bus message. */
export function arbitraryEncoded(): fc.Arbitrary<Uint8Array> {
  return arbitraryBusMessage().map((message) => toBinary(BusMessageSchema, message));
}

const numbers = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(1, 2, 3, 4, 5, 6, 16, 18, 40, 90, 91, 200) },
  { weight: 1, arbitrary: fc.constantFrom(0, 7, 9, 10, 15, 17, 50, 201, 536870911) },
);

const leaf = fc.oneof(
  fc
    .constantFrom("", "a", "acme", "type.googleapis.com/acme.Order", "type.googleapis.com/", "\ufeffa")
    .map((text) => concat(text)),
  fc.uint8Array({ maxLength: 6 }),
);

/**
 * Trees of fields with the numbers that matter, mostly well-formed, whatever their order and number: what is
 * allowed by the wire format but not by the schema, and what is allowed by both but never written.
 */
export function arbitraryWire(depth = 4): fc.Arbitrary<Uint8Array> {
  const inner = depth === 0 ? leaf : fc.oneof(leaf, arbitraryWire(depth - 1));
  const one = fc.oneof(
    { weight: 12, arbitrary: fc.tuple(numbers, inner).map(([number, content]) => field(number, content)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(numbers, fc.integer({ min: 0, max: 7 }), fc.uint8Array({ maxLength: 10 }))
        .map(([number, wireType, content]) => mistyped(number, wireType, content)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(numbers, leaf, fc.integer({ min: 1, max: 6 }), fc.integer({ min: -2, max: 9 }))
        .map(([number, content, width, off]) =>
          concat(varint(number * 8 + 2, width), varint(Math.max(0, content.length + off), width), content),
        ),
    },
  );
  return fc.array(one, { maxLength: 4 }).map((list) => concat(...list));
}

type Mutation = (bytes: Uint8Array) => Uint8Array;

/** Turns a fraction into a place in the bytes. */
function at(bytes: Uint8Array, fraction: number): number {
  return Math.floor(fraction * bytes.length);
}

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  // Flips a bit.
  fc.tuple(place, fc.nat({ max: 7 })).map(([p, bit]) => (bytes: Uint8Array) => {
    const copy = bytes.slice();
    copy[at(bytes, p)] = (copy[at(bytes, p)] ?? 0) ^ (1 << bit);
    return copy;
  }),
  // Inserts bytes, or a field.
  fc.tuple(place, fc.oneof(fc.uint8Array({ maxLength: 4 }), arbitraryWire())).map(
    ([p, piece]) =>
      (bytes: Uint8Array) =>
        concat(bytes.subarray(0, at(bytes, p)), piece, bytes.subarray(at(bytes, p))),
  ),
  // Deletes a few.
  fc.tuple(place, fc.nat({ max: 8 })).map(
    ([p, count]) =>
      (bytes: Uint8Array) =>
        concat(bytes.subarray(0, at(bytes, p)), bytes.subarray(at(bytes, p) + count)),
  ),
  // Cuts the end off.
  place.map((p) => (bytes: Uint8Array) => bytes.slice(0, at(bytes, p))),
  // Says a part again.
  fc.tuple(place, place, place).map(([p, q, r]) => (bytes: Uint8Array) => {
    const [from, to] = [at(bytes, Math.min(p, q)), at(bytes, Math.max(p, q))];
    return concat(bytes.subarray(0, at(bytes, r)), bytes.subarray(from, to), bytes.subarray(at(bytes, r)));
  }),
  // Exchanges the two parts around a place.
  place.map((p) => (bytes: Uint8Array) => concat(bytes.subarray(at(bytes, p)), bytes.subarray(0, at(bytes, p)))),
  // Adds a field before or after, which leaves the rest well-formed.
  fc.tuple(arbitraryWire(), fc.boolean()).map(
    ([piece, before]) =>
      (bytes: Uint8Array) =>
        before ? concat(piece, bytes) : concat(bytes, piece),
  ),
  // Adds a whole message.
  arbitraryEncoded().map((other) => (bytes: Uint8Array) => concat(bytes, other)),
);

/** Bytes that were a message before something happened to them. */
export function arbitraryDamaged(): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(arbitraryEncoded(), fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([bytes, mutations]) => mutations.reduce((before, mutate) => mutate(before), bytes));
}
