import { expect } from "chai";
import { Heartbeat } from "../../../src/link/resumable/heartbeat.js";

describe("the heartbeat of a link", () => {
  /** A heartbeat whose timers can be late. */
  function beating() {
    let now = 0;
    const timers: { at: number; callback: () => void }[] = [];
    const log: string[] = [];
    const clock = {
      now: () => now,
      after(ms: number, callback: () => void) {
        const timer = { at: now + ms, callback };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
    };
    const options = { clock, intervalMs: 1_000, ping: () => log.push("ping"), dead: () => log.push("dead") };
    const heartbeat = new Heartbeat(options);
    heartbeat.start();
    /** Lets time pass, and runs the timer that is due then, if one is, however late. */
    const at = (time: number) => {
      now = time;
      const due = timers.find((timer) => timer.at <= now);
      if (due !== undefined) {
        timers.splice(timers.indexOf(due), 1);
        due.callback();
      }
    };
    /** Runs the timer there is when the clock says so, which may have been put back since it was set. */
    const fire = (time: number) => {
      expect(timers).to.have.length(1);
      // A timer counts from when it is set, whatever the clock does: it must not be set for longer than an interval.
      expect((timers[0]?.at ?? 0) - now).to.be.at.most(1_000);
      now = time;
      timers.shift()?.callback();
    };
    return { heartbeat, log, at, fire, timers };
  }

  it("[L-28] asks a peer that is silent, and takes it for dead when it goes on being so", () => {
    const { heartbeat, log, at, timers } = beating();
    at(900);
    heartbeat.heard();
    at(1_000);
    expect(log).to.deep.equal([]);
    at(1_900);
    expect(log).to.deep.equal(["ping"]);
    at(2_900);
    expect(log).to.deep.equal(["ping", "dead"]);
    expect(timers).to.deep.equal([]);
  });

  it("[L-29] judges nothing by a timer that was late, as after the process stood still", () => {
    const { heartbeat, log, at } = beating();
    at(1_000);
    at(61_000);
    expect(log).to.deep.equal(["ping", "ping"]);
    heartbeat.heard();
    at(62_000);
    expect(log).to.deep.equal(["ping", "ping", "ping"]);
    at(63_000);
    expect(log.at(-1)).to.equal("dead");
  });

  it("[L-28] asks at once when it is told that it may have stood still, and waits as long for the answer", () => {
    const { heartbeat, log, at, timers } = beating();
    at(300);
    heartbeat.check();
    expect(log).to.deep.equal(["ping"]);
    expect(timers).to.have.length(1);
    at(1_299);
    expect(log).to.deep.equal(["ping"]);
    at(1_300);
    expect(log).to.deep.equal(["ping", "dead"]);
    heartbeat.check();
    expect(log, "after the end").to.deep.equal(["ping", "dead"]);
  });

  it("[L-28] forgets what it asked before it may have stood still", () => {
    const { heartbeat, log, at } = beating();
    at(1_000);
    at(1_900);
    heartbeat.check();
    at(2_000);
    expect(log).to.deep.equal(["ping", "ping"]);
    at(2_900);
    expect(log.at(-1)).to.equal("dead");
  });

  it("[L-29] goes on when the clock is put back", () => {
    const { log, fire } = beating();
    fire(-100_000);
    fire(-99_000);
    expect(log).to.deep.equal(["ping"]);
    // Again, while the answer is awaited: it is awaited for an interval from then.
    fire(-200_000);
    fire(-199_000);
    expect(log).to.deep.equal(["ping", "dead"]);
  });
});
