import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { joinText } from "../../src/conversation/join-text.js";

describe("pieces of text", () => {
  const words = fc.array(fc.string({ maxLength: 5 }));

  it("that bring their spaces are put together as they are", () => {
    fc.assert(
      fc.property(words, (texts) => {
        expect(joinText(texts.map((text) => ({ text, spaced: true })))).to.equal(texts.join("").trim());
      }),
    );
  });

  it("that don't get one space between them", () => {
    fc.assert(
      fc.property(words, (texts) => {
        const filled = texts.filter((text) => text !== "");
        expect(joinText(texts.map((text) => ({ text, spaced: false })))).to.equal(filled.join(" ").trim());
      }),
    );
  });

  for (const [texts, joined] of [
    [["a", "B"], "a B"],
    [["a ", "B"], "a B"],
    [["a", " B"], "a B"],
    [["a ", " B"], "a  B"],
    [["A", "b"], "A b"],
    [["A", ".", "b", "C"], "A . b C"],
    [["a", "", "b", "B", "", "C"], "ab B C"],
  ] as const) {
    it(`of both sorts get a space where there is none: ${texts.join("|")}`, () => {
      // Capitals stand for the sort without spaces.
      expect(joinText(texts.map((text) => ({ text, spaced: !/[A-Z.]/.test(text) })))).to.equal(joined);
    });
  }
});
