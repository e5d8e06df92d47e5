import { expect } from "chai";
import { describe, it } from "mocha";
import { atTime } from "../../src/base/at-time.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";

describe("a time to wait for", () => {
  it("comes when the wall clock shows it, however far away it is", () => {
    const clock = new VirtualClock(1_000);
    const days = 60_000 * 60 * 24;
    const called: number[] = [];
    atTime(clock, 1_000 + 30 * days + 0.5, () => called.push(clock.now()));
    clock.advance(20 * days);
    clock.advance(10 * days);
    expect(called).to.deep.equal([]);
    clock.advance(1);
    expect(called).to.deep.equal([1_001 + 30 * days]);
    expect(clock.pending).to.equal(0);
  });

  it("is noticed within a minute when the machine has slept meanwhile, as no timer does", () => {
    let asleepMs = 0;
    const clock = new VirtualClock();
    const wall = { now: () => clock.now() + asleepMs, after: clock.after.bind(clock) };
    const called: number[] = [];
    atTime(wall, 3_600_000, () => called.push(clock.now()));
    clock.advance(1_000);
    asleepMs = 3_600_000;
    clock.advance(59_000);
    expect(called).to.deep.equal([60_000]);
  });

  it("may have been before, and never comes within the call, nor when it is prevented", () => {
    const clock = new VirtualClock(1_000);
    const called: string[] = [];
    atTime(clock, 0, () => called.push("past"));
    const prevent = atTime(clock, 100_000, () => called.push("never"));
    expect(called).to.deep.equal([]);
    clock.advance(70_000);
    prevent();
    clock.advance(70_000);
    expect(called).to.deep.equal(["past"]);
    expect(clock.pending).to.equal(0);
  });
});
