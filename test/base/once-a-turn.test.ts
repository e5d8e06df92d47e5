import { expect } from "chai";
import { onceATurn } from "../../src/base/once-a-turn.js";

describe("a clock that is looked at once a turn", () => {
  it("tells the same time for all that is done at once, and another afterwards", async () => {
    let looks = 0;
    const now = onceATurn({ now: () => ++looks, after: () => () => {} });
    expect([now(), now(), now()]).to.deep.equal([1, 1, 1]);
    await Promise.resolve();
    expect([now(), now()]).to.deep.equal([2, 2]);
    await Promise.resolve();
    expect(now()).to.equal(3);
  });
});
