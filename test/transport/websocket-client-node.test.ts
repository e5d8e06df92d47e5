import { getEventListeners, once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, Socket, type Server as TcpServer } from "node:net";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { type WebSocket as RawWebSocket, WebSocketServer } from "ws";
import { Code, status } from "../../src/base/status.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import type { Connection } from "../../src/transport/transport.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import { openSockets } from "../support/open-node.js";
import { FakeBrowserWebSocket } from "./fake-browser-web-socket.js";
import { nothingLeft, rejection, settled, thrown, timerIsSet, withoutConsole } from "./helpers.js";

describe("the options of a WebSocket transport", () => {
  for (const [url, said] of [
    ["http://localhost/ws", "http://localhost/ws"],
    ["localhost:8765", "localhost:"],
    ["not a url", "not a url"],
    ["", '""'],
    ["ws://localhost/ws#part", "ws://localhost/ws#"],
    ["ws://localhost/ws#", "fragment"],
    ["ws://localhost:99999/ws", "ws://localhost:99999/ws"],
  ] as const) {
    it(`refuses the url ${JSON.stringify(url)}, and names it`, () => {
      const error = thrown(() => new WebSocketTransport({ url }), Code.INVALID_ARGUMENT);
      expect(error.message)
        .to.match(/^url: /)
        .and.include(said);
      expect(error.details).to.deep.include({ type: "badRequest", field: "url" });
    });
  }

  it("refuses credentials in the url, and doesn't repeat them", () => {
    const error = thrown(() => new WebSocketTransport({ url: "ws://me:secret@localhost/ws" }), Code.INVALID_ARGUMENT);
    expect(error.message).to.include("url").and.include("localhost").and.not.include("secret");
  });

  for (const [url, said] of [
    ["ws://user:hunter2@host:99999/?token=SECRET", '"ws://…@host:99999/?…"'],
    ["ws://user:hunter2@host/ws#SECRET", '"ws://…@host/ws#…"'],
    ["ws://host/#SECRET", '"ws://host/#…"'],
    [" ws://h ost/?token=SECRET", '" ws://h ost/?…"'],
    ["ws://user:hunt@er2@h ost/", '"ws://…@h ost/"'],
    ["ws://user:hun/ter2@h ost/", '"ws://…@h ost/"'],
    ["ws://user:hunter2?SECRET@host/", '"ws://…"'],
    ["ws://user:hunter2#SECRET@host/", '"ws://…"'],
    ["user:hunter2@host/?token=SECRET", '"…@host/?…"'],
    ["https:user:hunter2@host", '"…@host"'],
    ["https://user:hunter2@host/?token=SECRET", '"https://…@host/?…"'],
  ] as const) {
    it(`shows no secrets of the url ${said} that it refuses`, () => {
      const { message } = thrown(() => new WebSocketTransport({ url }), Code.INVALID_ARGUMENT);
      expect(message).to.include(`got ${said}`);
      expect(message).to.not.match(/hunt|ter2|er2|SECRET/);
    });
  }

  it("refuses headers that can't be sent or belong to the handshake, and shows no value", () => {
    const url = "ws://localhost/ws";
    for (const [name, value] of [
      ["bad name", "x"],
      ["", "x"],
      ["authorization", "secret\r\nx: y"],
      ["authorization", "secret€"],
      ["Sec-WebSocket-Key", "secret"],
      ["Upgrade", "secret"],
    ] as const) {
      const error = thrown(() => new WebSocketTransport({ url, headers: { [name]: value } }), Code.INVALID_ARGUMENT);
      expect(error.message).to.include("headers").and.include(name).and.not.include("secret");
    }
  });

  it("refuses headers of which none would be sent, and a WebSocket that is none", () => {
    const url = "ws://127.0.0.1:1/ws";
    for (const headers of [new Headers({ authorization: "secret" }), new Map([["authorization", "secret"]])]) {
      const error = thrown(() => new WebSocketTransport({ url, headers: headers as never }), Code.INVALID_ARGUMENT);
      expect(error.message).to.match(/^headers: must be a plain object/);
    }
    const error = thrown(() => new WebSocketTransport({ url, webSocket: 3 as never }), Code.INVALID_ARGUMENT);
    expect(error.message).to.match(/^webSocket: /);
  });

  it("refuses headers where the platform's WebSocket can't set any", () => {
    const error = thrown(
      () =>
        new WebSocketTransport({
          url: "ws://localhost/ws",
          headers: { authorization: "secret" },
          webSocket: FakeBrowserWebSocket,
        }),
      Code.INVALID_ARGUMENT,
    );
    expect(error.message)
      .to.match(/^headers: /)
      .and.include("authorization")
      .and.not.include("secret");
  });

  it("refuses limits and protocols that can't be", () => {
    const url = "ws://localhost/ws";
    for (const options of [{ maxMessageBytes: 0 }, { connectTimeoutMs: -1 }, { connectTimeoutMs: Number.NaN }]) {
      const error = thrown(() => new WebSocketTransport({ url, ...options }), Code.INVALID_ARGUMENT);
      expect(error.message).to.include(Object.keys(options)[0]);
    }
    for (const protocols of [["a b"], ["a", "a"], [""]]) {
      const error = thrown(() => new WebSocketTransport({ url, protocols }), Code.INVALID_ARGUMENT);
      expect(error.message).to.include("protocols");
    }
    for (const protocols of [["bearer.secret!@"], ["bearer.secret", "bearer.secret"], ["Bearer.secret\n"]]) {
      const error = thrown(() => new WebSocketTransport({ url, protocols }), Code.INVALID_ARGUMENT);
      expect(error.message)
        .to.match(/bearer\.…/i)
        .and.not.include("secret");
    }
  });
});

describe("a WebSocket transport that is refused", () => {
  let before: readonly string[] = [];
  let server: Server | TcpServer | undefined;
  let url = "";

  async function serve(started: Server | TcpServer): Promise<void> {
    server = started;
    started.listen(0, "127.0.0.1");
    await once(started, "listening");
    url = `ws://127.0.0.1:${(started.address() as AddressInfo).port}/ws`;
  }

  beforeEach(() => {
    before = openSockets();
  });
  afterEach(async () => {
    server?.close();
    await nothingLeft(before);
  });

  for (const [httpStatus, code] of [
    [401, Code.UNAUTHENTICATED],
    [403, Code.PERMISSION_DENIED],
    [404, Code.FAILED_PRECONDITION],
    [200, Code.FAILED_PRECONDITION],
    [302, Code.FAILED_PRECONDITION],
    [408, Code.UNAVAILABLE],
    [425, Code.UNAVAILABLE],
    [429, Code.UNAVAILABLE],
    [500, Code.UNAVAILABLE],
    [503, Code.UNAVAILABLE],
  ] as const) {
    it(`rejects with ${Code[code]} when the upgrade is answered with ${httpStatus}`, async () => {
      await serve(createServer((_, response) => response.writeHead(httpStatus, { location: "/" }).end("no")));
      const error = await rejection(new WebSocketTransport({ url: `${url}?ticket=secret` }).connect(), code);
      expect(error.message).to.include(url).and.include(String(httpStatus)).and.not.include("secret");
    });
  }

  it("rejects with UNAVAILABLE, naming url and cause, when nobody listens at the port", async () => {
    await serve(createServer());
    server?.close();
    const error = await rejection(new WebSocketTransport({ url }).connect(), Code.UNAVAILABLE);
    expect(error.message).to.include(url).and.include("ECONNREFUSED");
  });

  it("rejects with UNAVAILABLE when the host name is unknown", async () => {
    const transport = new WebSocketTransport({ url: "ws://nowhere.invalid/ws" });
    const error = await rejection(transport.connect(), Code.UNAVAILABLE);
    expect(error.message).to.include("ws://nowhere.invalid/ws");
  });

  it("rejects with UNAVAILABLE when the peer hangs up", async () => {
    await serve(createTcpServer((socket) => socket.once("data", () => socket.destroy())));
    await rejection(new WebSocketTransport({ url }).connect(), Code.UNAVAILABLE);
  });

  it("rejects with FAILED_PRECONDITION when the peer doesn't speak HTTP", async () => {
    await serve(createTcpServer((socket) => socket.once("data", () => socket.end("hello\r\n\r\n"))));
    await rejection(new WebSocketTransport({ url }).connect(), Code.FAILED_PRECONDITION);
  });

  it("rejects with FAILED_PRECONDITION when it should speak TLS and the peer doesn't", async () => {
    await serve(createTcpServer((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad\r\n\r\n"))));
    const transport = new WebSocketTransport({ url: url.replace("ws:", "wss:") });
    await rejection(transport.connect(), Code.FAILED_PRECONDITION);
  });

  it("rejects with UNAVAILABLE when the peer doesn't answer in time, and leaves no socket", async () => {
    const asked = new Promise<void>((resolve) => {
      void serve(createTcpServer((socket: Socket) => socket.on("error", () => {}).once("data", () => resolve())));
    });
    await once(server as TcpServer, "listening");
    const clock = new VirtualClock();
    const attempt = new WebSocketTransport({ url, clock, connectTimeoutMs: 500 }).connect();
    await asked;
    clock.advance(500);
    const error = await rejection(attempt, Code.UNAVAILABLE);
    expect(error.message).to.include(url).and.include("500 ms");
    expect(clock.pending).to.equal(0);
  });

  it("rejects with CANCELLED when it is aborted while the peer is silent, and leaves no socket", async () => {
    const asked = new Promise<void>((resolve) => {
      void serve(createTcpServer((socket: Socket) => socket.on("error", () => {}).once("data", () => resolve())));
    });
    await once(server as TcpServer, "listening");
    const clock = new VirtualClock();
    const controller = new AbortController();
    const attempt = new WebSocketTransport({ url, clock }).connect({ signal: controller.signal });
    await asked;
    controller.abort();
    await rejection(attempt, Code.CANCELLED);
    expect(clock.pending).to.equal(0);
  });
});

describe("a WebSocket connection of a client", () => {
  let before: readonly string[] = [];
  let server: WebSocketServer;
  let clock: VirtualClock;
  let peers: RawWebSocket[] = [];
  let requestHeaders: Record<string, unknown> = {};

  beforeEach(async () => {
    before = openSockets();
    clock = new VirtualClock();
    peers = [];
    server = new WebSocketServer({ port: 0, host: "127.0.0.1", maxPayload: 2000, perMessageDeflate: true });
    server.on("connection", (peer, request) => {
      peers.push(peer);
      requestHeaders = request.headers;
      peer.on("error", () => {});
    });
    await once(server, "listening");
  });
  afterEach(async () => {
    for (const peer of server.clients) {
      peer.terminate();
    }
    server.close();
    await nothingLeft(before);
    expect(clock.pending).to.equal(0);
  });

  async function connect(options: Partial<ConstructorParameters<typeof WebSocketTransport>[0]> = {}) {
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`;
    const accepted = once(server, "connection");
    const connection = await new WebSocketTransport({ url, clock, ...options }).connect();
    await accepted;
    const peer = peers[0];
    if (peer === undefined) {
      throw new Error("not accepted");
    }
    return { connection, peer };
  }

  it("sends its headers, and offers neither a subprotocol nor an extension", async () => {
    const { connection } = await connect({ headers: { Authorization: "Bearer x" } });
    expect(requestHeaders).to.include({ authorization: "Bearer x" });
    expect(requestHeaders).to.not.have.any.keys("sec-websocket-protocol", "sec-websocket-extensions");
    expect(connection.protocol).to.equal("");
    await connection.close(status(Code.OK));
  });

  it("offers the subprotocols it was told, and says which was selected", async () => {
    const { connection } = await connect({ protocols: ["one", "two"] });
    expect(requestHeaders).to.include({ "sec-websocket-protocol": "one,two" });
    expect(connection.protocol).to.equal("one");
    await connection.close(status(Code.OK));
  });

  it("closes with INVALID_ARGUMENT on a text message that the consumer doesn't take", async () => {
    const { connection, peer } = await connect();
    connection.receive({ message: () => expect.fail("delivered as bytes") });
    peer.send("text");
    const [code] = await once(peer, "close");
    expect(code).to.equal(4003);
    expect((await connection.closed).code).to.equal(Code.INVALID_ARGUMENT);
  });

  it("gives text messages as UTF-8 to a consumer that takes them, in order with the others", async () => {
    const { connection, peer } = await connect();
    const got: string[] = [];
    const done = new Promise<void>((resolve) => {
      connection.receive({
        message(bytes) {
          got.push(`bytes ${bytes.join()}`);
          resolve();
        },
        text(bytes) {
          expect(bytes.constructor).to.equal(Uint8Array);
          got.push(`text ${new TextDecoder().decode(bytes)}`);
        },
      });
    });
    peer.send("gr\u00fc\u00df");
    peer.send(Uint8Array.of(1, 2));
    await done;
    expect(got).to.deep.equal(["text gr\u00fc\u00df", "bytes 1,2"]);
    await connection.close(status(Code.OK));
  });

  it("closes with 1009 on a message over the limit, of whichever kind", async () => {
    const { connection, peer } = await connect({ maxMessageBytes: 100 });
    connection.receive({ message: () => {} });
    peer.send(new Uint8Array(101));
    const [code] = await once(peer, "close");
    expect(code).to.equal(1009);
    const ended = await connection.closed;
    expect(ended.code).to.equal(Code.RESOURCE_EXHAUSTED);
    expect(ended.message).to.include("100 bytes");
  });

  it("ends with RESOURCE_EXHAUSTED when the peer refuses a message for its size", async () => {
    const { connection } = await connect();
    connection.send(new Uint8Array(2001));
    expect((await connection.closed).code).to.equal(Code.RESOURCE_EXHAUSTED);
  });

  it("ends with INTERNAL when the peer breaks the protocol", async () => {
    const { connection, peer } = await connect();
    rawSocket(peer).write(Uint8Array.of(0xff, 0x00));
    expect((await connection.closed).code).to.equal(Code.INTERNAL);
  });

  it("ends with UNAVAILABLE when the socket is destroyed, and tells what wasn't handed over", async () => {
    const { connection, peer } = await connect();
    const lost: [Uint8Array, Code][] = [];
    connection.receive({ message: () => {}, undelivered: (bytes, { code }) => lost.push([bytes, code]) });
    rawSocket(peer).pause();
    const large = new Uint8Array(64 * 1024 * 1024);
    connection.send(large);
    rawSocket(peer).resetAndDestroy();
    expect((await connection.closed).code).to.equal(Code.UNAVAILABLE);
    expect(lost).to.have.length(1);
    expect(lost[0]?.[0]).to.equal(large);
    expect(lost[0]?.[1]).to.equal(Code.UNAVAILABLE);
  });

  it("reads a close of the peer as its status", async () => {
    const { connection, peer } = await connect();
    peer.close(4007, "not you");
    expect(await connection.closed).to.include({ code: Code.PERMISSION_DENIED, message: "not you" });
  });

  it("cuts the connection when the peer doesn't answer a close for 3 s", async () => {
    const { connection, peer } = await connect();
    peer.pause();
    const closed = connection.close(status(Code.ABORTED, "enough"));
    expect(clock.pending).to.equal(1);
    clock.advance(3000);
    expect(await closed).to.include({ code: Code.ABORTED, message: "enough" });
    peer.resume();
    await once(peer, "close");
  });

  it("answers pings while it is paused and nothing has to be kept", async () => {
    const { connection, peer } = await connect();
    connection.pause();
    peer.ping();
    await once(peer, "pong");
    await connection.close(status(Code.OK));
  });

  it("cuts the connection 3 s after the peer's end when the peer doesn't read, and tells what was lost", async () => {
    const { connection, peer } = await connect();
    const lost: Uint8Array[] = [];
    connection.receive({ message: () => {}, undelivered: (bytes) => lost.push(bytes) });
    halfClose(peer);
    const large = new Uint8Array(64 * 1024 * 1024);
    connection.send(large);
    await timerIsSet(clock, 3000);
    thrown(() => connection.send(new Uint8Array(1)), Code.UNAVAILABLE);
    clock.advance(3000);
    expect((await connection.closed).code).to.equal(Code.UNAVAILABLE);
    expect(lost).to.deep.equal([large]);
  });

  it("has the operating system ask after a peer that is silent for 30 s", async () => {
    const asked: unknown[][] = [];
    const { setKeepAlive } = Socket.prototype;
    Socket.prototype.setKeepAlive = function (this: Socket, ...args) {
      asked.push([this.remotePort, ...args]);
      return setKeepAlive.apply(this, args);
    };
    try {
      const { connection } = await connect();
      expect(asked).to.deep.include([(server.address() as AddressInfo).port, true, 30_000]);
      await connection.close(status(Code.OK));
    } finally {
      Socket.prototype.setKeepAlive = setKeepAlive;
    }
  });

  it("sends a peer that is silent for 20 s a ping, and none to one that isn't", async () => {
    const { connection, peer } = await connect();
    let pings = 0;
    peer.on("ping", () => {
      pings += 1;
    });
    const arrived = new Promise<void>((resolve) => connection.receive({ message: () => resolve() }));
    clock.advance(20_000);
    peer.send(Uint8Array.of(1));
    await arrived;
    clock.advance(20_000);
    clock.advance(19_999);
    // What a peer sends and the pings it gets are in order: a message that is answered after them tells that none came.
    const answered = once(peer, "message");
    connection.send(Uint8Array.of(1));
    await answered;
    expect(pings).to.equal(0);
    clock.advance(1);
    await once(peer, "ping");
    await connection.close(status(Code.OK));
  });

  it("keeps a connection whose peer answers pings, however long it is silent", async () => {
    const { connection, peer } = await connect();
    clock.advance(20_000);
    for (let count = 0; count < 3; count += 1) {
      const pinged = once(peer, "ping");
      clock.advance(20_000);
      await pinged;
      // The answer comes before what is sent after it.
      const arrived = once(peer, "message");
      const answer = new Promise<void>((resolve) => {
        peer.once("message", () => peer.ping("after", undefined, () => resolve()));
      });
      connection.send(Uint8Array.of(count));
      await arrived;
      await answer;
      await once(peer, "pong");
      clock.advance(20_000);
    }
    expect(settled(connection.closed)()).to.equal(false);
    await connection.close(status(Code.OK));
  });

  it("cuts the connection of a peer that doesn't answer a ping within 20 s, with UNAVAILABLE", async () => {
    const { connection, peer } = await connect();
    peer.pause();
    clock.advance(20_000);
    clock.advance(20_000);
    const ended = settled(connection.closed);
    clock.advance(19_999);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(ended()).to.equal(false);
    clock.advance(1);
    expect(await connection.closed).to.include({ code: Code.UNAVAILABLE });
    expect((await connection.closed).message).to.match(/doesn't answer a ping/);
    peer.resume();
    await once(peer, "close");
  });

  it("notices, by a ping every 2 minutes, that a peer is gone while nothing is read", async () => {
    const { connection, peer } = await connect();
    connection.pause();
    // More than is read ahead by a socket that is paused.
    for (let count = 0; count < 8; count += 1) {
      peer.send(new Uint8Array(1_000_000));
    }
    await timerIsSet(clock, 120_000);
    await new Promise<void>((resolve) => rawSocket(peer).once("close", resolve).resetAndDestroy());
    clock.advance(120_000);
    for (let turn = 0; turn < 500 && openSockets().length > before.length + 1; turn += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    clock.advance(10_000);
    expect((await connection.closed).code).to.equal(Code.UNAVAILABLE);
  });

  it("gives a consumer 10 s from the end on to take what arrived, and then drops it", async () => {
    const { connection, peer } = await connect();
    peer.send(Uint8Array.of(1));
    await timerIsSet(clock, 120_000);
    rawSocket(peer).resetAndDestroy();
    await nothingLeft([...before, "the server"]);
    const ended = settled(connection.closed);
    clock.advance(9999);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(ended()).to.equal(false);
    clock.advance(1);
    expect((await connection.closed).code).to.equal(Code.UNAVAILABLE);
    connection.receive({ message: () => expect.fail("delivered after the end") });
    await new Promise<void>((resolve) => setImmediate(resolve));
  });

  it("escapes what could forge a log line in the reason of a peer", async () => {
    const { connection, peer } = await connect();
    peer.close(4007, "\u009b2J\u2028crossbus: fine\u007f\u202e\n");
    expect((await connection.closed).message).to.equal("\\u009b2J\\u2028crossbus: fine\\u007f\\u202e\\u000a");
  });

  it("closes with INTERNAL when the consumer throws, and delivers nothing more", async () => {
    const { connection, peer } = await connect();
    let count = 0;
    const fail = (): void => {
      count += 1;
      throw new Error("a bug");
    };
    const { logged } = await withoutConsole(async () => {
      connection.receive({ message: fail, text: fail });
      peer.send(new Uint8Array(1));
      peer.send("text");
      const [code, reason] = await once(peer, "close");
      expect(code).to.equal(4013);
      expect(String(reason)).to.not.include("a bug");
    });
    expect((await connection.closed).code).to.equal(Code.INTERNAL);
    expect(count).to.equal(1);
    expect(logged).to.have.length(1);
    expect(logged[0]).to.include("a bug");
  });

  it("notices the end before receive() was called", async () => {
    const { connection, peer } = await connect();
    peer.close(1001);
    expect((await connection.closed).code).to.equal(Code.UNAVAILABLE);
  });
});

/** The network socket below a WebSocket of `ws`, to break it. */
function rawSocket(peer: RawWebSocket): Socket {
  const socket: unknown = Reflect.get(peer, "_socket");
  return socket as Socket;
}

/** Ends what a peer sends, without a close, and doesn't read what it is sent. */
function halfClose(peer: RawWebSocket): void {
  const socket = rawSocket(peer);
  socket.pause().removeAllListeners("data");
  socket.end();
}

describe("a WebSocket connection of a browser", () => {
  let clock: VirtualClock;
  beforeEach(() => {
    clock = new VirtualClock();
  });

  async function connect(maxMessageBytes = 100): Promise<readonly [Connection, FakeBrowserWebSocket]> {
    const transport = new WebSocketTransport({
      url: "ws://localhost/ws",
      webSocket: FakeBrowserWebSocket,
      maxMessageBytes,
      clock,
    });
    const attempt = transport.connect();
    const socket = FakeBrowserWebSocket.last;
    socket.opened();
    return [await attempt, socket];
  }

  it("is asked for array buffers, and gets no third argument", async () => {
    const [, socket] = await connect();
    expect(socket.binaryType).to.equal("arraybuffer");
    expect(socket.argumentCount).to.equal(2);
    expect(clock.pending).to.equal(0);
  });

  it("counts as handed over what the socket no longer buffers, and asks it only meanwhile", async () => {
    const [connection, socket] = await connect();
    connection.send(new Uint8Array(60));
    connection.send(new Uint8Array(40));
    expect(connection.bufferedAmount).to.equal(100);
    expect(clock.pending).to.equal(1);
    let isDrained = false;
    const drained = connection.drained(40).then(() => {
      isDrained = true;
    });
    clock.advance(1000);
    await Promise.resolve();
    expect(isDrained).to.equal(false);
    socket.bufferedAmount = 40;
    clock.advance(1000);
    await drained;
    expect(connection.bufferedAmount).to.equal(40);
    socket.bufferedAmount = 0;
    clock.advance(1000);
    expect(clock.pending).to.equal(0);
    expect(connection.bufferedAmount).to.equal(0);
  });

  it("tells what was buffered when the connection broke", async () => {
    const [connection, socket] = await connect();
    const lost: number[] = [];
    connection.receive({ message: () => {}, undelivered: (bytes) => lost.push(bytes.length) });
    for (const size of [10, 20, 30]) {
      connection.send(new Uint8Array(size));
    }
    socket.bufferedAmount = 45;
    socket.closed(1006);
    expect((await connection.closed).code).to.equal(Code.UNAVAILABLE);
    expect(lost).to.deep.equal([20, 30]);
    expect(clock.pending).to.equal(0);
  });

  it("checks the size of what arrives itself", async () => {
    const [connection, socket] = await connect();
    connection.receive({ message: () => expect.fail("delivered") });
    socket.arrives(new ArrayBuffer(101));
    expect(socket.closedWith).to.deep.include({ code: 4008 });
    socket.arrives(new ArrayBuffer(1));
    socket.closed(4008);
    expect((await connection.closed).code).to.equal(Code.RESOURCE_EXHAUSTED);
  });

  it("keeps the order of what arrives right after resume()", async () => {
    const [connection, socket] = await connect();
    const got: number[] = [];
    connection.receive({ message: (bytes) => got.push(bytes.length) });
    connection.pause();
    socket.arrives(new ArrayBuffer(1));
    connection.resume();
    socket.arrives(new ArrayBuffer(2));
    socket.closed(1000);
    expect((await connection.closed).code).to.equal(Code.OK);
    expect(got).to.deep.equal([1, 2]);
  });

  it("lets everyone go who waits for drained() at the end, whatever the amount", async () => {
    const [connection, socket] = await connect();
    const drained = connection.drained(-1);
    socket.closed(1000);
    await drained;
    await connection.drained(-1);
  });

  it("leaves no listener on the signal of an attempt that succeeded", async () => {
    const { signal } = new AbortController();
    const transport = new WebSocketTransport({ url: "ws://localhost/ws", webSocket: FakeBrowserWebSocket, clock });
    const attempt = transport.connect({ signal });
    expect(getEventListeners(signal, "abort")).to.have.length(1);
    FakeBrowserWebSocket.last.opened();
    await attempt;
    expect(getEventListeners(signal, "abort")).to.have.length(0);
  });

  it("keeps a bounded amount while paused, and closes with RESOURCE_EXHAUSTED beyond", async () => {
    const [connection, socket] = await connect(1000);
    connection.receive({ message: () => expect.fail("delivered") });
    connection.pause();
    for (let count = 0; count < 15; count += 1) {
      socket.arrives(new ArrayBuffer(1000));
    }
    expect(socket.closedWith).to.equal(undefined);
    socket.arrives(new ArrayBuffer(1000));
    expect(socket.closedWith).to.deep.include({ code: 4008 });
    socket.closed(4008);
    await connection.closed;
  });

  it("bounds messages without bytes too", async () => {
    const [connection, socket] = await connect(1000);
    connection.pause();
    for (let count = 0; count < 300; count += 1) {
      socket.arrives(new ArrayBuffer(0));
    }
    expect(socket.closedWith).to.deep.include({ code: 4008 });
    socket.closed(4008);
    await connection.closed;
  });

  it("doesn't wait for ever for a socket that is closing when something is sent", async () => {
    const [connection, socket] = await connect();
    socket.readyState = 2;
    thrown(() => connection.send(new Uint8Array(1)), Code.UNAVAILABLE);
    clock.advance(3000);
    expect((await connection.closed).code).to.equal(Code.UNAVAILABLE);
    expect(clock.pending).to.equal(0);
  });

  it("ends, and tells every lost message, though the consumer throws", async () => {
    const [connection, socket] = await connect();
    const lost: number[] = [];
    const { logged } = await withoutConsole(async () => {
      connection.receive({
        message: () => {},
        undelivered(bytes) {
          lost.push(bytes.length);
          throw new Error("a bug");
        },
      });
      connection.send(new Uint8Array(10));
      connection.send(new Uint8Array(20));
      socket.bufferedAmount = 30;
      socket.closed(1006);
      expect((await connection.closed).code).to.equal(Code.UNAVAILABLE);
    });
    expect(lost).to.deep.equal([10, 20]);
    expect(logged).to.have.length(1);
    expect(logged[0]).to.include("a bug");
  });

  it("ends though a consumer that comes after the end throws", async () => {
    const [connection, socket] = await connect();
    connection.send(new Uint8Array(10));
    socket.closed(1006);
    await connection.closed;
    const { logged } = await withoutConsole(async () => {
      const told = new Promise<void>((resolve) => {
        connection.receive({
          message: () => {},
          undelivered() {
            resolve();
            throw new Error("a bug");
          },
        });
      });
      await told;
      await new Promise<void>((resolve) => setImmediate(resolve));
    });
    expect(logged).to.have.length(1);
  });

  it("ends 10 s after a socket that broke, though it stays paused with messages to deliver", async () => {
    const [connection, socket] = await connect();
    connection.receive({ message: () => expect.fail("delivered") });
    connection.pause();
    socket.arrives(new ArrayBuffer(1));
    socket.closed(1006);
    const ended = settled(connection.closed);
    clock.advance(9999);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(ended()).to.equal(false);
    clock.advance(1);
    expect((await connection.closed).code).to.equal(Code.UNAVAILABLE);
    connection.resume();
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(clock.pending).to.equal(0);
  });

  it("leaves no timer when what arrived before the end is taken in time", async () => {
    const [connection, socket] = await connect();
    socket.arrives(new ArrayBuffer(1));
    socket.closed(1000);
    expect(clock.pending).to.equal(1);
    connection.receive({ message: () => {} });
    expect((await connection.closed).code).to.equal(Code.OK);
    expect(clock.pending).to.equal(0);
  });

  it("doesn't wait for ever for a peer that doesn't answer a close", async () => {
    const [connection, socket] = await connect();
    const closed = connection.close(status(Code.OK));
    expect(socket.closedWith).to.deep.equal({ code: 4000, reason: "" });
    clock.advance(3000);
    expect((await closed).code).to.equal(Code.OK);
    expect(clock.pending).to.equal(0);
  });

  it("rejects with UNAVAILABLE when it can't connect, for a browser doesn't tell why", async () => {
    const transport = new WebSocketTransport({
      url: "ws://localhost/ws",
      webSocket: FakeBrowserWebSocket,
      clock,
    });
    const attempt = transport.connect();
    FakeBrowserWebSocket.last.failed();
    const error = await rejection(attempt, Code.UNAVAILABLE);
    expect(error.message).to.include("ws://localhost/ws").and.include("origin").and.include("dialect");
    expect(clock.pending).to.equal(0);
  });

  it("rejects with FAILED_PRECONDITION when it connects without a subprotocol, as Firefox does", async () => {
    for (const [own, asked] of [
      [["bearer.secret"], []],
      [[], ["crossbus.v1"]],
    ] as const) {
      const transport = new WebSocketTransport({
        url: "ws://localhost/ws",
        webSocket: FakeBrowserWebSocket,
        protocols: own,
        clock,
      });
      const attempt = transport.connect({ protocols: asked });
      FakeBrowserWebSocket.last.opened();
      const error = await rejection(attempt, Code.FAILED_PRECONDITION);
      expect(error.message).to.include("ws://localhost/ws").and.include("subprotocol").and.not.include("secret");
      expect(FakeBrowserWebSocket.last.readyState).to.equal(2);
      expect(clock.pending).to.equal(0);
    }
  });

  it("is tried again, whatever a platform says of an error in its own words", async () => {
    const transport = new WebSocketTransport({ url: "ws://localhost/ws", webSocket: FakeBrowserWebSocket, clock });
    const attempt = transport.connect();
    FakeBrowserWebSocket.last.failed(new Error("failed to connect to WebSocket: Connection refused"));
    const error = await rejection(attempt, Code.UNAVAILABLE);
    expect(error.message).to.include("can't be reached").and.include("Connection refused");
  });

  describe("with what Bun's has beside", () => {
    class LikeBuns extends FakeBrowserWebSocket {
      terminate(): void {}
      ping(): void {}
    }

    it("refuses headers and certificates, which it wouldn't take as an argument", () => {
      const options = { url: "wss://localhost/ws", webSocket: LikeBuns };
      thrown(() => new WebSocketTransport({ ...options, headers: { authorization: "secret" } }), Code.INVALID_ARGUMENT);
      thrown(() => new WebSocketTransport({ ...options, tls: { ca: "pem" } }), Code.INVALID_ARGUMENT);
    });

    it("is asked what it has sent, for it doesn't call back", async () => {
      const transport = new WebSocketTransport({ url: "ws://localhost/ws", webSocket: LikeBuns, clock });
      const attempt = transport.connect();
      const socket = FakeBrowserWebSocket.last;
      socket.opened();
      const connection = await attempt;
      expect(socket.argumentCount).to.equal(2);
      connection.send(new Uint8Array(10));
      expect(connection.bufferedAmount).to.equal(10);
      socket.bufferedAmount = 0;
      expect(connection.bufferedAmount).to.equal(0);
    });
  });

  it("rejects with FAILED_PRECONDITION where a browser doesn't let the page connect there", async () => {
    class Forbidden extends FakeBrowserWebSocket {
      constructor() {
        super();
        throw new DOMException("An insecure WebSocket connection may not be initiated.", "SecurityError");
      }
    }
    const transport = new WebSocketTransport({ url: "ws://localhost/ws?token=secret", webSocket: Forbidden, clock });
    const error = await rejection(transport.connect(), Code.FAILED_PRECONDITION);
    expect(error.message).to.include("ws://localhost/ws").and.include("may not be initiated").and.include("use wss://");
    expect(error.message).to.not.include("secret");
    expect(clock.pending).to.equal(0);
  });

  it("closes a socket that opens after the attempt was given up", async () => {
    const controller = new AbortController();
    const transport = new WebSocketTransport({ url: "ws://localhost/ws", webSocket: FakeBrowserWebSocket, clock });
    const attempt = transport.connect({ signal: controller.signal });
    const socket = FakeBrowserWebSocket.last;
    controller.abort();
    await rejection(attempt, Code.CANCELLED);
    expect(socket.closedWith).to.not.equal(undefined);
  });
});
