import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { type Deferred, deferred } from "../../src/base/deferred.js";
import { Code, StatusError, status } from "../../src/base/status.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Connection, Listener, Peer, Principal } from "../../src/transport/transport.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import {
  WebSocketServerTransport,
  type WebSocketServerTransportOptions,
} from "../../src/transport/websocket-server-node.js";
import { openSockets } from "../support/open-node.js";
import { nothingLeft, rejection, withoutConsole } from "./helpers.js";
import { clientFrame, openTcp, upgradeRequest } from "./upgrade.js";

describe("a WebSocket listener that decides on requests", () => {
  let before: readonly string[] = [];
  let clock: VirtualClock;
  let server: Server | undefined;
  let listener: Listener;
  let accepted: Connection[] = [];
  let asked: Peer[] = [];
  let isAsked: Deferred<void>;
  let answer: Deferred<Principal | undefined>;

  beforeEach(() => {
    before = openSockets();
    clock = new VirtualClock();
    [server, accepted, asked] = [undefined, [], []];
    [isAsked, answer] = [deferred(), deferred()];
  });
  afterEach(async () => {
    await Promise.all(accepted.map((connection) => connection.close(status(Code.OK))));
    await listener.close();
    server?.close();
    await nothingLeft(before);
    expect(clock.pending).to.equal(0);
  });

  /** Listens, and answers nothing before the test does. */
  async function listen(options: WebSocketServerTransportOptions = { port: 0 }): Promise<string> {
    const transport = new WebSocketServerTransport({ clock, ...options });
    listener = await transport.listen((connection) => void accepted.push(connection), {
      admit(peer) {
        asked.push(peer);
        isAsked.resolve();
        return answer.promise;
      },
    });
    return listener.address;
  }

  async function serve(): Promise<Server> {
    server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return server;
  }

  /** Asks for a WebSocket in plain text, and gives all that comes until the listener hangs up. */
  function ask(address: string): Promise<string> {
    const socket = openTcp(address);
    socket.write(upgradeRequest(address));
    return textOf(socket);
  }

  async function textOf(socket: Socket): Promise<string> {
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      text += String(chunk);
    });
    await once(socket, "close");
    return text;
  }

  it("tells who decides the URL that was asked for, with its query, and the headers", async () => {
    const address = await listen();
    const url = `${address}?ticket=secret`;
    const headers = { authorization: "Bearer secret" };
    const connecting = new WebSocketTransport({ url, headers, clock }).connect();
    await isAsked.promise;
    answer.resolve({ name: "ann" });
    const connection = await connecting;
    expect(asked[0]?.url).to.equal("/ws?ticket=secret");
    expect(asked[0]?.metadata.get("authorization")).to.equal("Bearer secret");
    expect(accepted[0]?.peer).to.deep.equal({ ...asked[0], principal: { name: "ann" } });
    expect(connection.peer).to.not.have.any.keys("url", "principal", "certificate");
    await connection.close(status(Code.OK));
  });

  for (const [code, line] of [
    [Code.UNAUTHENTICATED, "401 Unauthorized"],
    [Code.PERMISSION_DENIED, "403 Forbidden"],
    [Code.RESOURCE_EXHAUSTED, "429 Too Many Requests"],
    [Code.UNAVAILABLE, "503 Service Unavailable"],
    [Code.INVALID_ARGUMENT, "400 Bad Request"],
    [Code.NOT_FOUND, "500 Internal Server Error"],
  ] as const) {
    it(`refuses with ${line} for ${Code[code]}, and tells nothing else`, async () => {
      const address = await listen();
      const text = ask(address);
      await isAsked.promise;
      answer.reject(new StatusError(code, "ann's password is wrong"));
      const [head = "", body] = (await text).split("\r\n\r\n");
      const [first, ...headers] = head.split("\r\n");
      expect(first).to.equal(`HTTP/1.1 ${line}`);
      expect(body).to.equal(line.slice(4));
      expect(headers.filter((header) => header.startsWith("WWW"))).to.deep.equal(
        code === Code.UNAUTHENTICATED ? ["WWW-Authenticate: Bearer"] : [],
      );
      expect(await text).to.not.match(/ann|password/);
    });
  }

  it("refuses with 500 when the hook fails, and logs why", async () => {
    const address = await listen();
    const { logged } = await withoutConsole(async () => {
      const text = ask(address);
      await isAsked.promise;
      answer.reject(new TypeError("a bug"));
      expect(await text)
        .to.match(/^HTTP\/1\.1 500 /)
        .and.not.include("bug");
    });
    expect(logged).to.have.length(1);
    expect(logged[0]).to.include("a bug").and.include("127.0.0.1");
  });

  it("asks nobody about a request that can't become a WebSocket", async () => {
    const address = await listen();
    const socket = openTcp(address);
    socket.write(upgradeRequest(address, { "sec-websocket-version": "7" }));
    expect(await textOf(socket)).to.match(/^HTTP\/1\.1 400 /);
    expect(asked).to.deep.equal([]);
  });

  it("ends a request that nobody decides on in time", async () => {
    const text = ask(await listen());
    await isAsked.promise;
    clock.advance(10_000);
    await text;
    answer.resolve({ name: "late" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(accepted).to.deep.equal([]);
  });

  it("answers 503 at the server of an application when nobody decides in time", async () => {
    const text = ask(await listen({ server: await serve(), handshakeTimeoutMs: 2_000 }));
    await isAsked.promise;
    clock.advance(1_999);
    expect(asked).to.have.length(1);
    clock.advance(1);
    expect(await text).to.match(/^HTTP\/1\.1 503 /);
  });

  it("answers 503 at the server of an application when it closes", async () => {
    const text = ask(await listen({ server: await serve() }));
    await isAsked.promise;
    await listener.close();
    // It doesn't wait for the hook.
    expect(await text).to.match(/^HTTP\/1\.1 503 /);
    answer.resolve({ name: "late" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(accepted).to.deep.equal([]);
  });

  it("accepts nobody who was admitted in the moment in which it closes", async () => {
    const text = ask(await listen({ server: await serve() }));
    await isAsked.promise;
    answer.resolve({ name: "late" });
    // The hook's answer is known, and nothing was done about it.
    await answer.promise;
    await listener.close();
    expect(await text).to.match(/^HTTP\/1\.1 503 /);
    expect(accepted).to.deep.equal([]);
  });

  for (const [how, leave] of [
    ["hangs up", (socket: Socket) => socket.end()],
    ["is gone", (socket: Socket) => socket.destroy()],
    ["breaks the connection", (socket: Socket) => socket.resetAndDestroy()],
  ] as const) {
    it(`forgets a client that ${how} before it has decided`, async () => {
      const address = await listen({ server: await serve() });
      const socket = openTcp(address);
      socket.resume().write(upgradeRequest(address));
      await isAsked.promise;
      // It is only the decision that is waited for.
      expect(clock.pending).to.equal(1);
      leave(socket);
      await once(socket, "close");
      for (let turn = 0; turn < 500 && clock.pending > 0; turn += 1) {
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      expect(clock.pending).to.equal(0);
      answer.resolve({ name: "late" });
      await new Promise((resolve) => setImmediate(resolve));
      expect(accepted).to.deep.equal([]);
    });
  }

  it("keeps what a client sends before it has decided", async () => {
    const address = await listen();
    const socket = openTcp(address);
    socket.write(upgradeRequest(address));
    socket.write(clientFrame(0x82, Uint8Array.of(1)));
    await isAsked.promise;
    socket.write(clientFrame(0x82, Uint8Array.of(2)));
    await new Promise((resolve) => setImmediate(resolve));
    answer.resolve({ name: "ann" });
    const [head] = await once(socket, "data");
    expect(String(head)).to.match(/^HTTP\/1\.1 101 /);
    const got: number[] = [];
    await new Promise<void>((resolve) =>
      accepted[0]?.receive({
        message(bytes) {
          got.push(...bytes);
          if (got.length === 2) {
            resolve();
          }
        },
      }),
    );
    expect(got).to.deep.equal([1, 2]);
    socket.destroy();
    await accepted[0]?.closed;
  });

  it("reads nothing more than before from a client that was admitted and is paused", async () => {
    const address = await listen();
    const connecting = new WebSocketTransport({ url: address, clock }).connect();
    await isAsked.promise;
    answer.resolve(undefined);
    const client = await connecting;
    const [connection] = accepted;
    const got: number[] = [];
    connection?.receive({ message: (bytes) => void got.push(...bytes) });
    connection?.pause();
    client.send(Uint8Array.of(1));
    await client.drained(0);
    for (let turn = 0; turn < 50; turn += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    expect(got).to.deep.equal([]);
    connection?.resume();
    await client.close(status(Code.OK));
    await connection?.closed;
    expect(got).to.deep.equal([1]);
  });
});

describe("a memory listener that decides on attempts", () => {
  it("tells why it refuses one, which stays in the process", async () => {
    const memory = new MemoryTransport();
    await memory.listen(() => expect.fail("accepted"), {
      admit() {
        throw new StatusError(Code.RESOURCE_EXHAUSTED, "too many at once");
      },
    });
    const error = await rejection(memory.connect(), Code.UNAVAILABLE);
    expect(error.message).to.equal("too many at once");
  });

  it("tells nothing of a hook that fails, and logs it", async () => {
    const memory = new MemoryTransport();
    await memory.listen(() => expect.fail("accepted"), { admit: () => Promise.reject(new TypeError("a bug")) });
    const { logged } = await withoutConsole(async () => {
      const error = await rejection(memory.connect(), Code.UNAVAILABLE);
      expect(error.message).to.not.include("a bug");
    });
    expect(logged[0]).to.include("a bug");
  });
});
