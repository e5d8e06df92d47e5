import { expect } from "chai";
import { describe, it } from "mocha";
import { concat, field, varint } from "../support/arbitrary-bytes.js";
import { fieldsOf, Unreadable } from "../support/reference-reader.js";
import { mutateFields } from "./grammar.js";
import { RandomSource } from "./random-source.js";

/** A message with two texts, and a number deep inside. */
const message = concat(field(1, "acme"), field(2, "helper"), field(3, field(1, field(16, varint(8), varint(5)))));

function mutated(input: Uint8Array, times: number): readonly Uint8Array[] {
  const random = new RandomSource(1);
  return Array.from({ length: times }, () => mutateFields(input, random));
}

function numbersOf(bytes: Uint8Array): readonly number[] | undefined {
  try {
    return fieldsOf(bytes).map(({ number }) => number);
  } catch (error) {
    expect(error).to.be.instanceOf(Unreadable);
    return undefined;
  }
}

describe("mutations by what a message is made of", () => {
  it("say a field twice, and leave the others as they are", () => {
    const twice = mutated(message, 300).filter((bytes) => {
      const numbers = numbersOf(bytes) ?? [];
      return numbers.filter((number) => number === 1).length === 2 && numbers.includes(2) && numbers.includes(3);
    });
    expect(twice.length).to.be.greaterThan(5);
  });

  it("have a length within reach beyond the message that it is in, whose own length is right", () => {
    const lies = mutated(message, 300).filter((bytes) => {
      // All is fine on the outside; in the innermost message a field ends behind it.
      const body = numbersOf(bytes) === undefined ? undefined : fieldsOf(bytes).find(({ number }) => number === 3);
      const inner = body === undefined ? undefined : numbersOf(body.content);
      return body !== undefined && inner === undefined;
    });
    expect(lies.length).to.be.greaterThan(5);
  });

  it("change what isn't made of fields in nothing", () => {
    for (const bytes of [new Uint8Array(), Uint8Array.of(7), Uint8Array.of(0x0a, 200, 1), Uint8Array.of(0x0b)]) {
      expect(mutated(bytes, 10).every((same) => same === bytes)).to.equal(true);
    }
  });

  it("are the same for the same chance", () => {
    expect(mutated(message, 50)).to.deep.equal(mutated(message, 50));
  });
});
