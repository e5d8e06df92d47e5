import { expect } from "chai";
import { describe, it } from "mocha";
import { Code } from "../../src/base/status.js";
import { webSocketsOf as webSocketsOfPages } from "../../src/transport/web-sockets-of-browser.js";
import { WebSocketTransport, type WebSocketTransportOptions } from "../../src/transport/websocket.js";
import { FakeBrowserWebSocket } from "./fake-browser-web-socket.js";
import { thrown } from "./helpers.js";

/** One that can do all that pages' can't. */
class LikeWs extends FakeBrowserWebSocket {
  on(): void {}
  terminate(): void {}
}

const url = "wss://host.example/ws";

describe("the WebSockets of pages", () => {
  const make = (options: Partial<WebSocketTransportOptions>) =>
    new WebSocketTransport({ url, webSocket: FakeBrowserWebSocket, ...options });

  for (const [what, options, message] of [
    [
      "headers",
      { headers: { authorization: "secret", cookie: "secret" } },
      `headers: this platform's WebSocket can't set headers, got "authorization, cookie"`,
    ],
    [
      "headers that would be given later",
      { headers: () => ({}) },
      "headers: this platform's WebSocket can't set headers",
    ],
    [
      "headers as a Map, of which nothing would be sent",
      { headers: new Map([["authorization", "secret"]]) as never },
      "headers: must be a plain object",
    ],
    ["headers that are null", { headers: null as never }, "headers: must be a plain object"],
    ["TLS", { tls: { ca: "secret" } }, "tls: this platform's WebSocket decides on certificates itself"],
  ] as const) {
    it(`are told no ${what}`, () => {
      const error = thrown(() => make(options), Code.INVALID_ARGUMENT);
      expect(error.message).to.include(message).and.not.include("secret");
    });
  }

  it("are made where there are no headers to set", () => {
    expect(() => make({ headers: {}, tls: undefined as never })).not.to.throw();
  });

  it("are what a bundle for pages takes every other for", () => {
    const options = { maxMessageBytes: 100 };
    const webSockets = webSocketsOfPages(LikeWs, options);
    const { control } = webSockets.open({ url: new URL(url), headers: {}, protocols: [] }, ["a"], () => {});
    expect(control).to.equal(undefined);
    expect(FakeBrowserWebSocket.last.argumentCount).to.equal(2);
    thrown(() => webSocketsOfPages(LikeWs, { ...options, tls: {} }), Code.INVALID_ARGUMENT);
    thrown(() => webSockets.checkHeaders({ authorization: "secret" }), Code.INVALID_ARGUMENT);
  });
});
