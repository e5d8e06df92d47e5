/**
 * Makes the screenshots of the web demo that README.md and docs/browser.md show: `npm run demo:web:screenshots`. It starts the demo, talks in
 * its page, has something refused, cuts the network and restores it, and takes pictures into `docs/`.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launchChromium } from "../test/browser/driver/chromium-node.js";
import { ExampleProcess } from "../test/support/example-process.js";
import { root } from "./run.js";

/** What pictures there are: the size of the window, in CSS pixels, and how many of a screen's make one. */
const pictures = [
  { name: "web-light", width: 1280, height: 800, scale: 1.5, colorScheme: "light" },
  { name: "web-dark", width: 1280, height: 800, scale: 1.5, colorScheme: "dark" },
  { name: "web-phone", width: 360, height: 740, scale: 2, colorScheme: "light" },
] as const;

async function shows(page: Page, selector: string, text: RegExp): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor({ state: "attached" });
}

async function say(page: Page, text: string): Promise<void> {
  await page.locator("#text").fill(text);
  await page.locator("#text").press("Enter");
}

/** Plays a short conversation, with all that there is to see in it. */
async function play(page: Page): Promise<void> {
  await shows(page, "#said", /Welcome/);
  await say(page, "What do your rocket skates cost?");
  await shows(page, "#said", /149 dollars/);
  await page.getByRole("button", { name: "Send what isn’t allowed" }).click();
  await shows(page, "#bridge li[data-kind=refused]", /taskRequest/);
  await page.getByRole("button", { name: "Cut the network" }).click();
  await shows(page, "#state", /Connection lost/);
  await say(page, "Can I return an anvil?");
  await shows(page, "#state-note", /1 message from here/);
  await page.getByRole("button", { name: "Restore the network" }).click();
  await shows(page, "#said", /within 30 days/);
  await shows(page, "#bridge li[data-kind=link] > .hidden", /resumed, at Page and Server/);
  await page.locator("h1").click();
  // What moves comes to rest, and the view has shown the last of it.
  await page.waitForTimeout(1_500);
}

await mkdir(join(root, "docs"), { recursive: true });
const demo = new ExampleProcess([process.execPath, "--import=tsx", "examples/web/server.ts", "--port", "0"]);
const [, url = ""] = await demo.printed(/^open (\S+) in a browser$/m);
const browser = await launchChromium();
for (const { name, width, height, scale, colorScheme } of pictures) {
  const viewport = { width, height };
  const page = await browser.newPage({ viewport, deviceScaleFactor: scale, colorScheme });
  await page.goto(url);
  await play(page);
  // A phone shows one part at a time: the picture has both.
  await page.screenshot({ path: join(root, `docs/${name}.png`), fullPage: true });
  console.log(`docs/${name}.png`);
  await page.close();
}
await browser.close();
demo.process.kill("SIGTERM");
process.exitCode = (await demo.exitCode()) ?? 1;
