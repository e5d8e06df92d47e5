import { expect } from "chai";
import fc from "fast-check";
import { quantile, summarize } from "../../bench/harness/statistics.js";

describe("the bench's statistics", () => {
  it("finds medians and quartiles, between neighbours where there is no middle", () => {
    expect(quantile([3, 1, 2], 0.5)).to.equal(2);
    expect(quantile([4, 1, 3, 2], 0.5)).to.equal(2.5);
    expect(quantile([10, 20], 0.99)).to.be.closeTo(19.9, 1e-9);
    expect(summarize([5, 1, 4, 2, 3])).to.deep.equal({ median: 3, q1: 2, q3: 4 });
  });

  it("sorts numbers as numbers, and leaves the list alone", () => {
    const values = [100, 9, 20];
    expect(quantile(values, 0)).to.equal(9);
    expect(quantile(values, 1)).to.equal(100);
    expect(values).to.deep.equal([100, 9, 20]);
  });

  it("has no figure for no measurement", () => {
    expect(quantile([], 0.5)).to.be.NaN;
  });

  it("never leaves the range, and never falls as the share rises", () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(values, share, share, (list, one, other) => {
        const low = quantile(list, Math.min(one, other));
        const high = quantile(list, Math.max(one, other));
        expect(low).to.be.at.least(Math.min(...list) - 1e-9);
        expect(high).to.be.at.most(Math.max(...list) + 1e-9);
        expect(low).to.be.at.most(high + 1e-9);
      }),
    );
  });
});
