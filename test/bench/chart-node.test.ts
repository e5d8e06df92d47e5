import { expect } from "chai";
import { drawChart } from "../../bench/harness/chart.js";

describe("the bench's chart", () => {
  const points = [1, 10, 1_000].map((x) => ({ x, median: 2, q1: 1, q3: 4 }));

  it("draws a panel for each curve, with its axes named and a point for each figure", () => {
    const panel = { title: "Sent & <handled>", across: "agents", up: "µs", points };
    const svg = drawChart("costs", [panel, panel]);
    expect(svg.match(/<g /g)).to.have.length(2);
    expect(svg.match(/<circle /g)).to.have.length(6);
    expect(svg).to.contain("Sent &amp; &lt;handled>").and.to.contain(">agents<").and.to.contain(">µs<");
    expect(svg).to.contain(">1 000<");
  });

  it("starts at 0, so that what is flat looks flat", () => {
    const svg = drawChart("costs", [{ title: "t", across: "a", up: "u", points }]);
    expect(svg).to.contain(">0<").and.to.contain(">4<");
    const heights = [...svg.matchAll(/cy="([\d.]+)"/g)].map(([, height]) => height);
    expect(new Set(heights).size).to.equal(1);
  });
});
