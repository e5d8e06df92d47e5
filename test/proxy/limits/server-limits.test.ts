import { expect } from "chai";
import { Code } from "../../../src/base/status.js";
import { checkLimits, defaultLimits } from "../../../src/proxy/limits/server-limits.js";
import { expectThrown } from "../../support/expect-status.js";

describe("the limits of a server", () => {
  it("have defaults, all of them bounds", () => {
    expect(checkLimits()).to.deep.equal(defaultLimits);
    expect(Object.values(defaultLimits).every(Number.isFinite)).to.equal(true);
  });

  it("are what was said, and the default where nothing was", () => {
    expect(checkLimits({ maxPending: 7, idleMs: Number.POSITIVE_INFINITY, maxElements: undefined })).to.deep.equal({
      ...defaultLimits,
      maxPending: 7,
      idleMs: Number.POSITIVE_INFINITY,
    });
  });

  it("can't be what they couldn't keep", () => {
    for (const name of Object.keys(defaultLimits)) {
      for (const value of [0, -1, Number.NaN, "5", null, ...(name.endsWith("PerSecond") ? [] : [1.5])]) {
        const error = expectThrown(Code.INVALID_ARGUMENT, () => checkLimits({ [name]: value } as never));
        expect(error.message).to.match(new RegExp(`^limits\\.${name}: must be`));
      }
    }
    expectThrown(Code.INVALID_ARGUMENT, () => checkLimits({ idleMs: 2 ** 31 }));
    expectThrown(Code.INVALID_ARGUMENT, () => checkLimits(null as never));
  });

  it("have no other names: a limit that isn't kept must not look like one", () => {
    const error = expectThrown(Code.INVALID_ARGUMENT, () => checkLimits({ maxPendingPerAdress: 3 } as never));
    expect(error.message).to.include("limits.maxPendingPerAdress: must be one of maxPending, maxPendingPerAddress");
  });
});
