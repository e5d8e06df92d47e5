import { expect } from "chai";
import { describe, it } from "mocha";
import { Code } from "../../src/base/status.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import { FakeBrowserWebSocket } from "./fake-browser-web-socket.js";
import { rejection } from "./helpers.js";

/** Tries to connect, and gives what is logged as a warning meanwhile. Nobody is asked: the socket is none. */
async function warnings(url: string): Promise<readonly string[]> {
  const logged: string[] = [];
  const { warn } = console;
  console.warn = (line: unknown) => logged.push(String(line));
  try {
    const controller = new AbortController();
    const transport = new WebSocketTransport({ url, webSocket: FakeBrowserWebSocket });
    const attempt = transport.connect({ signal: controller.signal });
    controller.abort();
    await rejection(attempt, Code.CANCELLED);
  } finally {
    console.warn = warn;
  }
  return logged;
}

describe("a WebSocket URL without TLS", () => {
  for (const url of [
    "ws://plain.example/ws?token=SECRET",
    "ws://127.0.0.1.plain.example/ws",
    "ws://localhost.plain.example/ws",
    "ws://10.0.0.1/ws",
    "ws://[2001:db8::1]/ws",
    "ws://0.0.0.0/ws",
  ]) {
    it(`is warned of once: ${url}`, async () => {
      const { hostname } = new URL(url);
      const logged = await warnings(url);
      expect(logged).to.have.length(1);
      expect(logged[0]).to.include(hostname).and.include("wss://").and.not.include("SECRET");
      expect(await warnings(url.replace("/ws", ":8080/other"))).to.deep.equal([]);
    });
  }

  for (const url of [
    "wss://tls.example/ws",
    "ws://localhost:1/ws",
    "ws://LOCALHOST:1/ws",
    "ws://127.0.0.1:1/ws",
    "ws://127.1.2.3:1/ws",
    "ws://[::1]:1/ws",
  ]) {
    it(`isn't warned of where nothing leaves the machine, or there is TLS: ${url}`, async () => {
      expect(await warnings(url)).to.deep.equal([]);
    });
  }
});
