import { expect } from "chai";
import { describe, it } from "mocha";
import { type BrowserName, lacksBrowser } from "./driver/browsers-node.js";
import { printTo } from "./driver/print-node.js";
import { runTests } from "./driver/run-tests-node.js";

/** In which browsers, how many must pass at least, and which, where all of them would take too long. */
const runs: readonly (readonly [browser: BrowserName, least: number, grep?: string])[] = [
  ["chromium", 1_000],
  ["firefox", 100, "^(the WebSocket transport conforms|a bridge over a resumable link over WebSocket|consoleLogger)"],
];

describe("the tests that aren't for Node alone", function () {
  this.timeout(600_000);

  for (const [browser, least, grep] of runs) {
    it(`pass in ${browser} too, with listeners in Node${grep === undefined ? "" : ": those about what browsers differ in"}`, async function () {
      const reason = lacksBrowser(browser);
      if (reason !== undefined) {
        console.log(`      skipped: ${reason}`);
        this.skip();
      }
      const printer = printTo((line) => console.log(`    ${line}`), { isBrief: true });
      await runTests({ browser, grep, report: printer.report });
      const failures = printer.summary();
      const command = `npm run test:browser -- --browser ${browser}`;
      expect(failures.join("\n"), `failures, which ${command} shows as they come`).to.equal("");
      expect(printer.passes).to.be.greaterThan(least);
    });
  }
});
