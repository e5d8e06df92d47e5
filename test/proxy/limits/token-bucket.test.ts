import { expect } from "chai";
import fc from "fast-check";
import type { Clock } from "../../../src/base/clock.js";
import { TokenBucket } from "../../../src/proxy/limits/token-bucket.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";

const perSecond = 1_000;
const capacity = 4 * perSecond;

/** Takes one after the other until something is owed. Returns how many that were. */
function drain(bucket: TokenBucket): number {
  let count = 1;
  while (bucket.take(1) === 0) {
    count++;
  }
  return count;
}

/** A clock that stands, and tells when it is looked at. */
function standing(looked: () => void): Clock {
  return {
    now() {
      looked();
      return 0;
    },
    after: () => () => {},
  };
}

describe("a token bucket", () => {
  it("gives no more than four seconds' worth at once, however long nothing was taken", () => {
    for (const before of [0, 1, capacity / 2]) {
      const clock = new VirtualClock();
      const bucket = new TokenBucket(perSecond, clock);
      bucket.take(before);
      clock.advance(10_000);
      // The last of them is owed. It may be a little less: it doesn't look at the clock each time.
      expect(drain(bucket), `${before}`).to.be.within(capacity * 0.98, capacity + 1);
    }
  });

  it("looks at the clock for one in many only", () => {
    let looks = 0;
    const bucket = new TokenBucket(
      perSecond,
      standing(() => looks++),
    );
    expect(drain(bucket)).to.equal(capacity + 1);
    expect(looks).to.be.within(2, 70);
  });

  it("never looks where there is no limit", () => {
    let looks = 0;
    const bucket = new TokenBucket(
      Infinity,
      standing(() => looks++),
    );
    for (let i = 0; i < 1_000; i++) {
      expect(bucket.take(1_000_000)).to.equal(0);
    }
    expect(bucket.isFull).to.equal(true);
    expect(looks).to.be.at.most(2);
  });

  it("is never more than a sixty-fourth behind one that looks each time, and never before it", () => {
    const step = fc.record({ waitMs: fc.nat(3_000), count: fc.nat(300), times: fc.nat(20), asks: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new VirtualClock();
        const bucket = new TokenBucket(perSecond, clock);
        let exact = capacity;
        for (const { waitMs, count, times, asks } of steps) {
          clock.advance(waitMs);
          exact = Math.min(capacity, exact + (waitMs * perSecond) / 1_000);
          if (asks && bucket.isFull) {
            expect(exact).to.be.closeTo(capacity, 1e-6);
          }
          for (let i = 0; i < times; i++) {
            exact -= count;
            const owedMs = bucket.take(count);
            if (owedMs === 0) {
              expect(exact).to.be.at.least(-1e-6);
            } else {
              expect(exact).to.be.below(capacity / 64 + 1e-6);
              expect((owedMs * perSecond) / 1_000).to.be.within(-exact - 1e-6, capacity / 64 - exact + 1e-6);
            }
          }
        }
      }),
    );
  });
});
