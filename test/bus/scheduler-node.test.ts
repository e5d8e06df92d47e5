import { expect } from "chai";
import { describe, it } from "mocha";
import { Scheduler } from "../../src/bus/scheduler.js";
import { idle } from "../support/idle.js";

describe("Scheduler, in Node", () => {
  it("has the event loop to do nothing once all is delivered", async () => {
    const scheduler = new Scheduler();
    let left = 1_500;
    scheduler.schedule({
      isScheduled: false,
      following: undefined,
      get runnable() {
        return left > 0;
      },
      deliver(limit) {
        const made = Math.min(limit, left);
        left -= made;
        return made;
      },
    });
    await idle();
    await idle();
    await idle();
    expect(process.getActiveResourcesInfo()).not.to.contain("Immediate");
  });
});
