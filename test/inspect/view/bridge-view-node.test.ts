import { expect } from "chai";
import { build } from "esbuild";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import type { Browser, Page } from "playwright-core";
import { root } from "../../../scripts/run.js";
import type { TapRecord } from "../../../src/inspect/tap-record.js";
import type { BridgeView } from "../../../src/inspect/view/bridge-view.js";
import { launchChromium, requireChromium } from "../../browser/driver/chromium-node.js";

/** What the tests put into the page. */
interface Global {
  readonly inspect: typeof import("../../../src/inspect-view.js");
  view: BridgeView;
}

/** A record of what crosses to the other side. Each has a route of its own, so that each has a row. */
function crossing(number: number, source = `agent ${number}`): TapRecord {
  return {
    ...{ number, at: 1_000_000 + number, tap: "here", leftOut: 0, event: "crossed", bridge: "proxy", direction: "out" },
    ...{ bytes: 30, isKept: false, message: number, source, target: "b", case: "frame", kind: "llmText" },
  };
}

describe("bridgeView", function () {
  this.timeout(30_000);
  let browser: Browser | undefined;
  let page: Page;
  let code = "";

  before(async function () {
    requireChromium(this);
    const options = { bundle: true, write: false, format: "iife", globalName: "inspect", platform: "browser" } as const;
    const { outputFiles } = await build({ ...options, entryPoints: ["src/inspect-view.ts"], absWorkingDir: root });
    code = `${outputFiles[0]?.text} globalThis.inspect = inspect;`;
    browser = await launchChromium();
  });
  after(() => browser?.close());

  beforeEach(async () => {
    page = await (browser as Browser).newPage();
    await page.setContent("<!doctype html><title>t</title><div id=host></div>");
    await page.evaluate(code);
  });
  afterEach(() => page.close());

  /** Shows a tap on one side alone. */
  const mount = (maxRows: number) =>
    page.evaluate((rows) => {
      const scope = globalThis as unknown as Global;
      const host = document.getElementById("host") as HTMLElement;
      scope.view = scope.inspect.bridgeView(host, { left: { name: "Here" }, maxRows: rows });
    }, maxRows);
  const show = (records: readonly TapRecord[]) =>
    page.evaluate((all) => (globalThis as unknown as Global).view.add("left", all), records);
  const rows = (of: Page) => of.locator("#host li.row");

  it("has no more elements than it may, and shows the newest", async () => {
    await mount(20);
    await show(Array.from({ length: 300 }, (_, index) => crossing(index + 1)));
    await page.locator("#host li.row > .hidden", { hasText: "from agent 300 to b" }).waitFor({ state: "attached" });
    expect(await rows(page).count()).to.equal(20);
    expect(await rows(page).first().locator(".hidden").textContent()).to.include("agent 281");
  });

  it("makes no markup of what others have chosen", async () => {
    await mount(20);
    await show([crossing(1, "<img src=x onerror=alert(1)>")]);
    await rows(page).first().waitFor({ state: "attached" });
    expect(await page.locator("#host img").count()).to.equal(0);
    expect(await rows(page).first().locator(".what").textContent()).to.equal("<img src=x onerror=alert(1)> → b");
  });

  it("says aloud that something was refused, but not each of many", async () => {
    await page.clock.install();
    await mount(200);
    await page.evaluate(() => {
      const said = document.getElementById("host")?.shadowRoot?.querySelector("[role=status]") as Element;
      const observer = new MutationObserver(() => document.body.append(`${said.textContent} `));
      observer.observe(said, { childList: true, characterData: true, subtree: true });
    });
    const refuse = async (number: number, kase: string) => {
      const record = { ...{ number, at: 1_000_000 + number, tap: "here", leftOut: 0, bridge: "proxy" }, case: kase };
      await show([
        {
          ...record,
          event: "denied",
          direction: "in",
          rule: "case",
          why: "No.",
          source: "b",
          target: "a",
        } as TapRecord,
      ]);
      await page.clock.runFor(40);
    };
    await refuse(1, "first");
    await refuse(2, "first");
    for (let number = 3; number < 20; number++) {
      await refuse(number, `case ${number}`);
    }
    await page.clock.runFor(1_000);
    await refuse(20, "last");
    expect(await rows(page).count()).to.equal(19);
    const why = "Refused by the policy (rule case): No.";
    expect((await page.locator("body").textContent())?.trim()).to.equal(`first: ${why} last: ${why}`);
  });

  it("says nothing of arrivals with a tap on one side alone, and goes when it is closed", async () => {
    await mount(20);
    await show([crossing(1)]);
    await rows(page).first().waitFor({ state: "attached" });
    expect(await rows(page).first().locator(".size").textContent()).to.equal("30 B");
    await page.evaluate(() => (globalThis as unknown as Global).view.close());
    expect(await rows(page).count()).to.equal(0);
    await show([crossing(2)]);
    expect(await rows(page).count()).to.equal(0);
  });
});
