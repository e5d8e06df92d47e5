import { expect } from "chai";
import { describe, it } from "mocha";
import { systemClock } from "../../src/base/clock.js";
import { deferred } from "../../src/base/deferred.js";
import { nextTurn } from "../../src/base/next-turn.js";

describe("systemClock", () => {
  it("tells the time of the platform", () => {
    const before = Date.now();
    const now = systemClock.now();
    expect(now).to.be.within(before, Date.now());
  });

  it("calls back once, unless prevented", async () => {
    const calls: string[] = [];
    const done = deferred();
    systemClock.after(0, () => calls.push("prevented"))();
    systemClock.after(0, () => calls.push("called"));
    systemClock.after(1, done.resolve);
    await done.promise;
    expect(calls).to.deep.equal(["called"]);
  });
});

describe("nextTurn", () => {
  it("calls back after all microtasks, in order", async () => {
    const calls: string[] = [];
    const done = deferred();
    nextTurn(() => calls.push("first"));
    nextTurn(() => calls.push("second"));
    queueMicrotask(() => calls.push("microtask"));
    nextTurn(done.resolve);
    await done.promise;
    expect(calls).to.deep.equal(["microtask", "first", "second"]);
  });
});

describe("deferred", () => {
  it("is settled from outside", async () => {
    const kept = deferred<number>();
    kept.resolve(1);
    expect(await kept.promise).to.equal(1);
    const broken = deferred();
    broken.reject(new Error("no"));
    expect(await broken.promise.catch((error: unknown) => (error as Error).message)).to.equal("no");
  });
});
