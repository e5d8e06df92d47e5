import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { WebSocketServer } from "ws";
import { deferred } from "../../src/base/deferred.js";
import { Code, StatusError, status } from "../../src/base/status.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { WebSocketTransport, type WebSocketTransportOptions } from "../../src/transport/websocket.js";
import { openSockets, turn } from "../support/open-node.js";
import { FakeBrowserWebSocket } from "./fake-browser-web-socket.js";
import { nothingLeft, rejection, thrown, timerIsSet } from "./helpers.js";

interface Seen {
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly protocols: string | undefined;
}

describe("what a WebSocket transport asks for when it connects", () => {
  let before: readonly string[] = [];
  let server: WebSocketServer;
  let clock: VirtualClock;
  let seen: Seen[] = [];

  beforeEach(async () => {
    before = openSockets();
    clock = new VirtualClock();
    seen = [];
    server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    server.on("connection", (_, { url, headers }) =>
      seen.push({ url, authorization: headers.authorization, protocols: headers["sec-websocket-protocol"] }),
    );
    await once(server, "listening");
  });
  afterEach(async () => {
    server.close();
    await nothingLeft(before);
    expect(clock.pending).to.equal(0);
  });

  const address = () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`;

  const make = (options: Partial<WebSocketTransportOptions> = {}) =>
    new WebSocketTransport({ url: address(), clock, ...options });

  it("is asked anew for each connection, and reaches the server", async () => {
    let asked = 0;
    const transport = make({
      url: () => `${address()}?ticket=${++asked}`,
      headers: async () => ({ authorization: `Bearer ${asked}` }),
      protocols: () => ["chat", `bearer.${asked}`],
    });
    expect(asked).to.equal(0);
    for (const expected of [1, 2]) {
      const connection = await transport.connect({ protocols: ["chat"] });
      expect(connection.peer.address).to.equal(new URL(address()).host);
      await connection.close(status(Code.OK));
      expect(seen.pop()).to.deep.equal({
        url: `/ws?ticket=${expected}`,
        authorization: `Bearer ${expected}`,
        protocols: `chat,bearer.${expected}`,
      });
    }
  });

  it("may fail: with the status that is thrown, or else as what may go well the next time", async () => {
    const away = new StatusError(Code.UNAVAILABLE, "nobody gives out tokens now");
    const transport = make({ headers: () => Promise.reject(away) });
    expect(await rejection(transport.connect(), Code.UNAVAILABLE)).to.equal(away);
    const broken = make({
      url: () => {
        throw new TypeError("no token");
      },
    });
    expect((await rejection(broken.connect(), Code.UNAVAILABLE)).message).to.equal("no token");
    expect(seen).to.deep.equal([]);
  });

  it("is checked like what is given at once, and isn't shown", async () => {
    for (const [options, said] of [
      [{ url: () => "http://host/?secret" }, "url: must start with ws://"],
      [{ headers: () => ({ authorization: "secret\n" }) }, "headers: the value of authorization"],
      [{ headers: () => undefined as never }, "headers: must be a plain object"],
      [{ protocols: () => ["bearer.secret!@"] }, "protocols: "],
      [{ protocols: () => "chat" as never }, "protocols: "],
      [{ tls: { ca: "a" }, url: () => address() }, "tls: needs a url that starts with wss://"],
    ] as const) {
      const { message } = await rejection(make(options).connect(), Code.INVALID_ARGUMENT);
      expect(message).to.include(said).and.not.include("secret");
    }
    expect(seen).to.deep.equal([]);
  });

  it("is told at once where it can't work, beside what is asked for", () => {
    expect(thrown(() => make({ url: "http://x", headers: () => ({}) }), Code.INVALID_ARGUMENT).message).to.match(
      /^url: /,
    );
    const browser = { webSocket: FakeBrowserWebSocket };
    const { message } = thrown(() => make({ ...browser, headers: () => ({ a: "b" }) }), Code.INVALID_ARGUMENT);
    expect(message).to.match(/^headers: this platform/);
  });

  it("counts towards the time to connect", async () => {
    const attempt = make({ headers: () => new Promise(() => {}), connectTimeoutMs: 500 }).connect();
    await timerIsSet(clock, 500);
    clock.advance(500);
    const { message } = await rejection(attempt, Code.UNAVAILABLE);
    expect(message).to.include("500 ms").and.include("functions in the options");
  });

  it("comes in vain when the attempt is given up meanwhile", async () => {
    let made = 0;
    class Counted extends FakeBrowserWebSocket {
      constructor() {
        super();
        made++;
      }
    }
    const given = deferred<string>();
    const controller = new AbortController();
    const transport = make({ webSocket: Counted, url: () => given.promise });
    const attempt = transport.connect({ signal: controller.signal });
    controller.abort();
    await rejection(attempt, Code.CANCELLED);
    given.resolve(address());
    await turn();
    expect(made).to.equal(0);
  });

  it("leaves no timer where the platform's WebSocket throws", async () => {
    class Refusing extends FakeBrowserWebSocket {
      constructor() {
        super();
        throw new Error("mixed content");
      }
    }
    const { message } = await rejection(make({ webSocket: Refusing }).connect(), Code.UNKNOWN);
    expect(message).to.equal("mixed content");
  });
});
