import { expect } from "chai";
import { toMarkdown } from "../../bench/harness/markdown.js";

describe("the bench's tables", () => {
  it("are those of the README and of docs/performance.md, which both say of which run they are", () => {
    const row = { workload: "codec", case: "encode", contestant: "crossbus", unit: "µs", rounds: 3 } as const;
    const markdown = toMarkdown({
      date: "2026-01-02",
      machine: "a machine",
      rows: [{ ...row, median: 1.5, q1: 1, q3: 2, cpu: 1.25, bytes: 1200 }],
      ratios: [{ workload: "codec", name: "encode: time", value: 0.5, must: "≤ 0.3", met: false }],
      skipped: [{ workload: "rtt", case: "frame", contestant: "pipecat", skipped: "it is away" }],
    });
    expect(markdown.split("\n")).to.deep.equal([
      "<!-- README.md -->",
      "",
      "Measured on 2026-01-02: a machine.",
      "",
      "| workload | figure       | is             | to reach | aim |",
      "| -------- | ------------ | -------------- | -------- | --- |",
      "| `codec`  | encode: time | 0.500 (missed) | ≤ 0.3    |     |",
      "",
      "<!-- docs/performance.md -->",
      "",
      "Measured on 2026-01-02: a machine.",
      "",
      "| workload | what   | who      | median  | quartiles | p99 | CPU     | allocated |",
      "| -------- | ------ | -------- | ------- | --------- | --- | ------- | --------- |",
      "| `codec`  | encode | crossbus | 1.50 µs | 1.00–2.00 |     | 1.25 µs | 1.2 kB    |",
      "",
      "Left out of `rtt`: pipecat, because it is away.",
    ]);
  });
});
