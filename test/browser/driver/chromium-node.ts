import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";
import { findProgram } from "./find-program-node.js";

/** Where Chromium is, as Debian's package installs it; undefined where it isn't. */
const findChromium = () => findProgram("chromium");

/**
 * Why there is no Chromium to test in; undefined when there is. In CI, which installs it, its lack is an error.
 */
export function lacksChromium(): string | undefined {
  if (findChromium() !== undefined) {
    return undefined;
  }
  const reason = "there is no chromium: Debian's package of that name has it";
  if ((process.env["CI"] ?? "") !== "") {
    throw new Error(reason);
  }
  return reason;
}

/** For a hook: skips its tests where there is no Chromium, and prints why. */
export function requireChromium(context: { skip(): never }): void {
  const reason = lacksChromium();
  if (reason !== undefined) {
    console.log(`      skipped: ${reason}`);
    context.skip();
  }
}

/** A Chromium whose pages are hidden and frozen as those of people are. */
export interface PlainChromium extends AsyncDisposable {
  /** Opens a page in a tab of its own, in front of all others. */
  open(url: string): Promise<Page>;
  /** Puts the page's tab behind another: the page is hidden, and its timers are throttled. */
  hide(page: Page): Promise<void>;
  /** Freezes a page that is hidden, as happens when it is so for minutes, or has it go on. */
  setFrozen(page: Page, isFrozen: boolean): Promise<void>;
  /** Tells the page that the network is gone, or there again. */
  setOffline(page: Page, isOffline: boolean): Promise<void>;
}

/** Starts one. What drives it must not have it act as if each page were in front, and kept alive. */
export async function launchPlainChromium(): Promise<PlainChromium> {
  const profile = await mkdtemp(join(tmpdir(), "crossbus-chromium-"));
  const options = ["--headless", "--no-sandbox", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
  // A group of its own: Chromium is many processes, which have to end together.
  const child = spawn(findChromium() ?? "chromium", [...options, "about:blank"], {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  const exited = once(child, "exit");
  let said = "";
  const address = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const found = /DevTools listening on (\S+)/.exec(said);
      if (found !== null) {
        resolve(found[1] as string);
      }
    });
    void exited.then(() => reject(new Error(`chromium ended:\n${said}`)));
  });
  const browser = await chromium.connectOverCDP(address, { noDefaults: true });
  const context = browser.contexts()[0] as BrowserContext;
  const networks = new WeakMap<Page, CDPSession>();
  return {
    async open(url) {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
    async hide(page) {
      const other = await context.newPage();
      await other.bringToFront();
      await page.waitForFunction(() => document.visibilityState === "hidden", undefined, { polling: 50 });
    },
    async setFrozen(page, isFrozen) {
      const session = await context.newCDPSession(page);
      await session.send("Page.setWebLifecycleState", { state: isFrozen ? "frozen" : "active" });
    },
    async setOffline(page, isOffline) {
      // The same for going offline and coming back: what one session has set, another one doesn't undo.
      const session = networks.get(page) ?? (await context.newCDPSession(page));
      networks.set(page, session);
      await session.send("Network.enable");
      const how = { offline: isOffline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
      await session.send("Network.emulateNetworkConditions", how);
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      try {
        process.kill(-(child.pid as number), "SIGKILL");
      } catch {
        // It has ended already.
      }
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Starts Chromium, without a window. */
export function launchChromium(...args: readonly string[]): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error("there is no chromium");
  }
  return chromium.launch({ executablePath, args: [...args] });
}
