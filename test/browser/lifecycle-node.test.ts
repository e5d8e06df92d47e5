import { join } from "node:path";
import { expect } from "chai";
import { build } from "esbuild";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import type { Page } from "playwright-core";
import { root } from "../../scripts/run.js";
import { BadWire } from "../endurance/bad-wire.js";
import { launchPlainChromium, type PlainChromium, requireChromium } from "./driver/chromium-node.js";
import { type EchoServer, startEcho } from "./driver/echo-server-node.js";
import { type PageServer, pageWith, servePages } from "./driver/page-server-node.js";

describe("a page with an agent, in Chromium", function () {
  this.timeout(60_000);
  let chromium: PlainChromium;
  let pages: PageServer;
  let server: EchoServer;
  let wire: BadWire;
  let page: Page;

  before(async function () {
    requireChromium(this);
    const { outputFiles } = await build({
      entryPoints: [join(root, "test/consumer/sample/page.ts")],
      tsconfig: join(root, "tsconfig.json"),
      bundle: true,
      format: "esm",
      platform: "browser",
      write: false,
    });
    const script = outputFiles[0]?.text ?? "";
    pages = await servePages({ "/": pageWith('<script type="module" src="/page.js"></script>'), "/page.js": script });
    chromium = await launchPlainChromium();
  });

  beforeEach(async () => {
    server = await startEcho({ origins: [pages.origin], heartbeatMs: 500, graceMs: 60_000 });
    wire = await BadWire.before(server.address);
    const address = wire.through(server.address);
    page = await chromium.open(`${pages.origin}/?server=${encodeURIComponent(address)}`);
    await happened("ready");
    await say("hello");
    await happened("echo of hello");
  });

  afterEach(async () => {
    await page.close();
    await wire[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  after(async () => {
    await chromium?.[Symbol.asyncDispose]();
    await pages?.[Symbol.asyncDispose]();
  });

  const events = () => page.evaluate(() => (globalThis as unknown as { events: string[] }).events);
  const say = (text: string) =>
    page.evaluate((said) => (globalThis as unknown as { say(text: string): void }).say(said), text);

  /** Waits until something has happened in the page, `count` times. */
  async function happened(event: string, count = 1): Promise<void> {
    await eventually(async () => (await events()).filter((each) => each === event).length >= count);
  }

  async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
    // Below the timeout of a test, so that what never comes about fails the test with what did.
    const deadline = performance.now() + 40_000;
    while (!(await condition())) {
      if (performance.now() > deadline) {
        throw new Error(
          `this never came about: ${condition}; in the page: ${(await events()).map((event) => event.slice(0, 80))}; here: ${server.events}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it("is resumed after it was frozen, and gets what was said meanwhile, once and in order", async () => {
    await chromium.hide(page);
    await chromium.setFrozen(page, true);
    await eventually(() => server.events.includes("suspended"));
    const said = Array.from({ length: 20 }, (_, number) => `said ${number}`);
    for (const text of said) {
      server.say(text);
    }
    await chromium.setFrozen(page, false);
    await page.bringToFront();
    await happened("said 19");
    const all = await events();
    expect(all.filter((event) => event.startsWith("said"))).to.deep.equal(said);
    expect(all).to.include.members(["suspended", "resumed"]);
    expect(server.events).to.deep.equal(["session", "suspended", "resumed"]);
  });

  it("keeps its session while it is hidden and its timers are late", async () => {
    await chromium.hide(page);
    // Several heartbeats, each of which the page has to answer.
    for (let number = 0; number < 8; number++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      server.say(`hidden ${number}`);
      await happened(`hidden ${number}`);
    }
    expect(server.events).to.deep.equal(["session"]);
    expect(await events()).to.not.include("suspended");
  });

  it("sends a long message while it is hidden and its timers stand still", async () => {
    // Whose heartbeat brings nothing that the page would go on with.
    await server[Symbol.asyncDispose]();
    server = await startEcho({ origins: [pages.origin], heartbeatMs: 3_600_000 });
    await page.goto(`${pages.origin}/?server=${encodeURIComponent(server.address)}`);
    await happened("ready");
    await chromium.hide(page);
    // As good as what Chromium does after some minutes, when it runs them once a minute.
    await page.evaluate(() => {
      globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout;
    });
    // More than a socket is given at once. Nothing comes back before all of it has arrived.
    const long = "x".repeat(1_000_000);
    await say(long);
    await happened(`echo of ${long}`);
    expect(server.events).to.deep.equal(["session"]);
  });

  it("is resumed when its connection was cut while it was hidden", async () => {
    await chromium.hide(page);
    wire.reset();
    await happened("suspended");
    server.say("while hidden");
    await page.bringToFront();
    await happened("while hidden");
    expect((await events()).filter((event) => /sume|suspend/.test(event))).to.deep.equal(["suspended", "resumed"]);
  });

  it("notices that it was cut off without a word, and is resumed when the network is there again", async () => {
    await chromium.setOffline(page, true);
    wire.goSilent();
    await happened("suspended");
    server.say("while offline");
    await chromium.setOffline(page, false);
    await happened("while offline");
    expect(await events()).to.include("resumed");
    expect(server.events.filter((event) => event === "session")).to.have.length(1);
  });

  it("is resumed when it comes back from the cache for going back", async () => {
    await page.goto("about:blank", { waitUntil: "commit" });
    await eventually(() => server.events.includes("suspended"));
    server.say("while away");
    await page.goBack({ waitUntil: "commit" });
    await happened("while away");
    // It is the page that was left: one that was loaded anew would have begun another session.
    expect(await events()).to.include.members(["ready", "echo of hello", "suspended", "resumed"]);
    expect(server.events).to.deep.equal(["session", "suspended", "resumed"]);
  });

  it("connects at once when the network is there again, though it would wait for an hour to try again", async () => {
    const { port } = new URL(wire.through(server.address));
    await server[Symbol.asyncDispose]();
    await eventually(async () => (await events()).some((event) => event.startsWith("disconnected")));
    await wire[Symbol.asyncDispose]();
    await chromium.setOffline(page, true);
    server = await startEcho({ origins: [pages.origin], port: Number(port) });
    await chromium.setOffline(page, false);
    await happened("ready", 2);
    await say("again");
    await happened("echo of again");
  });
});
