import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { Code } from "../../src/base/status.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { expectThrown } from "../support/expect-status.js";

describe("the virtual clock", () => {
  it("stands still until it is moved", () => {
    const clock = new VirtualClock(1_000);
    const calls: number[] = [];
    clock.after(10, () => calls.push(clock.now()));
    clock.after(5, () => calls.push(clock.now()));
    clock.after(5, () => calls.push(Number.NaN))();
    expect([clock.pending, clock.dueIn]).to.deep.equal([2, [5, 10]]);
    clock.advance(9);
    expect([calls, clock.now()]).to.deep.equal([[1_005], 1_009]);
    expect(clock.dueIn).to.deep.equal([1]);
    clock.advance(1);
    expect([calls, clock.now()]).to.deep.equal([[1_005, 1_010], 1_010]);
    expect(clock.pending).to.equal(0);
  });

  it("has waits that are random elsewhere take as long as they may", () => {
    const clock = new VirtualClock();
    expect([clock.spread(), clock.spread()]).to.deep.equal([1, 1]);
  });

  it("calls nothing back at once, not even after 0 ms", () => {
    const clock = new VirtualClock();
    const calls: string[] = [];
    clock.after(0, () => calls.push("first"));
    clock.after(0, () => calls.push("second"));
    expect(calls).to.deep.equal([]);
    clock.advance(0);
    expect(calls).to.deep.equal(["first", "second"]);
  });

  it("runs what callbacks set, when it is due in the same time", () => {
    const clock = new VirtualClock();
    const calls: number[] = [];
    const again = (): void => {
      calls.push(clock.now());
      clock.after(3, again);
    };
    clock.after(3, again);
    clock.advance(10);
    expect(calls).to.deep.equal([3, 6, 9]);
    expect(clock.dueIn).to.deep.equal([2]);
  });

  it("keeps callbacks from being called that others prevent at the same time", () => {
    const clock = new VirtualClock();
    const calls: string[] = [];
    clock.after(1, () => prevent());
    const prevent = clock.after(1, () => calls.push("prevented"));
    clock.advance(1);
    prevent();
    expect(calls).to.deep.equal([]);
  });

  it("goes on after a callback that moved it", () => {
    const clock = new VirtualClock();
    const calls: number[] = [];
    clock.after(1, () => clock.advance(10));
    clock.after(5, () => calls.push(clock.now()));
    clock.advance(2);
    expect([calls, clock.now()]).to.deep.equal([[5], 11]);
  });

  it("throws what a callback throws, and can be moved on", () => {
    const clock = new VirtualClock();
    const calls: number[] = [];
    clock.after(1, () => {
      throw new Error("a bug");
    });
    clock.after(2, () => calls.push(clock.now()));
    expect(() => clock.advance(5)).to.throw("a bug");
    expect(clock.now()).to.equal(1);
    clock.advance(5);
    expect([calls, clock.now()]).to.deep.equal([[2], 6]);
  });

  for (const ms of [-1, Number.NaN, 2 ** 31]) {
    it(`refuses to wait for, or to move by, ${ms} ms`, async () => {
      const clock = new VirtualClock();
      expect(expectThrown(Code.INVALID_ARGUMENT, () => clock.after(ms, () => {})).message).to.include(String(ms));
      expectThrown(Code.INVALID_ARGUMENT, () => clock.advance(ms));
      const error = await clock.advanceAsync(ms).catch((reason: unknown) => reason);
      expect(error).to.have.property("code", Code.INVALID_ARGUMENT);
      expect([clock.now(), clock.pending]).to.deep.equal([0, 0]);
    });
  }

  it("lets promises settle before, between and after timers, when asked to", async () => {
    const clock = new VirtualClock();
    const calls: string[] = [];
    const later = async (text: string): Promise<void> => {
      for (let hop = 0; hop < 20; hop++) {
        await Promise.resolve();
      }
      calls.push(`${text} at ${clock.now()}`);
    };
    void later("before").then(() => clock.after(1, () => void later("first")));
    clock.after(2, () => void later("second"));
    await clock.advanceAsync(2);
    expect(calls).to.deep.equal(["before at 0", "first at 1", "second at 2"]);
    expect(clock.now()).to.equal(2);
  });

  it("calls everything back in order, whatever is set and prevented", () => {
    const timers = fc.array(fc.record({ ms: fc.nat(20), prevented: fc.boolean() }), { maxLength: 30 });
    fc.assert(
      fc.property(timers, fc.array(fc.nat(10), { maxLength: 10 }), (all, moves) => {
        const clock = new VirtualClock();
        const calls: (readonly [number, number])[] = [];
        const prevents = all.map(({ ms }, index) => clock.after(ms, () => calls.push([clock.now(), index])));
        prevents.forEach((prevent, index) => {
          if (all[index]?.prevented === true) {
            prevent();
          }
        });
        for (const ms of moves) {
          clock.advance(ms);
        }
        const expected = all
          .map(({ ms, prevented }, index) => ({ ms, prevented, index }))
          .filter(({ ms, prevented }) => !prevented && ms <= clock.now() && moves.length > 0)
          .sort((a, b) => a.ms - b.ms || a.index - b.index)
          .map(({ ms, index }) => [ms, index]);
        expect(calls).to.deep.equal(expected);
      }),
    );
  });
});
