/**
 * Runs, in Chromium, the tests that aren't for Node alone: `npm run test:browser`, with `-- --grep TEXT` some of them.
 * Then those in Node that drive Chromium.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { root } from "../../scripts/run.js";
import { lacksChromium } from "./driver/chromium-node.js";
import { printTo } from "./driver/print-node.js";
import { runTests } from "./driver/run-tests-node.js";

const { values } = parseArgs({ options: { grep: { type: "string", short: "g" } } });
const reason = lacksChromium();
if (reason !== undefined) {
  console.log(`skipped: ${reason}`);
} else {
  const printer = printTo((line) => console.log(line));
  await runTests({ grep: values.grep, report: printer.report });
  printer.summary();
  const grep = values.grep === undefined ? [] : ["--grep", values.grep];
  const mocha = ["node_modules/mocha/bin/mocha.js", "test/browser", "--ignore", "test/browser/shared-node.test.ts"];
  const driven = spawn(process.execPath, [...mocha, ...grep], { cwd: root, stdio: "inherit" });
  const [code] = (await once(driven, "exit")) as [number | null];
  process.exitCode = printer.failures > 0 || (printer.passes === 0 && grep.length === 0) || code !== 0 ? 1 : 0;
}
