import { expect } from "chai";
import { before, describe, it } from "mocha";
import { requireChromium } from "./driver/chromium-node.js";
import { printTo } from "./driver/print-node.js";
import { runTests } from "./driver/run-tests-node.js";

describe("the tests that aren't for Node alone", function () {
  this.timeout(600_000);

  before(function () {
    requireChromium(this);
  });

  it("pass in Chromium too, with listeners in Node", async () => {
    const printer = printTo((line) => console.log(`    ${line}`), { isBrief: true });
    await runTests({ browser: "chromium", report: printer.report });
    const failures = printer.summary();
    expect(failures.join("\n"), "failures, which npm run test:browser shows as they come").to.equal("");
    expect(printer.passes).to.be.greaterThan(1_000);
  });
});
