import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import axe from "axe-core";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { WebSocket } from "ws";
import { ourHosts } from "../../../examples/web/http-door.js";
import { launchChromium, requireChromium } from "../../browser/driver/chromium-node.js";
import { ExampleProcess } from "../../support/example-process.js";
import { pythonVariables, requirePython } from "../../support/python-env.js";

/** What Chromium is told so that there is a microphone, which beeps, and so that people allow it. */
const beeping = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
const refusing = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny"];
/** Nobody is there to tap on something, which audio waits for elsewhere. */
const audible = "--autoplay-policy=no-user-gesture-required";

const desktop = { width: 1280, height: 800 };
const phone = { width: 360, height: 740 };

const running: ExampleProcess[] = [];
const browsers: Browser[] = [];

/** Starts the demo. Gives where its page is. */
async function startDemo(...args: readonly string[]): Promise<{ readonly url: string; readonly demo: ExampleProcess }> {
  const demo = new ExampleProcess([process.execPath, "--import=tsx", "examples/web/server.ts", "--port", "0", ...args]);
  running.push(demo);
  const [, url = ""] = await demo.printed(/^open (http:\/\/127\.0\.0\.1:\d+\/) in a browser$/m);
  return { url, demo };
}

async function startBrowser(...args: readonly string[]): Promise<Browser> {
  const browser = await launchChromium(audible, ...args);
  browsers.push(browser);
  return browser;
}

/** A page that is open, and what went wrong in it. */
class Visit {
  readonly page: Page;
  readonly errors: string[] = [];
  /** Whether attempts to connect may fail, which the browser tells on the console whatever the page does. */
  mayFail = false;

  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(`${error.name}: ${error.message}`));
    page.on("console", (message) => {
      const isFailure = message.text().startsWith("WebSocket connection to") || /net::ERR_/.test(message.text());
      if (["error", "warning"].includes(message.type()) && !(this.mayFail && isFailure)) {
        this.errors.push(message.text());
      }
    });
  }

  /** Resolves once an element has a text that matches. */
  async shows(selector: string, text: RegExp): Promise<void> {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor({ state: "attached" });
  }

  async say(text: string): Promise<void> {
    await this.page.locator("#text").fill(text);
    await this.page.locator("#text").press("Enter");
  }

  async cut(): Promise<void> {
    this.mayFail = true;
    await this.page.getByRole("button", { name: "Cut the network" }).click();
    await this.shows("#state", /Connection lost/);
  }

  async restore(): Promise<void> {
    await this.page.getByRole("button", { name: "Restore the network" }).click();
  }

  /** What was said, by whom. */
  async conversation(): Promise<readonly string[]> {
    const lines = await this.page.locator("#log > p").all();
    return Promise.all(
      lines.map(async (line) => `${(await line.getAttribute("class"))?.split(" ")[0]}: ${await line.textContent()}`),
    );
  }

  /** What the bridge view says, to those who hear it. */
  rows(kind: string): Promise<readonly string[]> {
    return this.page.locator(`#bridge li[data-kind=${kind}] > .hidden`).allTextContents();
  }
}

describe("the example web", function () {
  this.timeout(60_000);
  let url = "";
  let browser: Browser;
  const visits: Visit[] = [];

  async function visit(options: BrowserContextOptions & { readonly at?: string; readonly by?: Browser } = {}) {
    const { at = url, by = browser, ...context } = options;
    const opened = await by.newContext({ viewport: desktop, ...context });
    opened.setDefaultTimeout(20_000);
    const visited = new Visit(await opened.newPage());
    visits.push(visited);
    await visited.page.goto(at);
    return visited;
  }

  before(async function () {
    requireChromium(this);
    browser = await startBrowser(...beeping);
    ({ url } = await startDemo());
  });

  afterEach(async () => {
    const all = visits.splice(0);
    await Promise.all(all.map(({ page }) => page.context().close()));
    expect(all.flatMap(({ errors }) => errors)).to.deep.equal([]);
  });

  after(async () => {
    await Promise.all(browsers.splice(0).map((each) => each.close()));
    for (const process of running.splice(0)) {
      process.process.kill("SIGKILL");
      await process.exitCode();
    }
  });

  const greeting = "them: Welcome to Acme! I'm the shop's assistant. What can I do for you?";
  const skates = [
    "me: What do your rocket skates cost?",
    "them: Our rocket skates are 149 dollars a pair, fuel not included. Please don't use them near cliffs.",
  ];

  it("has the assistant greet and answer, and shows what crosses on both sides, with its size and how long it took", async () => {
    const visited = await visit();
    await visited.shows("#said", /Welcome to Acme/);
    await visited.say("What do your rocket skates cost?");
    await visited.shows("#said", /149 dollars/);
    expect(await visited.conversation()).to.deep.equal([greeting, ...skates]);
    await visited.shows("#state", /^\s*Connected/);
    await visited.shows(
      "#bridge li > .hidden",
      /llmContext, 2 times, from acme to assistant, crosses from Page to Server, \d+ B, (<?\d+(–\d+)? m?s)/,
    );
    await visited.shows(
      "#bridge li > .hidden",
      /llmText, \d+ times, from assistant to acme, crosses from Server to Page, [\d.]+ k?B, (<?\d+(–\d+)? m?s)/,
    );
    expect(await visited.page.locator("#bridge .counts").textContent()).to.match(/[34] to Server\d+ to Page/);
  });

  it("resumes when the network was cut: nothing is lost, and what was kept is told", async () => {
    const visited = await visit();
    await visited.shows("#said", /Welcome to Acme/);
    await visited.cut();
    await visited.say("What do your rocket skates cost?");
    await visited.say("Can I return an anvil?");
    await visited.shows(".me[data-kept]", /return an anvil/);
    await visited.shows("#state-note", /Kept so far: 2 messages from here/);
    await visited.shows("#bridge li[data-kind=crossing] > .hidden", /llmContext, 2 times, .*, kept$/);
    await visited.shows("#bridge li[data-kind=link] > .hidden", /connection lost, at Page and Server/);
    await visited.restore();
    await visited.shows("#state", /Resumed/);
    await visited.shows(
      "#state-note",
      /went on after [\d.]+ s\. Replayed in order: 2 messages from here.* nothing was lost/,
    );
    await visited.shows("#said", /within 30 days/);
    expect(await visited.conversation()).to.deep.equal([
      greeting,
      skates[0],
      "me: Can I return an anvil?",
      skates[1],
      "them: You can return anything within 30 days, as long as it hasn't gone off.",
    ]);
    expect(await visited.page.locator(".me[data-kept]").count()).to.equal(0);
    await visited.shows("#bridge li[data-kind=crossing] > .hidden", /llmContext, 2 times, .*, kept [\d.]+ m?s$/);
    await visited.shows("#bridge li[data-kind=link] > .hidden", /resumed, at Page and Server/);
  });

  it("keeps what the assistant says while the network is cut, and shows it when it is back", async () => {
    const visited = await visit();
    await visited.shows("#said", /Welcome to Acme/);
    visited.mayFail = true;
    await visited.page.evaluate(() => {
      const said = document.querySelector("#state-said") as HTMLElement;
      const heard: string[] = [];
      new MutationObserver(() => {
        heard.push(said.textContent);
        said.dataset["heard"] = heard.join("\n");
      }).observe(said, { childList: true });
      addEventListener("online", () => said.setAttribute("data-online", ""));
    });
    await cutWhileItSpeaks(visited.page, "What do your rocket skates cost?");
    await visited.shows("#state-note", /[2-9]\d* messages? from the assistant/);
    const said = visited.page.locator("#state-said");
    expect(await said.getAttribute("data-online")).to.equal(null);
    await visited.restore();
    await visited.shows("#said", /149 dollars a pair, fuel not included\. Please don't use them near cliffs\.$/);
    expect(await visited.conversation()).to.deep.equal([greeting, ...skates]);
    // The link is told that it needn't wait any longer.
    expect(await said.getAttribute("data-online")).to.equal("");
    // Who hears the page is told what becomes of the connection, and not of each message.
    const heard = (await said.getAttribute("data-heard"))?.split("\n") ?? [];
    expect(heard).to.have.lengthOf(2);
    expect(heard[0]).to.match(/^Connection lost\. Nothing is lost: both sides keep what they send/);
    expect(heard[1]).to.match(/^Resumed\. The session went on after .*; nothing was lost\.$/);
  });

  it("sends what can't be sent as it is, half a character, with a sign in its place", async () => {
    const visited = await visit();
    await visited.shows("#said", /Welcome to Acme/);
    await visited.page.evaluate(() => {
      (document.querySelector("#text") as HTMLTextAreaElement).value = "anvils \ud83d?";
      document.querySelector("form")?.requestSubmit();
    });
    await visited.shows("#said", /39 dollars/);
    expect((await visited.conversation())[1]).to.equal("me: anvils \ufffd?");
  });

  it("shows what the policy refuses, and why, and goes on", async () => {
    const visited = await visit();
    await visited.shows("#said", /Welcome to Acme/);
    await visited.page.getByRole("button", { name: "Send what isn’t allowed" }).click();
    const why =
      /taskRequest.*Refused by the policy \(rule case\): forwardMessages has no entry for messages of case "taskRequest"/;
    await visited.shows("#bridge li[data-kind=refused]", why);
    await visited.shows("#bridge [role=status]", /Refused by the policy/);
    expect(await visited.rows("refused")).to.have.lengthOf(1);
    await visited.say("What do your rocket skates cost?");
    await visited.shows("#said", /149 dollars/);
  });

  it("is used with the keyboard alone", async () => {
    const { page, ...visited } = await visit();
    const shows = Visit.prototype.shows.bind({ ...visited, page });
    await shows("#said", /Welcome to Acme/);
    const focused = () =>
      page.evaluate(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) {
          element = element.shadowRoot.activeElement;
        }
        const name =
          element?.ariaLabel ??
          (element as HTMLInputElement | null)?.labels?.[0]?.textContent ??
          element?.textContent ??
          "";
        const style = element === null ? undefined : getComputedStyle(element);
        return `${name.trim().slice(0, 30)}${style?.outlineStyle === "solid" ? "" : " (not shown)"}`;
      });
    const order: string[] = [];
    for (let stop = 0; stop < 11; stop++) {
      await page.keyboard.press("Tab");
      order.push(await focused());
    }
    expect(order).to.deep.equal([
      "Skip to the conversation",
      "Dark",
      "Welcome to Acme! I'm the shop'",
      "Microphone",
      "Echo my voice",
      "Your message",
      "Send",
      "Cut the network",
      "Send what isn’t allowed",
      "Only what crosses",
      "Pause",
    ]);
    await page.keyboard.press("Tab");
    expect(await focused()).to.equal("Messages, oldest first");
    await page.reload();
    await shows("#said", /Welcome to Acme/);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.type("What do your rocket skates cost?");
    await page.keyboard.press("Enter");
    await shows("#said", /149 dollars/);
  });

  it("keeps back what is too long, whole, and says so", async () => {
    const visited = await visit();
    const { page } = visited;
    await visited.shows("#said", /Welcome to Acme/);
    const text = page.getByLabel("Your message");
    const pasted = "x".repeat(2_001);
    await text.fill(pasted);
    await text.press("Enter");
    expect(await text.inputValue()).to.equal(pasted);
    expect(await text.evaluate((area) => (area as HTMLTextAreaElement).validationMessage)).to.include(
      "2001 characters",
    );
    expect(await page.locator("#log .me").count()).to.equal(0);
    await text.fill(pasted.slice(1));
    await text.press("Enter");
    await page.locator("#log .me").waitFor();
    expect(await text.inputValue()).to.equal("");
  });

  it("shows what stays on a bus when asked to, and pauses", async () => {
    const visited = await visit();
    await visited.shows("#said", /Welcome to Acme/);
    const local = visited.page.locator("#bridge li[data-kind=local]").first();
    await visited.page.getByLabel("Only what crosses").uncheck();
    await local.waitFor();
    await visited.page.getByRole("button", { name: "Pause" }).click();
    const before = await visited.page.locator("#bridge li > .hidden").count();
    await visited.page.getByRole("button", { name: "Send what isn’t allowed" }).click();
    await visited.say("What do your rocket skates cost?");
    await visited.shows("#said", /149 dollars/);
    expect(await visited.page.locator("#bridge li > .hidden").count()).to.equal(before);
    await visited.page.getByRole("button", { name: "Go on" }).click();
    await visited.shows("#bridge li[data-kind=refused]", /taskRequest/);
  });

  describe("audio", () => {
    it("asks for no echo but where the box is checked, also when people go back to the page", async () => {
      const visited = await visit();
      await visited.shows("#said", /Welcome to Acme/);
      await visited.page.getByLabel("Echo my voice").check();
      await visited.page.goto("about:blank");
      await visited.page.goBack();
      await visited.shows("#said", /Welcome to Acme/);
      expect(await visited.page.getByLabel("Echo my voice").isChecked()).to.equal(false);
    });

    it("sends what the microphone hears, shows how loud it is, and plays what comes back when asked to", async () => {
      const visited = await visit({ permissions: ["microphone"] });
      await visited.shows("#said", /Welcome to Acme/);
      const microphone = visited.page.getByRole("button", { name: "Microphone" });
      await microphone.click();
      await visited.shows("#audio-note", /microphone is on/);
      await visited.page.waitForFunction(() => (document.querySelector("meter")?.value ?? 0) > 0);
      await visited.shows(
        "#bridge li > .hidden",
        /inputAudioRaw, \d+ times, from acme to assistant, crosses from Page to Server/,
      );
      await visited.page.getByLabel("Echo my voice").check();
      await visited.shows(
        "#bridge li > .hidden",
        /outputAudioRaw, \d+ times, from assistant to acme, crosses from Server to Page/,
      );
      await microphone.click();
      expect(await microphone.getAttribute("aria-pressed")).to.equal("false");
      expect(await visited.page.locator("#level").isVisible()).to.equal(false);
    });

    it("says in plain words that the microphone isn't allowed, and all else works", async () => {
      const visited = await visit({ by: await startBrowser(...refusing) });
      await visited.shows("#said", /Welcome to Acme/);
      // Those who hear the page hear what comes into what was there before.
      const heard = visited.page.getByRole("status").and(visited.page.locator("#audio-note"));
      expect(await heard.count()).to.equal(1);
      await visited.page.getByRole("button", { name: "Microphone" }).click();
      await visited.shows("#audio-note", /The microphone isn’t allowed for this page\. Allow it/);
      expect(await visited.page.getByRole("button", { name: "Microphone" }).getAttribute("aria-pressed")).to.equal(
        "false",
      );
      await visited.say("What do your rocket skates cost?");
      await visited.shows("#said", /149 dollars/);
    });
  });

  describe("looks", () => {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const [size, viewport] of Object.entries({ desktop, phone })) {
        it(`has nothing that axe finds fault with, in ${colorScheme}, on a ${size}`, async () => {
          // Without the animations, in which nothing has the contrast that it ends with.
          const visited = await visit({ colorScheme, viewport, reducedMotion: "reduce" });
          await visited.shows("#said", /Welcome to Acme/);
          await visited.page.getByRole("button", { name: "Send what isn’t allowed" }).click();
          await visited.cut();
          await visited.say("Are you there?");
          await visited.shows(".me[data-kept]", /there/);
          await visited.shows("#bridge li[data-kind=refused]", /taskRequest/);
          expect(await faults(visited.page)).to.deep.equal([]);
          await visited.restore();
          await visited.shows("#state", /Resumed/);
          await visited.shows("#said", /I only know about/);
          expect(await faults(visited.page)).to.deep.equal([]);
          const isWide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
          expect(await visited.page.evaluate(isWide), "scrolls sideways").to.equal(false);
        });
      }
    }

    it("follows the system's light or dark until somebody chooses, and remembers that", async () => {
      const visited = await visit({ colorScheme: "dark" });
      const background = () => visited.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      const dark = await background();
      await visited.page.getByRole("button", { name: "Dark" }).click();
      const light = await background();
      expect(light).not.to.equal(dark);
      await visited.page.reload();
      expect(await background()).to.equal(light);
    });

    it("moves nothing where people want little motion", async () => {
      const visited = await visit({ reducedMotion: "reduce" });
      await visited.shows("#said", /Welcome to Acme/);
      await visited.say("What do your rocket skates cost?");
      await visited.shows("#log", /Our rocket/);
      expect(await visited.page.evaluate(() => document.getAnimations().length)).to.equal(0);
      await visited.shows("#bridge li > .hidden", /llmText/);
    });
  });

  describe("the door", () => {
    it("knows the names of this machine as browsers write them", () => {
      expect(ourHosts(8_080)).to.deep.equal(["127.0.0.1:8080", "localhost:8080", "[::1]:8080"]);
      expect(ourHosts(80)).to.deep.equal(["127.0.0.1", "localhost", "[::1]"]);
    });

    it("tells browsers to load from here alone, and to show it in no other page", async () => {
      const { headers } = await fetch(url);
      expect(headers.get("content-security-policy")).to.include(
        "default-src 'none'; script-src 'self'; style-src 'self'",
      );
      expect(headers.get("content-security-policy")).to.include("frame-ancestors 'none'").and.not.include("unsafe");
      expect(headers.get("x-content-type-options")).to.equal("nosniff");
      expect(headers.get("referrer-policy")).to.equal("no-referrer");
    });

    it("answers only to the names of this machine, and its pages", async () => {
      const { host, port } = new URL(url);
      const get = (headers: Record<string, string>, path = "/") =>
        new Promise((resolve, reject) => {
          const sent = request({ host: "127.0.0.1", port, path, headers }, (response) => {
            response.resume();
            resolve(response.statusCode);
          });
          sent.on("error", reject).end();
        });
      expect(await get({ host: `evil.example:${port}` })).to.equal(421);
      expect(await get({ host })).to.equal(200);
      expect(await get({ host }, "/api/inspect")).to.equal(403);
      expect(await get({ host, authorization: "Bearer guess" }, "/api/inspect")).to.equal(403);
      expect(await get({ host }, "/server.ts")).to.equal(404);
    });

    it("lets a WebSocket in only from a page of its own origin that it knows", async () => {
      const token = async () => /"token":"([^"]+)"/.exec(await (await fetch(url)).text())?.[1] ?? "";
      const open = (page: string, origin: string) =>
        new Promise((resolve) => {
          const socket = new WebSocket(`${url.replace("http", "ws")}ws?page=${page}`, "crossbus.v1", { origin });
          socket.on("open", () => resolve("open")).on("open", () => socket.terminate());
          socket.on("error", (error) => resolve(error.message));
        });
      const { origin } = new URL(url);
      expect(await open(await token(), origin)).to.equal("open");
      expect(await open(await token(), "https://evil.example")).to.equal("Unexpected server response: 403");
      expect(await open("guess", origin)).to.equal("Unexpected server response: 403");
      expect(await open(await token(), "")).to.equal("Unexpected server response: 403");
    });

    it("goes on whatever is sent to it", async () => {
      const { host, port } = new URL(url);
      const token = /"token":"([^"]+)"/.exec(await (await fetch(url)).text())?.[1] ?? "";
      const sent = [
        `GET // HTTP/1.1\r\nHost: ${host}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
        `GET http://[ HTTP/1.1\r\nHost: ${host}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
        `POST /api/network HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nAuthorization: Bearer ${token}\r\nContent-Length: 99\r\n\r\ncu`,
        `POST /api/network HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nAuthorization: Bearer ${token}\r\nContent-Length: 9999\r\n\r\n${"x".repeat(9_999)}`,
        `GET /ws?page=${token} HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
        "nonsense\r\n\r\n",
      ];
      for (const text of sent) {
        const socket = connect(Number(port), "127.0.0.1");
        socket.on("error", () => {});
        socket.write(text);
        await Promise.race([
          once(socket, "data"),
          once(socket, "close"),
          new Promise((resolve) => setTimeout(resolve, 200)),
        ]);
        socket.resetAndDestroy();
      }
      expect((await fetch(url)).status).to.equal(200);
    });

    it("forgets pages that nobody uses before those that somebody does", async () => {
      const visited = await visit();
      await visited.shows("#said", /Welcome to Acme/);
      // As any web page can do it, without getting to see what it asks for.
      for (let asked = 0; asked < 1_100; asked += 10) {
        await Promise.all(Array.from({ length: 10 }, async () => (await fetch(url)).arrayBuffer()));
      }
      await visited.say("What do your rocket skates cost?");
      await visited.shows("#said", /149 dollars/);
      await visited.cut();
      await visited.restore();
      await visited.shows("#state", /Resumed/);
    });

    it("shows each page its own session alone", async () => {
      const [first, second] = [await visit(), await visit()];
      await first.shows("#said", /Welcome to Acme/);
      await second.shows("#said", /Welcome to Acme/);
      await first.page.getByRole("button", { name: "Send what isn’t allowed" }).click();
      await first.say("anvils?");
      await first.shows("#said", /from 39 dollars/);
      await first.shows("#bridge .counts", /^3 to Server\d+ to Page.*1 refused/);
      await second.shows("#bridge .counts", /^2 to Server\d+ to Page.*0 refused/);
      expect(await second.rows("refused")).to.deep.equal([]);
    });
  });

  it("says so when the server has started anew, and doesn't know the page any more", async () => {
    const own = await startDemo();
    const visited = await visit({ at: own.url });
    await visited.shows("#said", /Welcome to Acme/);
    visited.mayFail = true;
    own.demo.process.kill("SIGTERM");
    expect(await own.demo.exitCode(), own.demo.stderr).to.equal(0);
    await visited.page.locator("#state[data-tone=bad]").waitFor();
    const asked = visited.page.waitForEvent("requestfailed", (each) => each.url().endsWith("/api/network"));
    await visited.page.getByRole("button", { name: "Cut the network" }).click();
    await asked;
    // Nobody has cut anything: nobody was there to do it.
    await visited.page.getByRole("button", { name: "Cut the network", pressed: false }).waitFor();
    const { port } = new URL(own.url);
    await startDemo("--port", port);
    await visited.shows("#state", /The server has started anew/);
    await visited.shows("#state-note", /Load the page again/);
    // What the browser says of the request that was refused.
    visited.errors.splice(0, visited.errors.length, ...visited.errors.filter((error) => !/403/.test(error)));
  });

  it("talks to an assistant elsewhere over a plain link, whose session a cut ends: it says so, and begins anew", async () => {
    const command = [process.execPath, "--import=tsx", "examples/remote-assistant/server.ts", "--port", "0"];
    const assistant = new ExampleProcess([...command, "--dialect", "protobuf"]);
    running.push(assistant);
    const [, back = ""] = await assistant.printed(/^listening on (\S+)$/m);
    const own = await startDemo("--peer", back, "--dialect", "protobuf");
    const visited = await visit({ at: `${own.url}?dialect=protobuf`, reducedMotion: "reduce" });
    await visited.shows("#said", /Welcome to Acme/);
    expect(await faults(visited.page)).to.deep.equal([]);
    await visited.shows("#bridge li > .hidden", /llmText, .*, crosses from Relay to Page/);
    await visited.page.setViewportSize(phone);
    const [name, tools] = await visited.page.evaluate(() =>
      ["h1", ".tools"].map((selector) => {
        const range = document.createRange();
        range.selectNodeContents(document.querySelector(selector) as Element);
        const { right, left, bottom, top } = range.getBoundingClientRect();
        return { right, left, bottom, top };
      }),
    );
    expect((name?.right ?? 0) <= (tools?.left ?? 0) || (name?.bottom ?? 0) <= (tools?.top ?? 0), "overlap").to.equal(
      true,
    );
    await visited.page.emulateMedia({ forcedColors: "active" });
    const [unchosen, chosen] = await visited.page.evaluate(() =>
      [...document.querySelectorAll("fieldset span")].map((each) => getComputedStyle(each).backgroundColor),
    );
    expect(chosen).to.not.equal(unchosen);
    visited.mayFail = true;
    await cutWhileItSpeaks(visited.page, "What do your rocket skates cost?");
    await visited.shows("#state", /Connecting again/);
    await visited.shows(".them[data-cut]", /^Our /);
    await visited.shows("#state-note", /The session is over: /);
    expect(await visited.page.locator("#send").isDisabled()).to.equal(true);
    await visited.restore();
    await visited.shows("#state", /Connected anew/);
    await visited.say("What do your rocket skates cost?");
    await visited.shows("#said", /149 dollars/);
  });

  it("talks to an assistant of Python's Pipecat in its dialect, when switched to it", async function () {
    this.timeout(120_000);
    const { python } = requirePython("pipecat", this);
    const assistant = new ExampleProcess(
      [python, "examples/python-peer/assistant.py", "--port", "0"],
      pythonVariables(),
    );
    running.push(assistant);
    const [, back = ""] = await assistant.printed(/listening on (ws:\/\/127\.0\.0\.1:\d+\/ws)$/m);
    const own = await startDemo("--peer", back, "--dialect", "pipecat", "--peer-version", "1.14.0");
    const visited = await visit({ at: own.url });
    await visited.shows("#said", /shop's assistant/);
    await visited.page.getByText("Python", { exact: true }).click();
    await visited.page.waitForURL(/\?dialect=pipecat$/);
    await visited.shows("#said", /I'm the assistant in Python/);
    await visited.say("Can I return an anvil?");
    await visited.shows("#said", /within 30 days/);
    await visited.shows(
      "#bridge li > .hidden",
      /llmText, \d+ times, from assistant to acme, crosses from Relay to Page/,
    );
    await visited.say("What does an anvil cost?");
    await visited.shows("#said", /39 dollars/);
  });

  describe("the command", () => {
    it("shows help", async () => {
      const demo = new ExampleProcess([process.execPath, "--import=tsx", "examples/web/server.ts", "--help"]);
      running.push(demo);
      expect(await demo.exitCode()).to.equal(0);
      expect(demo.stdout)
        .to.match(/npm run demo:web -- \[options\]/)
        .and.match(/--port N/);
    });

    it("says that a port is taken", async () => {
      const { port } = new URL(url);
      const demo = new ExampleProcess([process.execPath, "--import=tsx", "examples/web/server.ts", "--port", port]);
      running.push(demo);
      expect(await demo.exitCode()).to.equal(1);
      expect(demo.stderr).to.match(/error: ALREADY_EXISTS: .*\d+/);
    });

    const peer = ["--peer", "ws://127.0.0.1:1/ws"];
    const wrong: readonly (readonly [what: string, args: readonly string[], told: RegExp])[] = [
      ["a dialect that there isn't", [...peer, "--dialect", "x"], /INVALID_ARGUMENT: --dialect: .*"x"/],
      ["a release that there can't be", [...peer, "--peer-version", "x"], /INVALID_ARGUMENT: peerVersion: .*"x"/],
      ["a dialect of nobody", ["--dialect", "protobuf"], /INVALID_ARGUMENT: --dialect: .* --peer/],
      ["a release of nobody's", ["--peer-version", "1.14.0"], /INVALID_ARGUMENT: --peer-version: .* --peer/],
      ["a port that there can't be", ["--port", "65536"], /INVALID_ARGUMENT: --port: .*"65536"/],
    ];
    for (const [what, args, told] of wrong) {
      it(`refuses ${what}`, async () => {
        const demo = new ExampleProcess([
          process.execPath,
          "--import=tsx",
          "examples/web/server.ts",
          "--port",
          "0",
          ...args,
        ]);
        running.push(demo);
        expect(await demo.exitCode()).to.equal(2);
        expect(demo.stderr).to.match(told);
      });
    }
  });
});

/** Says something, and cuts the network while the assistant answers: within the page, so that it is in time. */
async function cutWhileItSpeaks(page: Page, text: string): Promise<void> {
  await page.locator("#text").fill(text);
  await page.evaluate(() => {
    const observer = new MutationObserver(() => {
      if (document.querySelector(".streaming") !== null) {
        observer.disconnect();
        document.querySelector<HTMLElement>("#cut")?.click();
      }
    });
    observer.observe(document.querySelector("#log") as Node, { childList: true });
    document.querySelector("form")?.requestSubmit();
  });
}

/** What axe finds fault with in a page, the shadow roots in it included. */
async function faults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  });
}
