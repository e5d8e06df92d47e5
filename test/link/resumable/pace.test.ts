import { expect } from "chai";
import { describe, it } from "mocha";
import { Pace } from "../../../src/link/resumable/pace.js";

/** A network that takes so many bytes a millisecond, and brings answers after so many milliseconds. */
interface Network {
  readonly bytesPerMs: number;
  readonly roundTripMs: number;
}

/** Sends all it may over a network for a while, and says how much was in the network's queue and what came through. */
function flood(pace: Pace, { bytesPerMs, roundTripMs }: Network, forMs: number, from = 0) {
  const frame = 1_000;
  /** What waits for the network: bytes, or the token of a ping. */
  const queue: (number | bigint)[] = [];
  const answers: { readonly at: number; readonly token: bigint }[] = [];
  const ping = (now: number) => queue.push(pace.mark(now));
  let [queued, through, mostQueued, allowance] = [0, 0, 0, 0];
  ping(from);
  for (let now = from; now < from + forMs; now++) {
    for (let answer = answers[0]; answer !== undefined && answer.at <= now; answer = answers[0]) {
      answers.shift();
      pace.answered(answer.token, now);
      if (pace.isMarkDue) {
        ping(now);
      }
    }
    while (!pace.isHeld() && queued < 10_000_000) {
      queue.push(frame);
      queued += frame;
      if (pace.sent(frame)) {
        ping(now);
      }
    }
    // In the second half all has settled.
    mostQueued = now > from + forMs / 2 ? Math.max(mostQueued, queued) : 0;
    allowance += bytesPerMs;
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      if (typeof next === "bigint") {
        answers.push({ at: now + roundTripMs, token: next });
      } else if (allowance >= next) {
        allowance -= next;
        queued -= next;
        through += next;
      } else {
        break;
      }
      queue.shift();
    }
    allowance = queue.length === 0 ? 0 : allowance;
  }
  return { mostQueued, through };
}

describe("the pace of a connection", () => {
  it("holds data back until some of it has arrived", () => {
    const pace = new Pace();
    const first = pace.mark(0);
    expect(pace.answered(first, 10)).to.equal(10);
    const tokens: bigint[] = [];
    while (!pace.isHeld()) {
      if (pace.sent(1_000)) {
        tokens.push(pace.mark(20));
      }
    }
    expect(tokens).to.have.length(3);
    expect(pace.answered(tokens[2] as bigint, 40)).to.equal(20);
    expect(pace.isHeld()).to.equal(false);
  });

  it("asks what has arrived when the last answer leaves less room than has been sent since", () => {
    const pace = new Pace();
    pace.sent(30_000);
    // A fast network, in which much may be on its way.
    pace.answered(pace.mark(0), 1);
    const tokens: bigint[] = [];
    while (!pace.isHeld()) {
      if (pace.sent(7_000)) {
        tokens.push(pace.mark(2));
      }
    }
    // Now it is slow, or one of the ends is busy.
    for (const token of tokens) {
      expect(pace.isMarkDue).to.equal(false);
      pace.answered(token, 1_002);
    }
    expect(pace.isHeld()).to.equal(true);
    expect(pace.isMarkDue).to.equal(true);
    const last = pace.mark(1_003);
    expect(pace.isMarkDue).to.equal(false);
    pace.answered(last, 1_004);
    expect(pace.isHeld()).to.equal(false);
  });

  it("takes one answer for all pings before", () => {
    const pace = new Pace();
    const [first, second] = [pace.mark(0), pace.mark(1)];
    expect(pace.answered(second, 5)).to.equal(4);
    expect(pace.answered(first, 6)).to.equal(undefined);
    expect(pace.answered(7n, 6)).to.equal(undefined);
  });

  for (const network of [
    { bytesPerMs: 250, roundTripMs: 80 },
    { bytesPerMs: 1_000, roundTripMs: 0 },
    { bytesPerMs: 1_000, roundTripMs: 40 },
    { bytesPerMs: 10_000, roundTripMs: 200 },
    { bytesPerMs: 100_000, roundTripMs: 1 },
  ]) {
    const { bytesPerMs, roundTripMs } = network;

    it(`keeps ${bytesPerMs} kB/s with a round trip of ${roundTripMs} ms busy, and lets little wait`, () => {
      const { mostQueued, through } = flood(new Pace(), network, 20_000);
      expect(through, "what came through").to.be.above(0.9 * bytesPerMs * 20_000);
      expect(mostQueued, "what waited").to.be.at.most(Math.max(50_000, bytesPerMs * (2 * roundTripMs + 40)));
    });
  }

  it("follows a network that becomes longer", () => {
    const pace = new Pace();
    flood(pace, { bytesPerMs: 10_000, roundTripMs: 10 }, 5_000);
    const { through } = flood(pace, { bytesPerMs: 10_000, roundTripMs: 300 }, 30_000, 10_000);
    expect(through).to.be.above(0.6 * 10_000 * 30_000);
  });

  it("follows a network that becomes slower, and faster again", () => {
    const pace = new Pace();
    flood(pace, { bytesPerMs: 10_000, roundTripMs: 40 }, 5_000);
    const slow = flood(pace, { bytesPerMs: 500, roundTripMs: 40 }, 20_000, 10_000);
    expect(slow.mostQueued).to.be.at.most(500 * 100);
    expect(flood(pace, { bytesPerMs: 10_000, roundTripMs: 40 }, 5_000, 40_000).through).to.be.above(10_000 * 4_000);
  });
});
