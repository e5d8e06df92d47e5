import { request } from "node:http";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { Code, status } from "../../src/base/status.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { checkOrigins } from "../../src/transport/origins.js";
import type { Connection, Listener } from "../../src/transport/transport.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import {
  WebSocketServerTransport,
  type WebSocketServerTransportOptions,
} from "../../src/transport/websocket-server-node.js";
import { openSockets } from "../support/open-node.js";
import { nothingLeft, rejection, thrown } from "./helpers.js";
import { upgradeHeaders } from "./upgrade.js";

describe("the origins of a listener", () => {
  for (const origin of [
    "null",
    "*",
    "",
    "app.example",
    "https://",
    "https://app.example/path",
    "https://app.example?query",
    "https://app.example#part",
    "https://user@app.example",
    "https://*.example",
    "file:///page.html",
    "data:text/html,x",
    3 as never,
  ]) {
    it(`can't be ${JSON.stringify(origin)}`, () => {
      const error = thrown(() => checkOrigins({ origins: [origin] }), Code.INVALID_ARGUMENT);
      expect(error.details).to.deep.include({ type: "badRequest", field: "origins" });
    });
  }

  for (const [what, options, field] of [
    ["an empty list", { origins: [] }, "origins"],
    ["a string", { origins: "https://app.example" }, "origins"],
    ["programs alone", { allowWithoutOrigin: true }, "allowWithoutOrigin"],
    ["nobody at all", { allowWithoutOrigin: false }, "allowWithoutOrigin"],
    ["no boolean", { origins: ["https://app.example"], allowWithoutOrigin: "yes" }, "allowWithoutOrigin"],
  ] as const) {
    it(`can't be ${what}`, () => {
      const error = thrown(
        () => new WebSocketServerTransport({ port: 0, ...(options as object) }),
        Code.INVALID_ARGUMENT,
      );
      expect(error.details).to.deep.include({ type: "badRequest", field });
    });
  }

  for (const [listed, origin, isAllowed] of [
    ["https://app.example", "https://app.example", true],
    ["https://app.example/", "https://app.example", true],
    ["HTTPS://App.Example:443", "https://app.example", true],
    ["https://bücher.example", "https://xn--bcher-kva.example", true],
    ["http://localhost:5173", "http://localhost:5173", true],
    ["http://[::1]:80", "http://[::1]", true],
    ["chrome-extension://abcdef", "chrome-extension://abcdef", true],
    ["https://app.example", "http://app.example", false],
    ["https://app.example", "https://app.example:8443", false],
    ["https://app.example", "https://evil.app.example", false],
    ["https://app.example", "https://app.example.evil", false],
    ["https://app.example", "https://evil-app.example", false],
    ["https://app.example", "https://app.example@evil.example", false],
    ["https://app.example", "https://evil.example/https://app.example", false],
    ["https://app.example", "https://app.example, https://evil.example", false],
    ["https://app.example", "https://app.example.", false],
    ["https://app.example", "null", false],
    ["https://app.example", "", false],
    ["chrome-extension://abcdef", "chrome-extension://abcdeg", false],
    ["chrome-extension://abcdef", "https://abcdef", false],
  ] as const) {
    it(`${isAllowed ? "let in" : "don't let in"} ${JSON.stringify(origin)} where ${listed} may connect`, () => {
      expect(checkOrigins({ origins: [listed] })(origin)).to.equal(isAllowed);
    });
  }
});

describe("a listener that is asked by a page", () => {
  let before: readonly string[] = [];
  let clock: VirtualClock;
  let listener: Listener;
  let accepted: Connection[] = [];
  let asked = 0;

  beforeEach(() => {
    before = openSockets();
    clock = new VirtualClock();
    [accepted, asked] = [[], 0];
  });
  afterEach(async () => {
    await Promise.all(accepted.map((connection) => connection.close(status(Code.OK))));
    await listener.close();
    await nothingLeft(before);
    expect(clock.pending).to.equal(0);
  });

  /** Asks as `headers` say, and tells the HTTP status of the answer. */
  async function ask(options: Partial<WebSocketServerTransportOptions>, headers: Record<string, string | string[]>) {
    const transport = new WebSocketServerTransport({ port: 0, clock, ...options });
    listener = await transport.listen((connection) => void accepted.push(connection), {
      admit() {
        asked += 1;
        return undefined;
      },
    });
    return new Promise<number | undefined>((resolve, reject) => {
      const sent = { ...upgradeHeaders, ...headers };
      const asking = request(listener.address.replace("ws:", "http:"), { headers: sent, agent: false });
      asking.on("upgrade", (response, socket) => {
        socket.destroy();
        resolve(response.statusCode);
      });
      asking.on("response", (response) => resolve(response.resume().statusCode));
      asking.on("error", reject).end();
    });
  }

  const origins = ["https://app.example"];
  for (const [what, options, headers, httpStatus] of [
    ["lets programs in", {}, {}, 101],
    ["refuses every page", {}, { origin: "https://app.example" }, 403],
    ["refuses a page of its own host", {}, { origin: "http://127.0.0.1" }, 403],
    ["refuses a page that has no origin", {}, { origin: "null" }, 403],
    ["refuses an empty origin", {}, { origin: "" }, 403],
    ["refuses every page that says so in the older way", {}, { "sec-websocket-origin": "https://app.example" }, 403],
    ["lets a page in that may connect", { origins }, { origin: "https://app.example" }, 101],
    ["refuses another page", { origins }, { origin: "https://evil.example" }, 403],
    ["refuses two origins", { origins }, { origin: ["https://app.example", "https://evil.example"] }, 403],
    ["refuses programs where pages may connect", { origins }, {}, 403],
    ["lets programs in beside pages where it is told to", { origins, allowWithoutOrigin: true }, {}, 101],
    ["refuses another page beside programs", { origins, allowWithoutOrigin: true }, { origin: "http://x" }, 403],
  ] as const) {
    it(`${what}${"origins" in options ? "" : ", unless told otherwise"}`, async () => {
      expect(await ask(options, headers as Record<string, string>)).to.equal(httpStatus);
      // Nobody is asked about a request of a page that may not connect.
      expect(asked).to.equal(httpStatus === 101 ? 1 : 0);
      expect(accepted).to.have.length(asked);
    });
  }

  it("tells a program that it is refused with PERMISSION_DENIED", async () => {
    listener = await new WebSocketServerTransport({ port: 0, clock, origins }).listen(() => expect.fail("accepted"));
    await rejection(new WebSocketTransport({ url: listener.address, clock }).connect(), Code.PERMISSION_DENIED);
  });
});
