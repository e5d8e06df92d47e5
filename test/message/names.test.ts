import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { checkAgentName, isAgentName } from "../../src/message/names.js";
import { expectInvalid } from "./expect-invalid.js";

describe("the name of an agent", () => {
  it("is any text of 1 to 256 bytes", () => {
    for (const name of [
      "a",
      "acme",
      "Acme shop / 1",
      "日本",
      "😀",
      "a".repeat(256),
      "ä".repeat(128),
      "😀".repeat(64),
    ]) {
      expect(isAgentName(name), name).to.equal(true);
      checkAgentName("name", name);
    }
  });

  it("is neither empty nor longer in UTF-8", () => {
    for (const name of ["", "a".repeat(257), "ä".repeat(129), "😀".repeat(65), "日".repeat(86)]) {
      expectInvalid(() => checkAgentName("localAgentName", name), "localAgentName", "256");
    }
  });

  it("has no control characters, line separators or lone surrogates", () => {
    const refused = ["\0", "\n", "\u001f", "\u007f", "\u0080", "\u009f", "\u2028", "\u2029", "\ud800", "\udfff"];
    for (const character of refused) {
      expectInvalid(() => checkAgentName("target", `a${character}b`), "target", "control characters");
    }
    for (const character of [" ", "~", "\u00a0", "\u2027", "\u202a"]) {
      expect(isAgentName(`a${character}b`)).to.equal(true);
    }
  });

  it("is a string", () => {
    for (const name of [undefined, null, 5, {}, ["a"]]) {
      expectInvalid(() => checkAgentName("name", name), "name");
    }
  });

  it("survives UTF-8 unchanged, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "ä", "😀", "\ud83d", "\ude00", "\n") }), (name) => {
        const read = new TextDecoder().decode(new TextEncoder().encode(name));
        expect(isAgentName(name)).to.equal(name !== "" && !name.includes("\n") && read === name);
      }),
    );
  });
});
