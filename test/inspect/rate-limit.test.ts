import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { RateLimit } from "../../src/inspect/rate-limit.js";
import { Ring } from "../../src/inspect/ring.js";

describe("RateLimit", () => {
  it("lets no more through, in any second, than it should, but for a burst of as many", () => {
    const steps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), steps, (perSecond, waits) => {
        const limit = new RateLimit(perSecond);
        const passed: number[] = [];
        let now = 0;
        for (const wait of waits) {
          now += wait;
          if (limit.take(now)) {
            passed.push(now);
          }
        }
        for (const from of passed) {
          const within = passed.filter((at) => at >= from && at < from + 1_000).length;
          expect(within).to.be.at.most(2 * perSecond);
        }
      }),
    );
  });

  it("lets all through that keep to it, also after a pause, and while the clock goes back nothing more", () => {
    const limit = new RateLimit(10);
    for (let now = 0; now < 5_000; now += 100) {
      expect(limit.take(now)).to.equal(true);
    }
    const burst = Array.from({ length: 20 }, () => limit.take(60_000)).filter(Boolean);
    expect(burst).to.have.lengthOf(10);
    expect(limit.take(50_000)).to.equal(false);
    expect(limit.take(50_100)).to.equal(true);
  });
});

describe("Ring", () => {
  it("gives what was added after any point, as far as it is there", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(40), fc.nat(50), (capacity, count, after) => {
        const ring = new Ring<number>(capacity);
        const all = Array.from({ length: count }, (_, index) => index);
        for (const item of all) {
          ring.add(item);
        }
        expect(ring.after(after)).to.deep.equal(all.slice(-capacity).filter((item) => item >= after));
        expect([ring.added, ring.gone]).to.deep.equal([count, Math.max(0, count - capacity)]);
      }),
    );
  });
});
