import { expect } from "chai";
import { endWhenIdle } from "../../../src/proxy/limits/end-when-idle.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";

describe("what is idle", () => {
  function watching(idleMs: number) {
    const clock = new VirtualClock();
    const state = { count: 0, idle: 0 };
    const prevent = endWhenIdle(
      clock,
      idleMs,
      () => state.count,
      () => {
        state.idle++;
      },
    );
    return { clock, state, prevent };
  }

  it("ends once, after that time and at most a quarter more", () => {
    const { clock, state } = watching(1_000);
    clock.advance(999);
    expect(state.idle).to.equal(0);
    clock.advance(1);
    expect(state.idle).to.equal(1);
    expect(clock.pending).to.equal(0);
  });

  it("isn't idle as long as anything comes", () => {
    const { clock, state } = watching(1_000);
    for (let i = 0; i < 20; i++) {
      clock.advance(900);
      state.count++;
    }
    expect(state.idle).to.equal(0);
    clock.advance(999);
    expect(state.idle).to.equal(0);
    clock.advance(251);
    expect(state.idle).to.equal(1);
  });

  it("is watched no more when it has ended otherwise, nor where it may be idle for ever", () => {
    const { clock, prevent } = watching(1_000);
    clock.advance(500);
    prevent();
    expect(clock.pending).to.equal(0);
    expect(watching(Number.POSITIVE_INFINITY).clock.pending).to.equal(0);
  });
});
