import { expect } from "chai";
import { describe, it } from "mocha";
import { attacks } from "./attacks.js";
import { applyEdits } from "./support/build.js";

// What they do takes minutes: `npm run test:attacks`. What they count on in the sources is looked at here.
describe("the attacks", () => {
  it("are many, and each has a name of its own", () => {
    expect(attacks.length).to.be.at.least(60);
    expect(new Set(attacks.map(({ name }) => name)).size).to.equal(attacks.length);
  });

  it("find the defences that they switch off", async () => {
    const problems: string[] = [];
    for (const { name, defence } of attacks) {
      expect(defence, name).to.have.length.above(0);
      await applyEdits(defence).catch((error: Error) => problems.push(`${name}: ${error.message}`));
    }
    expect(problems).to.deep.equal([]);
  });

  it("go for every weakness that the project keeps a list of", () => {
    const listed = attacks.flatMap(({ against }) => against.match(/\bW\d+/g) ?? []);
    const expected = Array.from({ length: 15 }, (_, index) => `W${index + 1}`);
    expect(expected.filter((weakness) => !listed.includes(weakness))).to.deep.equal([]);
  });
});
