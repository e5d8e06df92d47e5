/**
 * Runs, in a browser, the tests that aren't for Node alone: `npm run test:browser`, with `-- --grep TEXT` some of them, with
 * `-- --browser firefox` or `webkit` in another than Chromium. Then, with Chromium, those in Node that drive it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { root } from "../../scripts/run.js";
import { type BrowserName, browserNames, lacksBrowser } from "./driver/browsers-node.js";
import { printTo } from "./driver/print-node.js";
import { runTests } from "./driver/run-tests-node.js";

const { values } = parseArgs({
  options: { grep: { type: "string", short: "g" }, browser: { type: "string", default: "chromium" } },
});
const browser = values.browser as BrowserName;
if (!browserNames.includes(browser)) {
  console.error(`--browser must be one of ${browserNames.join(", ")}, got ${browser}`);
  process.exit(2);
}
const reason = lacksBrowser(browser);
if (reason !== undefined) {
  console.log(`skipped: ${reason}`);
} else {
  const printer = printTo((line) => console.log(line));
  await runTests({ grep: values.grep, browser, report: printer.report });
  printer.summary();
  const code = browser === "chromium" ? await runDriven(values.grep) : 0;
  process.exitCode = printer.failures > 0 || (printer.passes === 0 && values.grep === undefined) || code !== 0 ? 1 : 0;
}

/** Runs the tests that drive Chromium. Gives the code that they end with. */
async function runDriven(grep: string | undefined): Promise<number | null> {
  const mocha = ["node_modules/mocha/bin/mocha.js", "test/browser", "--ignore", "test/browser/shared-node.test.ts"];
  const args = [...mocha, ...(grep === undefined ? [] : ["--grep", grep])];
  const [code] = (await once(spawn(process.execPath, args, { cwd: root, stdio: "inherit" }), "exit")) as [
    number | null,
  ];
  return code;
}
