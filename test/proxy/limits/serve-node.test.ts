import { createServer } from "node:http";
import { type AddressInfo, connect as connectTcp, type Socket } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { expect } from "chai";
import { WebSocket } from "ws";
import { BusMessageSchema, TaskRequestSchema } from "../../../gen/crossbus/v1/message_pb.js";
import { deferred } from "../../../src/base/deferred.js";
import type { LimitName } from "../../../src/base/over-limit.js";
import { Code, type Status, status } from "../../../src/base/status.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import type { LinkConsumer } from "../../../src/link/link.js";
import { busMessage } from "../../../src/message/build.js";
import { bodyTraits } from "../../../src/message/case-traits.js";
import { MAX_LEVELS } from "../../../src/message/check-value.js";
import { newList, newValue } from "../../../src/message/new-value.js";
import { connect } from "../../../src/proxy/connect.js";
import type { ServerLimits } from "../../../src/proxy/limits/server-limits.js";
import { type ServeOptions, type Server, serve } from "../../../src/proxy/serve.js";
import type { Session } from "../../../src/proxy/session.js";
import { listen } from "../../../src/proxy/websocket-listen-node.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../../src/transport/memory.js";
import { WebSocketTransport } from "../../../src/transport/websocket.js";
import { expectRejected } from "../../support/expect-status.js";
import { until } from "../../support/idle.js";
import { RawPeer } from "../../support/raw-peer.js";
import { useRecordingLogger } from "../../support/recording-logger.js";
import { unlimited } from "../../support/unlimited.js";

const request = (payload: object = {}) =>
  busMessage("taskRequest", { taskId: "t", payload: payload as never }, { source: "a", target: "b" });

/** Takes messages, and decodes each, as a proxy does that lets it across. */
function taker(arrived: string[] = [], invalid: string[] = []): LinkConsumer {
  return {
    pythonTypes: new Set(),
    message: (incoming) => {
      const message = incoming.decode();
      if (message !== undefined) {
        arrived.push(message.body.case ?? "");
      }
    },
    invalid: (reason) => invalid.push(reason),
    undelivered() {},
  };
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** Those limits that were reached, and how often. */
function reachedBy(server: Server): Partial<Record<LimitName, number>> {
  return Object.fromEntries(Object.entries(server.stats.reached).filter(([, count]) => count > 0));
}

describe("the limits of a server in memory", () => {
  const logger = useRecordingLogger();

  async function serving(limits: ServerLimits | undefined, options: Partial<ServeOptions> = {}) {
    const clock = new VirtualClock(1_000_000);
    const memory = new MemoryTransport({ clock });
    const sessions: Session[] = [];
    const ended: Status[] = [];
    const arrived: string[] = [];
    const server = await serve(
      memory,
      async (session) => {
        sessions.push(session);
        session.link.receive(taker(arrived));
        ended.push(await session.closed);
      },
      { clock, logger, ...(limits === undefined ? {} : { limits }), ...options },
    );
    const client = async () => {
      const session = await connect(memory, { clock, dialect: options.dialect });
      session.link.receive(taker());
      return session;
    };
    const raw = async () => new RawPeer(await memory.connect({ protocols: ["crossbus.v1"] }));
    const pass = (ms = 0) => clock.advanceAsync(ms);
    const close = async () => {
      const closing = server.close();
      await pass(20_000);
      await closing;
    };
    return { clock, memory, server, sessions, ended, arrived, client, raw, pass, close };
  }

  it("are reached by nobody who is honest", async () => {
    for (const dialect of [undefined, "protobuf"] as const) {
      const { server, client, arrived, pass, close } = await serving(undefined, { dialect });
      const session = await client();
      await pass();
      for (let i = 0; i < 200; i++) {
        session.link.send(request({ i }));
        await pass(20);
      }
      expect(arrived.length).to.equal(200);
      expect(server.stats.pending).to.equal(0);
      expect(server.stats.sessions).to.equal(1);
      expect(reachedBy(server)).to.deep.equal({});
      expect(logger.take("warn")).to.deep.equal([]);
      await close();
    }
  });

  it("count who hasn't shaken hands, and close whoever is too many, for as long as it is", async () => {
    const { server, raw, pass, close } = await serving({ maxPending: 2 });
    const peers = [await raw(), await raw()];
    await pass();
    await expectRejected(Code.UNAVAILABLE, raw());
    expect(server.stats.pending).to.equal(2);
    peers[0]?.hello();
    await pass();
    expect(server.stats).to.deep.include({ pending: 1, sessions: 1 });
    const next = await raw();
    next.hello();
    await pass();
    expect(next.welcome?.version).to.equal(1);
    expect(reachedBy(server)).to.deep.equal({ maxPending: 1 });
    await close();
  });

  it("count who is too slow to shake hands", async () => {
    const { server, raw, pass, close } = await serving(undefined);
    const peer = await raw();
    await pass(10_000);
    expect(peer.closedWith?.code).to.equal(Code.DEADLINE_EXCEEDED);
    expect(server.stats.pending).to.equal(0);
    expect(reachedBy(server)).to.deep.equal({ handshakeTimeoutMs: 1 });
    await close();
  });

  it("refuse the sessions of a principal beyond so many, until one of them is over", async () => {
    let name = "ann";
    const { server, client, ended, pass, close } = await serving(
      { maxSessionsPerPrincipal: 2 },
      { authenticate: () => ({ name }) },
    );
    const first = await client();
    await client();
    await expectRejected(Code.RESOURCE_EXHAUSTED, client());
    name = "bob";
    await client();
    name = "ann";
    await expectRejected(Code.RESOURCE_EXHAUSTED, client());
    await first.close();
    await pass();
    await client();
    expect(reachedBy(server)).to.deep.equal({ maxSessionsPerPrincipal: 2 });
    expect(ended.length).to.equal(1);
    expect(server.stats.sessions).to.equal(3);
    expect(logger.take("warn").map(({ fields }) => fields["limit"])).to.deep.equal(["maxSessionsPerPrincipal"]);
    await close();
  });

  it("count a session that is suspended, and let its client go on with it", async () => {
    const clock = new VirtualClock();
    const memory = new MemoryTransport({ clock });
    const server = await serve(memory, async (session) => void (await session.closed), {
      clock,
      logger,
      limits: { maxSessionsPerPrincipal: 1 },
      authenticate: () => ({ name: "ann" }),
      graceMs: 5_000,
    });
    const raw = async () => new RawPeer(await memory.connect({ protocols: ["crossbus.v1"] }));
    const first = await raw();
    first.hello();
    await clock.advanceAsync(0);
    const { sessionId, secret, epoch } = first.welcome ?? expect.fail("no welcome");
    void first.connection.close(status(Code.UNAVAILABLE));
    await clock.advanceAsync(0);
    const second = await raw();
    second.hello();
    await clock.advanceAsync(0);
    expect(second.goaway?.code).to.equal(Code.RESOURCE_EXHAUSTED);
    const back = await raw();
    back.hello({ resume: { sessionId, secret, serverEpoch: epoch, attempt: 1 } as never });
    await clock.advanceAsync(0);
    expect(back.welcome?.resumed).to.equal(true);
    const closing = server.close();
    await clock.advanceAsync(20_000);
    await closing;
  });

  for (const dialect of [undefined, "protobuf"] as const) {
    const kind = dialect === undefined ? "a resumable link" : "a plain link";

    it(`slow down a client that sends too much over ${kind}, and lose nothing`, async () => {
      const limits = { ...unlimited, messagesPerSecond: 100 };
      const { server, client, arrived, pass, close } = await serving(limits, { dialect });
      const session = await client();
      await pass();
      for (let i = 0; i < 1_000; i++) {
        session.link.send(request());
      }
      await pass();
      expect(arrived.length).to.be.within(100, 500);
      await pass(10_000);
      expect(arrived.length).to.equal(1_000);
      expect(session.status).to.equal(undefined);
      expect(server.stats.reached.messagesPerSecond).to.be.greaterThan(0);
      expect(logger.take("warn").map(({ fields }) => fields["limit"])).to.deep.equal(["messagesPerSecond"]);
      await close();
    });

    it(`give a client that connects again and again over ${kind} no more than one that stays`, async () => {
      let name = "ann";
      const limits = { ...unlimited, messagesPerSecond: 100 };
      const options = { dialect, authenticate: () => ({ name }), graceMs: 1 };
      const { clock, server, memory, raw, arrived, pass, close } = await serving(limits, options);
      const message = protobufCodec.encode(request());
      /** Connects, sends, and is gone: gives how much of that arrived at once. */
      const flood = async () => {
        const before = arrived.length;
        const peer = dialect === undefined ? await raw() : new RawPeer(await memory.connect());
        if (dialect === undefined) {
          peer.hello();
        }
        await pass();
        for (let i = 1; i <= 200; i++) {
          const head = dialect === undefined ? [bodyTraits.taskRequest.system ? 0x87 : 0x83, ...varint(i)] : [];
          peer.send(...head, ...message);
        }
        await pass();
        const atOnce = arrived.length - before;
        void peer.connection.close(status(Code.UNAVAILABLE));
        while (server.stats.sessions > 0) {
          await pass(10);
        }
        return atOnce;
      };
      const since = clock.now();
      expect([await flood(), await flood()]).to.deep.equal([200, 200]);
      for (let i = 0; i < 10; i++) {
        await flood();
      }
      // Four seconds' worth, what has become due since, and what comes before reading stops.
      expect(arrived.length).to.be.within(2_000, 400 + (clock.now() - since) / 10 + 20);
      expect(server.stats.reached.messagesPerSecond).to.be.greaterThan(1);
      name = "bob";
      expect(await flood()).to.equal(200);
      logger.take("warn");
      await close();
    });

    it(`slow down a client that sends few bytes over ${kind} that take long to read`, async () => {
      const limits = { ...unlimited, bytesPerSecond: 100_000 };
      const { server, client, arrived, pass, close } = await serving(limits, { dialect });
      const session = await client();
      await pass();
      const values = Array.from({ length: 1_000 }, () => []);
      for (let i = 0; i < 40; i++) {
        session.link.send(request({ values }));
      }
      await pass();
      // 160 kB of bytes, which may come at once; but the elements of each of the 40 count as 128 kB.
      expect(arrived.length).to.be.within(2, 8);
      await pass(20_000);
      expect(arrived.length).to.be.within(15, 25);
      await pass(40_000);
      expect(arrived.length).to.equal(40);
      expect(session.status).to.equal(undefined);
      expect(server.stats.reached.bytesPerSecond).to.be.greaterThan(0);
      logger.take("warn");
      await close();
    });

    it(`end a session over ${kind} whose message has too many elements`, async () => {
      const { server, client, ended, arrived, pass, close } = await serving({ maxElements: 100 }, { dialect });
      const session = await client();
      await pass();
      session.link.send(request({ values: Array.from({ length: 50 }, () => null) }));
      await pass(100);
      expect(arrived.length).to.equal(1);
      session.link.send(request({ values: Array.from({ length: 100 }, () => null) }));
      await pass(5_000);
      expect(ended.map(({ code }) => code)).to.deep.equal([Code.RESOURCE_EXHAUSTED]);
      expect((await session.closed).code).to.equal(Code.RESOURCE_EXHAUSTED);
      expect(reachedBy(server)).to.deep.equal({ maxElements: 1 });
      logger.take("warn");
      await close();
    });

    it(`end a session over ${kind} that nobody uses`, async () => {
      const { server, client, ended, pass, close } = await serving({ idleMs: 60_000 }, { dialect });
      const session = await client();
      await pass(59_000);
      session.link.send(request());
      await pass(59_000);
      expect(ended).to.deep.equal([]);
      await pass(20_000);
      expect(ended.map(({ code }) => code)).to.deep.equal([Code.DEADLINE_EXCEEDED]);
      expect((await session.closed).code).to.equal(Code.DEADLINE_EXCEEDED);
      expect(reachedBy(server)).to.deep.equal({ idleMs: 1 });
      logger.take("warn");
      await close();
    });

    it(`count messages over ${kind} that are too large, or nest too deep`, async () => {
      const { server, memory, pass, close } = await serving(undefined, { dialect });
      /** Sends the bytes of a message, or of a resumable link the first frame that says how many there are. */
      const send = async (bytes: Uint8Array) => {
        const protocols = dialect === undefined ? ["crossbus.v1"] : [];
        const peer = new RawPeer(await memory.connect({ protocols }));
        if (dialect === undefined) {
          peer.hello();
          await pass();
          const isLong = bytes.length > 65_000;
          const header = isLong ? [0x82, 1, ...varint(bytes.length)] : [bodyTraits.taskRequest.system ? 0x87 : 0x83, 1];
          peer.connection.send(Uint8Array.from([...header, ...bytes.subarray(0, isLong ? 1 : undefined)]));
        } else {
          peer.connection.send(bytes);
        }
        await pass(5_000);
        return peer.goaway ?? peer.closedWith;
      };
      let deep = newValue({ case: "nullValue", value: 0 });
      for (let level = 0; level < MAX_LEVELS; level++) {
        deep = newValue({ case: "listValue", value: newList([deep]) });
      }
      const message = request();
      message.body.value = create(TaskRequestSchema, {
        taskId: "t",
        payload: deep,
      }) as never;
      expect((await send(new Uint8Array(1_048_577)))?.code).to.equal(Code.RESOURCE_EXHAUSTED);
      expect((await send(toBinary(BusMessageSchema, message)))?.code).to.equal(Code.INVALID_ARGUMENT);
      expect(reachedBy(server)).to.deep.equal({ maxMessageBytes: 1, maxLevels: 1 });
      logger.take("warn");
      await close();
    });
  }

  it("charge the next connection for what was read while there was none", async () => {
    const { server, memory, sessions, pass, close } = await serving({ ...unlimited, bytesPerSecond: 10_000 });
    const raw = async () => new RawPeer(await memory.connect({ protocols: ["crossbus.v1"] }));
    const first = await raw();
    first.hello();
    await pass();
    const { sessionId, secret, epoch } = first.welcome ?? expect.fail("no welcome");
    const link = sessions[0]?.link ?? expect.fail("no session");
    link.pause();
    const bytes = protobufCodec.encode(request({ values: Array.from({ length: 1_000 }, () => []) }));
    first.connection.send(Uint8Array.from([bodyTraits.taskRequest.system ? 0x87 : 0x83, 1, ...bytes]));
    await pass();
    void first.connection.close(status(Code.UNAVAILABLE));
    await pass();
    link.resume();
    await pass();
    expect(reachedBy(server)).to.deep.equal({});
    const back = await raw();
    back.hello({ resume: { sessionId, secret, serverEpoch: epoch, attempt: 1 } as never });
    await pass();
    expect(back.welcome?.resumed).to.equal(true);
    back.control({ case: "ping", value: { token: 1n } });
    await pass();
    expect(reachedBy(server)).to.deep.equal({ bytesPerSecond: 1 });
    logger.take("warn");
    await close();
  });

  it("give a client no more that goes on with its session over another connection again and again", async () => {
    const limits = { ...unlimited, messagesPerSecond: 100 };
    const { clock, server, raw, arrived, pass, close } = await serving(limits, {
      authenticate: () => ({ name: "ann" }),
    });
    const message = protobufCodec.encode(request());
    const isSystem = bodyTraits.taskRequest.system;
    let peer = await raw();
    peer.hello();
    await pass();
    const since = clock.now();
    for (let attempt = 1; attempt <= 20; attempt++) {
      const { sessionId, secret, epoch, system, data } = peer.welcome ?? expect.fail("no welcome");
      const received = Number((isSystem ? system : data)?.received ?? 0n);
      for (let i = 1; i <= 100; i++) {
        peer.send(isSystem ? 0x87 : 0x83, ...varint(received + i), ...message);
      }
      await pass(10);
      peer = await raw();
      peer.hello({ resume: { sessionId, secret, serverEpoch: epoch, attempt } as never });
      await pass();
      expect(peer.welcome?.resumed).to.equal(true);
    }
    expect(server.stats.sessions).to.equal(1);
    expect(arrived.length).to.be.within(400, 400 + (clock.now() - since) / 10 + 20);
    logger.take("warn");
    await close();
  });

  it("don't stand in the way of pings while a client is slowed down", async () => {
    const { raw, pass, close } = await serving({ ...unlimited, messagesPerSecond: 10 });
    const peer = await raw();
    peer.hello();
    await pass();
    for (let i = 0; i < 60; i++) {
      peer.control({ case: "ping", value: { token: BigInt(i) } });
    }
    await pass(1_000);
    expect(peer.controls.filter((kind) => kind.case === "pong").length).to.be.within(41, 59);
    await pass(2_000);
    expect(peer.controls.filter((kind) => kind.case === "pong").length).to.equal(60);
    expect(peer.closedWith).to.equal(undefined);
    logger.take("warn");
    await close();
  });
});

describe("the limits of a server of WebSockets", () => {
  const logger = useRecordingLogger();
  const sockets: Socket[] = [];

  afterEach(() => {
    for (const socket of sockets.splice(0)) {
      socket.destroy();
    }
  });

  /** A connection of TCP, and what has come over it. */
  async function tcp(port: number) {
    const socket = connectTcp(port, "127.0.0.1");
    sockets.push(socket);
    const state = { text: "", closed: deferred() };
    socket.on("data", (data) => {
      state.text += String(data);
    });
    socket.on("error", () => {});
    socket.once("close", () => state.closed.resolve());
    await new Promise((resolve) => socket.once("connect", resolve));
    return { socket, state };
  }

  const portOf = (server: Server) => Number(new URL(server.address).port);
  const session = async (given: Session) => void (await given.closed);

  it("count from the first byte of TCP on, and turn away with 429 what is too much of one address", async () => {
    const server = await listen({ port: 0, logger, limits: { maxPendingPerAddress: 3 } }, session);
    const idle = [await tcp(portOf(server)), await tcp(portOf(server)), await tcp(portOf(server))];
    await until(() => server.stats.pending === 3);
    const { state } = await tcp(portOf(server));
    await state.closed.promise;
    expect(state.text).to.match(/^HTTP\/1.1 429 /);
    const url = server.address;
    await expectRejected(Code.UNAVAILABLE, new WebSocketTransport({ url }).connect({ protocols: ["crossbus.v1"] }));
    idle[0]?.socket.destroy();
    await until(() => server.stats.pending === 2);
    await using back = await connect(new WebSocketTransport({ url }), {});
    expect(back.status).to.equal(undefined);
    await until(() => server.stats.pending === 2 && server.stats.sessions === 1);
    expect(reachedBy(server)).to.deep.equal({ maxPendingPerAddress: 2 });
    expect(logger.take("warn").length).to.equal(1);
    await back.close();
    await server.close();
    expect(server.stats.pending).to.equal(0);
  });

  it("turn away with 503 what is too much in all", async () => {
    const server = await listen({ port: 0, logger, limits: { maxPending: 1 } }, session);
    await tcp(portOf(server));
    await until(() => server.stats.pending === 1);
    const { state } = await tcp(portOf(server));
    await state.closed.promise;
    expect(state.text).to.match(/^HTTP\/1.1 503 /);
    expect(reachedBy(server)).to.deep.equal({ maxPending: 1 });
    logger.take("warn");
    await server.close();
  });

  it("count who has asked for nothing in time", async () => {
    const clock = new VirtualClock();
    const server = await listen({ port: 0, logger, clock, handshakeTimeoutMs: 100 }, session);
    const { state } = await tcp(portOf(server));
    await until(() => server.stats.pending === 1);
    clock.advance(100);
    await state.closed.promise;
    await until(() => server.stats.pending === 0);
    expect(reachedBy(server)).to.deep.equal({ handshakeTimeoutMs: 1 });
    logger.take("warn");
    const closing = server.close();
    await clock.advanceAsync(20_000);
    await closing;
  });

  it("count who has upgraded and says no Hello", async () => {
    const server = await listen({ port: 0, logger, limits: { maxPendingPerAddress: 2 } }, session);
    const transport = new WebSocketTransport({ url: server.address });
    const silent = await transport.connect({ protocols: ["crossbus.v1"] });
    await until(() => server.stats.pending === 1);
    const other = await transport.connect({ protocols: ["crossbus.v1"] });
    await until(() => server.stats.pending === 2);
    await expectRejected(Code.UNAVAILABLE, transport.connect({ protocols: ["crossbus.v1"] }));
    await silent.close(status(Code.OK));
    await other.close(status(Code.OK));
    await until(() => server.stats.pending === 0);
    logger.take("warn");
    await server.close();
  });

  it("count requests to upgrade on a server that isn't the listener's own", async () => {
    const http = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { port } = http.address() as AddressInfo;
    const asked = deferred();
    const server = await listen(
      {
        server: http,
        logger,
        limits: { maxPending: 1 },
        authenticate: async () => {
          asked.resolve();
          return new Promise(() => {});
        },
      },
      session,
    );
    await tcp(port);
    const silent = await new WebSocketTransport({ url: server.address }).connect({ protocols: ["crossbus.v1"] });
    await until(() => server.stats.pending === 1);
    await expectRejected(
      Code.UNAVAILABLE,
      new WebSocketTransport({ url: server.address }).connect({ protocols: ["crossbus.v1"] }),
    );
    await silent.close(status(Code.OK));
    await until(() => server.stats.pending === 0);
    logger.take("warn");
    await server.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });

  it("refuse the sessions of an address beyond so many, where nobody says who a client is", async () => {
    for (const dialect of [undefined, "protobuf"] as const) {
      const server = await listen({ port: 0, logger, dialect, limits: { maxSessionsPerPrincipal: 1 } }, session);
      const transport = new WebSocketTransport({ url: server.address });
      const first = await connect(transport, { dialect });
      await until(() => server.stats.sessions === 1);
      const why = await connect(transport, { dialect }).then(
        (second) => second.closed,
        (error: Status) => error,
      );
      expect(why.code).to.equal(Code.RESOURCE_EXHAUSTED);
      await until(() => server.stats.reached.maxSessionsPerPrincipal === 1);
      await first.close();
      await until(() => server.stats.sessions === 0);
      const third = await connect(transport, { dialect });
      await until(() => server.stats.sessions === 1);
      expect(third.status).to.equal(undefined);
      await third.close();
      await server.close();
      logger.take("warn");
    }
  });

  it("close a connection that sends pings without end", async () => {
    const server = await listen({ port: 0, logger, dialect: "protobuf", limits: { tinyFramesPerSecond: 5 } }, session);
    const socket = new WebSocket(server.address);
    await new Promise((resolve) => socket.once("open", resolve));
    const closed = new Promise<number>((resolve) => socket.once("close", resolve));
    for (let i = 0; i < 20; i++) {
      socket.ping();
    }
    await until(() => server.stats.sessions === 1);
    expect(reachedBy(server)).to.deep.equal({});
    for (let i = 0; i < 50; i++) {
      socket.ping();
    }
    expect(await closed).to.equal(4_000 + Code.RESOURCE_EXHAUSTED);
    await until(() => server.stats.reached.tinyFramesPerSecond === 1);
    logger.take("warn");
    await server.close();
  });
});
