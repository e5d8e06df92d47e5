import { expect } from "chai";
import { measure } from "../../bench/harness/measure.js";
import { Progress } from "../../bench/harness/progress.js";
import { isMet, toReport } from "../../bench/harness/report.js";
import type { Contest } from "../../bench/harness/result.js";
import type { Workload } from "../../bench/harness/workload.js";

class Silence extends Progress {
  override begin(): void {}
  override step(): void {}
}

/** A workload whose contestants note their turns, and whose figures rise from round to round. */
function makeWorkload(turns: string[], closed: string[] = []): Workload {
  const contest = (name: string, scale: number): Contest => {
    let round = 0;
    return {
      case: "work",
      contestant: name,
      async run() {
        turns.push(name);
        round++;
        return { value: round * scale, cpu: round };
      },
    };
  };
  return {
    name: "sample",
    about: "a sample",
    targets: [
      {
        workload: "sample",
        name: "ours / theirs",
        must: "≤ 0.3",
        aim: "≤ 0.2",
        value: (find) =>
          (find("sample", "work", "ours")?.median ?? Number.NaN) /
          (find("sample", "work", "theirs")?.median ?? Number.NaN),
      },
    ],
    async open({ counting }) {
      return {
        contests: [
          contest("ours", 1),
          contest("theirs", 4),
          { case: "work", contestant: "absent", skipped: "it is away" },
        ],
        async [Symbol.asyncDispose]() {
          closed.push(counting ? "counting" : "timing");
        },
      };
    },
  };
}

describe("the bench's harness", () => {
  const context = { signal: new AbortController().signal, hasPeers: false };

  it("has contestants take turns, and leaves the rounds that warm up out", async () => {
    const turns: string[] = [];
    const { rows, skipped } = await measure(makeWorkload(turns), 3, context, new Silence());
    // As many warm up as count.
    expect(turns).to.deep.equal(Array.from({ length: 6 }, () => ["ours", "theirs"]).flat());
    expect(rows.map(({ contestant, median, cpu, rounds }) => ({ contestant, median, cpu, rounds }))).to.deep.equal([
      { contestant: "ours", median: 5, cpu: 5, rounds: 3 },
      { contestant: "theirs", median: 20, cpu: 5, rounds: 3 },
    ]);
    expect(skipped).to.deep.equal([{ workload: "sample", case: "work", contestant: "absent", skipped: "it is away" }]);
  });

  it("closes what a workload has opened when a round fails", async () => {
    const closed: string[] = [];
    const { open, ...rest } = makeWorkload([], closed);
    const failing: Workload = {
      ...rest,
      async open(given) {
        const opened = await open(given);
        const run = () => Promise.reject(new Error("broken"));
        return Object.assign(opened, { contests: [{ case: "work", contestant: "ours", run }] });
      },
    };
    let failure: unknown;
    await measure(failing, 1, context, new Silence()).catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.have.property("message", "broken");
    expect(closed).to.deep.equal(["timing"]);
  });

  it("says which bounds are met", async () => {
    const workload = makeWorkload([]);
    const report = toReport([workload], [await measure(workload, 1, context, new Silence())]);
    expect(report.ratios).to.deep.equal([
      {
        workload: "sample",
        name: "ours / theirs",
        value: 0.25,
        must: "≤ 0.3",
        met: true,
        aim: "≤ 0.2",
        aimMet: false,
      },
    ]);
    expect(isMet(3, "≥ 3")).to.equal(true);
    expect(isMet(2.9, "≥ 3")).to.equal(false);
    expect(() => isMet(1, "< 3")).to.throw("no bound");
  });
});
