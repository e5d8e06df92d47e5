import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect as connectTcp, type Socket } from "node:net";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { WebSocket as RawWebSocket, WebSocketServer } from "ws";
import { Code, status } from "../../src/base/status.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import type { Connection, Listener } from "../../src/transport/transport.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import {
  WebSocketServerTransport,
  type WebSocketServerTransportOptions,
} from "../../src/transport/websocket-server-node.js";
import { openSockets } from "../support/open-node.js";
import { nothingLeft, rejection, thrown, timerIsSet, withoutConsole } from "./helpers.js";

describe("the options of a WebSocket listener", () => {
  for (const [what, options, name] of [
    ["neither port nor server", {}, "port"],
    ["both port and server", { port: 0, server: createServer() }, "port"],
    ["a server of Bun's or Deno's own", { server: { port: 80, stop() {} } as never }, "server"],
    ["both host and server", { host: "::1", server: createServer() }, "host"],
    ["a negative port", { port: -1 }, "port"],
    ["a port over 65535", { port: 65_536 }, "port"],
    ["half a port", { port: 80.5 }, "port"],
    ["no number for a port", { port: Number.NaN }, "port"],
    ["an empty host", { port: 0, host: "" }, "host"],
    ["a path that doesn't start with /", { port: 0, path: "ws" }, "path"],
    ["a path with a query", { port: 0, path: "/ws?x=1" }, "path"],
    ["an empty path", { port: 0, path: "" }, "path"],
    ["a limit of 0 bytes", { port: 0, maxMessageBytes: 0 }, "maxMessageBytes"],
    ["a time of 0 ms", { port: 0, handshakeTimeoutMs: 0 }, "handshakeTimeoutMs"],
  ] as const) {
    it(`refuses ${what}, and names ${name}`, () => {
      const error = thrown(() => new WebSocketServerTransport(options), Code.INVALID_ARGUMENT);
      expect(error.message.startsWith(`${name}: `)).to.equal(true);
      expect(error.details).to.deep.include({ type: "badRequest", field: name });
    });
  }
});

describe("a WebSocket listener", () => {
  let before: readonly string[] = [];
  let clock: VirtualClock;
  let listeners: Listener[] = [];
  let servers: Server[] = [];
  let accepted: Connection[] = [];

  beforeEach(() => {
    before = openSockets();
    clock = new VirtualClock();
    [listeners, servers, accepted] = [[], [], []];
  });
  afterEach(async () => {
    await Promise.all(accepted.map((connection) => connection.close(status(Code.OK))));
    await Promise.all(listeners.map((listener) => listener.close()));
    for (const server of servers) {
      server.close();
    }
    await nothingLeft(before);
    expect(clock.pending).to.equal(0);
  });

  async function listen(options: WebSocketServerTransportOptions = { port: 0 }): Promise<Listener> {
    const listener = await new WebSocketServerTransport({ clock, ...options }).listen((connection) => {
      accepted.push(connection);
    });
    listeners.push(listener);
    return listener;
  }

  async function serve(): Promise<readonly [Server, string]> {
    const server = createServer((_, response) => response.end("the application"));
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return [server, `127.0.0.1:${(server.address() as AddressInfo).port}`];
  }

  function connect(url: string): Promise<Connection> {
    return new WebSocketTransport({ url, clock }).connect();
  }

  /** Connects, and checks that a message comes back. */
  async function roundTrip(url: string): Promise<void> {
    const count = accepted.length;
    const connection = await connect(url);
    const answered = new Promise<void>((resolve) => connection.receive({ message: () => resolve() }));
    expect(accepted).to.have.length(count + 1);
    const server = accepted[count];
    server?.receive({ message: (bytes) => server.send(bytes) });
    connection.send(Uint8Array.of(1));
    await answered;
    await connection.close(status(Code.OK));
  }

  async function get(url: string, headers: Record<string, string> = {}): Promise<readonly [number, string]> {
    return new Promise((resolve, reject) => {
      const asked = request(url.replace("ws:", "http:"), { headers, agent: false }, (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += String(chunk);
        });
        response.on("end", () => resolve([response.statusCode ?? 0, body]));
      });
      asked.on("error", reject).end();
    });
  }

  function tcp(url: string): Socket {
    const { hostname, port } = new URL(url);
    return connectTcp(Number(port), hostname).on("error", () => {});
  }

  const upgrade = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "sec-websocket-version": "13",
  };

  it("listens at the loopback address and /ws unless told otherwise, and says so", async () => {
    const { address } = await listen();
    expect(address).to.match(/^ws:\/\/127\.0\.0\.1:[1-9]\d*\/ws$/);
    await roundTrip(address);
    await roundTrip(`${address}?some=query`);
  });

  it("puts brackets around IPv6 addresses, and shows loopback for all addresses", async () => {
    const { address } = await listen({ port: 0, host: "::1", path: "/" });
    expect(address).to.match(/^ws:\/\/\[::1\]:\d+\/$/);
    await roundTrip(address);
    expect(accepted[0]?.peer.address).to.match(/^\[::1\]:\d+$/);
    expect((await listen({ port: 0, host: "0.0.0.0" })).address).to.match(/^ws:\/\/127\.0\.0\.1:/);
  });

  it("rejects with ALREADY_EXISTS, naming the address, when the port is taken", async () => {
    const { address } = await listen();
    const port = Number(new URL(address).port);
    const error = await rejection(listen({ port }), Code.ALREADY_EXISTS);
    expect(error.message).to.include(address);
  });

  it("rejects with UNAVAILABLE when the host isn't this machine's", async () => {
    const error = await rejection(listen({ port: 0, host: "192.0.2.1" }), Code.UNAVAILABLE);
    expect(error.message).to.include("192.0.2.1");
  });

  it("frees its port when it closes, also while its connections live on", async () => {
    const listener = await listen();
    await connect(listener.address);
    await listener.close();
    const again = await listen({ port: Number(new URL(listener.address).port) });
    expect(again.address).to.equal(listener.address);
    await roundTrip(again.address);
  });

  it("ends clients that are not WebSockets yet when it closes", async () => {
    const listener = await listen();
    const socket = tcp(listener.address);
    await once(socket, "connect");
    socket.write("GET /ws HTTP/1.1\r\n");
    await get(listener.address);
    const ended = once(socket, "close");
    await listener.close();
    await ended;
  });

  it("knows a peer by its address and its headers", async () => {
    const { address } = await listen();
    const client = await new WebSocketTransport({ url: address, clock, headers: { "X-Name": "v" } }).connect();
    const { peer } = accepted[0] as Connection;
    expect(peer.address).to.match(/^127\.0\.0\.1:\d+$/);
    expect(peer.encrypted).to.equal(false);
    expect(peer.metadata.get("x-name")).to.equal("v");
    expect(peer.metadata.get("upgrade")).to.equal("websocket");
    await client.close(status(Code.OK));
  });

  it("answers a plain HTTP request with 426", async () => {
    const { address } = await listen();
    expect((await get(address))[0]).to.equal(426);
    await roundTrip(address);
  });

  it("answers an upgrade at another path with 404", async () => {
    const { address } = await listen();
    const error = await rejection(connect(address.replace(/\/ws$/, "/other")), Code.FAILED_PRECONDITION);
    expect(error.message).to.include("404");
    expect(accepted).to.deep.equal([]);
  });

  it("answers malformed upgrades with 400 and goes on", async () => {
    const { address } = await listen();
    for (const wrong of [{ "sec-websocket-key": "short" }, { "sec-websocket-version": "7" }, { upgrade: "h2c" }]) {
      expect((await get(address, { ...upgrade, ...wrong }))[0]).to.equal(400);
    }
    await roundTrip(address);
  });

  it("survives clients that send garbage, leave at once, or leave in the middle of the handshake", async () => {
    const { address } = await listen();
    for (const bytes of [[0xff, 0x00, 0x16, 0x03], [..."GET / HTTP/9\r\n\r\n"].map((c) => c.charCodeAt(0))]) {
      const socket = tcp(address);
      socket.resume().write(Uint8Array.from(bytes));
      await once(socket, "close");
    }
    const leaving = tcp(address);
    await once(leaving, "connect");
    leaving.write("GET /ws HTTP/1.1\r\nupgrade: websocket\r\n");
    leaving.resetAndDestroy();
    await once(leaving, "close");
    await roundTrip(address);
  });

  it("ends a client that takes too long to become a WebSocket, and no other", async () => {
    const { address } = await listen({ port: 0, handshakeTimeoutMs: 2000 });
    const connection = await connect(address);
    const silent = tcp(address);
    const slow = tcp(address);
    await Promise.all([once(silent, "connect"), once(slow, "connect")]);
    slow.write("GET /ws HTTP/1.1\r\n");
    await get(address);
    const ended = Promise.all([once(silent, "close"), once(slow, "close")]);
    clock.advance(2000);
    await ended;
    const got = new Promise<void>((resolve) => connection.receive({ message: () => resolve() }));
    accepted[0]?.send(Uint8Array.of(1));
    await got;
    await connection.close(status(Code.OK));
  });

  it("selects no subprotocol, and echoes none that is offered", async () => {
    const { address } = await listen();
    const answer = await new Promise<Record<string, unknown>>((resolve) => {
      const offered = { ...upgrade, "sec-websocket-protocol": "secret-token, other" };
      const asked = request(address.replace("ws:", "http:"), { headers: offered, agent: false });
      asked.on("upgrade", (response, socket) => {
        socket.destroy();
        resolve(response.headers);
      });
      asked.end();
    });
    expect(answer).to.include({ upgrade: "websocket" });
    expect(answer).to.not.have.any.keys("sec-websocket-protocol", "sec-websocket-extensions");
    expect(accepted[0]?.protocol).to.equal("");
  });

  it("agrees on no compression with a client that offers it", async () => {
    const { address } = await listen();
    const client = new RawWebSocket(address, { perMessageDeflate: true });
    await once(client, "open");
    expect(client.extensions).to.equal("");
    client.terminate();
    await once(client, "close");
  });

  it("closes with 1009 on a message over its limit, while other connections go on", async () => {
    const { address } = await listen({ port: 0, maxMessageBytes: 10 });
    const bad = new RawWebSocket(address);
    await once(bad, "open");
    bad.send(new Uint8Array(11));
    expect((await once(bad, "close"))[0]).to.equal(1009);
    expect((await accepted[0]?.closed)?.code).to.equal(Code.RESOURCE_EXHAUSTED);
    await roundTrip(address);
  });

  it("refuses a text message with a status, and the client gets to know it", async () => {
    const { address } = await listen();
    const client = new RawWebSocket(address);
    await once(client, "open");
    accepted[0]?.receive({ message: () => expect.fail("delivered") });
    client.send("text");
    const [code, reason] = await once(client, "close");
    expect(code).to.equal(4003);
    expect(String(reason)).to.include("text");
  });

  it("cuts a connection 3 s after its client's end when the client doesn't read, and tells what was lost", async () => {
    const { address } = await listen();
    const client = new RawWebSocket(address);
    const upgraded = once(client, "upgrade");
    await once(client, "open");
    const { socket } = (await upgraded)[0];
    socket.pause().removeAllListeners("data");
    const connection = accepted[0] as Connection;
    const lost: Uint8Array[] = [];
    connection.receive({ message: () => {}, undelivered: (bytes) => lost.push(bytes) });
    const large = new Uint8Array(64 * 1024 * 1024);
    connection.send(large);
    socket.end();
    await timerIsSet(clock, 3000);
    clock.advance(3000);
    expect((await connection.closed).code).to.equal(Code.UNAVAILABLE);
    expect(lost).to.deep.equal([large]);
    client.terminate();
    await once(client, "close");
  });

  it("has the operating system ask after a client that is silent for 30 s", async () => {
    const [server] = await serve();
    const asked: unknown[][] = [];
    server.on("connection", (socket) => {
      const { setKeepAlive } = socket;
      socket.setKeepAlive = (...args) => {
        asked.push(args);
        return setKeepAlive.apply(socket, args);
      };
    });
    await roundTrip((await listen({ server })).address);
    expect(asked).to.deep.equal([[true, 30_000]]);
  });

  for (const [how, fail] of [
    ["throws", () => expect.fail("a bug")],
    ["rejects", () => Promise.reject(new Error("a bug"))],
  ] as const) {
    it(`closes a connection with INTERNAL whose accept() ${how}, and accepts others`, async () => {
      let failing = true;
      const { logged } = await withoutConsole(async () => {
        const listener = await new WebSocketServerTransport({ port: 0, clock }).listen((connection) => {
          accepted.push(connection);
          return failing ? fail() : undefined;
        });
        listeners.push(listener);
        const refused = await connect(listener.address);
        const seen = await refused.closed;
        expect(seen.code).to.equal(Code.INTERNAL);
        expect(seen.message).to.not.include("a bug");
        failing = false;
        await roundTrip(listener.address);
      });
      expect(logged).to.have.length(1);
      expect(logged[0]).to.include("a bug");
    });
  }

  it("hands over bytes that are no Buffer", async () => {
    const { address } = await listen();
    const client = await connect(address);
    const got = new Promise<Uint8Array>((resolve) => accepted[0]?.receive({ message: resolve }));
    client.send(Buffer.from("small"));
    expect((await got).constructor).to.equal(Uint8Array);
    await client.close(status(Code.OK));
  });

  describe("attached to a server", () => {
    it("shares it with the application, and leaves it open when it closes", async () => {
      const [server, host] = await serve();
      const listener = await listen({ server, path: "/bus" });
      expect(listener.address).to.equal(`ws://${host}/bus`);
      await roundTrip(listener.address);
      expect(await get(`ws://${host}/`)).to.deep.equal([200, "the application"]);
      await listener.close();
      expect(server.listening).to.equal(true);
      expect(server.listenerCount("upgrade")).to.equal(0);
      expect(server.emit).to.equal(createServer().emit);
      expect(await get(`ws://${host}/bus`)).to.deep.equal([200, "the application"]);
    });

    it("leaves upgrades at other paths to the server's other listeners", async () => {
      const [server, host] = await serve();
      const { address } = await listen({ server });
      server.on("upgrade", (incoming, socket) => {
        if (incoming.url === "/theirs") {
          socket.end("HTTP/1.1 418 Theirs\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        }
      });
      expect((await get(`ws://${host}/theirs`, upgrade))[0]).to.equal(418);
      await roundTrip(address);
    });

    it("answers upgrades at other paths with 404 when nobody else does", async () => {
      const [server, host] = await serve();
      await listen({ server, path: "/one" });
      await listen({ server, path: "/two" });
      expect((await get(`ws://${host}/three`, upgrade))[0]).to.equal(404);
    });

    for (const path of ["/theirs", undefined]) {
      const what = path === undefined ? "all upgrades" : "those that aren't for its path";
      for (const [when, isFirst] of [
        ["before", true],
        ["after", false],
      ] as const) {
        it(`gets its upgrades beside another who answers ${what}, and came ${when} it`, async () => {
          const [server, host] = await serve();
          const theirs = () => {
            const others = new WebSocketServer({ server, ...(path === undefined ? {} : { path }) });
            others.on("connection", (socket) => socket.send("theirs"));
          };
          if (isFirst) {
            theirs();
          }
          const { address } = await listen({ server });
          if (!isFirst) {
            theirs();
          }
          await roundTrip(address);
          const other = new RawWebSocket(`ws://${host}/theirs`);
          const [data] = await once(other, "message");
          expect(String(data)).to.equal("theirs");
          other.terminate();
          await once(other, "close");
        });
      }
    }

    it("leaves what others have put around the server's events as it is, whoever goes first", async () => {
      const [server, host] = await serve();
      const one = await listen({ server, path: "/one" });
      const heard: string[] = [];
      const below = server.emit as (event: string, ...args: unknown[]) => boolean;
      server.emit = (event: string, ...args: unknown[]) => {
        heard.push(event);
        return below.call(server, event, ...args);
      };
      await one.close();
      const around = server.emit;
      const two = await listen({ server, path: "/two" });
      expect(server.emit).to.equal(around);
      await roundTrip(two.address);
      expect(await get(`ws://${host}/`)).to.deep.equal([200, "the application"]);
      expect(heard).to.include.members(["upgrade", "request"]);
      await two.close();
      await rejection(connect(two.address), Code.FAILED_PRECONDITION);
    });

    it("shares the server with others of its kind at other paths", async () => {
      const [server] = await serve();
      const one = await listen({ server, path: "/one" });
      const two = await listen({ server, path: "/two" });
      await one.close();
      await one.close();
      await roundTrip(two.address);
      await rejection(connect(one.address), Code.FAILED_PRECONDITION);
    });

    it("rejects with ALREADY_EXISTS when the path is taken", async () => {
      const [server] = await serve();
      await listen({ server });
      const error = await rejection(listen({ server }), Code.ALREADY_EXISTS);
      expect(error.message).to.include("/ws");
    });

    it("rejects with FAILED_PRECONDITION when the server isn't listening", async () => {
      await rejection(listen({ server: createServer() }), Code.FAILED_PRECONDITION);
    });
  });
});
