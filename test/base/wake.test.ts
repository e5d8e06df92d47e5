import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { dispose } from "../../src/base/dispose.js";
import { waitToRetry } from "../../src/base/wait.js";
import { onWake } from "../../src/base/wake.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { idle } from "../support/idle.js";
import { type TestPage, testPage } from "../support/page-events.js";

describe("a page that goes on", () => {
  let page: TestPage;
  let before: number | undefined;

  beforeEach(() => {
    page = testPage();
    before = page.listeners;
  });
  afterEach(() => {
    expect(page.listeners, "listeners that are left").to.equal(before);
    page[dispose]();
  });

  it("tells when its network is there again, and when it is shown, not when it is hidden", () => {
    let count = 0;
    const stop = onWake(() => {
      count++;
    });
    page.online();
    expect(count).to.equal(1);
    page.shown(false);
    expect(count).to.equal(1);
    page.shown();
    expect(count).to.equal(2);
    stop();
    page.online();
    page.shown();
    expect(count).to.equal(2);
  });

  describe("has what waits to try again", () => {
    /** A wait of 30 s, and of 2 s before, which must pass. */
    function waiting(leastMs = 2_000) {
      const clock = new VirtualClock();
      const abort = new AbortController();
      let isOver = false;
      const over = waitToRetry(clock, 30_000, leastMs, abort.signal).then(() => {
        isOver = true;
      });
      const isOverBy = async () => {
        await idle();
        return isOver;
      };
      return { clock, abort, over, isOverBy };
    }

    it("go on at once", async () => {
      const { clock, isOverBy } = waiting(0);
      clock.advance(1_000);
      expect(await isOverBy()).to.equal(false);
      page.online();
      expect(await isOverBy()).to.equal(true);
      expect(clock.pending).to.equal(0);
    });

    it("go on no sooner than it may", async () => {
      const { clock, isOverBy } = waiting();
      page.shown();
      clock.advance(1_999);
      expect(await isOverBy()).to.equal(false);
      clock.advance(1);
      expect(await isOverBy()).to.equal(true);
      expect(clock.pending).to.equal(0);
    });

    it("wait as long as it would otherwise, if nothing happens", async () => {
      const { clock, isOverBy } = waiting();
      await clock.advanceAsync(31_999);
      expect(await isOverBy()).to.equal(false);
      await clock.advanceAsync(1);
      expect(await isOverBy()).to.equal(true);
    });

    it("end when it is no longer to try", async () => {
      const { clock, abort, over } = waiting();
      abort.abort();
      await over;
      expect(clock.pending).to.equal(0);
    });
  });
});
