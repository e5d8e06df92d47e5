import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";
import { bearer } from "../../src/auth/bearer.js";
import { bearerCredential, bearerProtocols } from "../../src/auth/bearer-token.js";
import { tokenTable } from "../../src/auth/token-table.js";
import { Code, type Status, StatusError, status } from "../../src/base/status.js";
import { busMessage } from "../../src/message/build.js";
import type { ForwardEntry } from "../../src/message/forward.js";
import { connect } from "../../src/proxy/connect.js";
import { serve } from "../../src/proxy/serve.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Connection, Listener, Principal, Transport } from "../../src/transport/transport.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import { WebSocketServerTransport } from "../../src/transport/websocket-server-node.js";
import { useBridge, type Wire, type WireOptions } from "../support/bridge-fixture.js";
import { expectRejected } from "../support/expect-status.js";
import { idle, until } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";

/** What the client of the test has to show in its request to connect. */
let headers: Readonly<Record<string, string>> = {};
let protocols: readonly string[] = [];

const transports: Readonly<Record<string, (options: WireOptions) => Wire>> = {
  memory(options) {
    const memory = new MemoryTransport(options);
    return {
      connect: (connectOptions) => memory.connect({ ...connectOptions, metadata: headers }),
      listen: (accept, acceptOptions) => memory.listen(accept, acceptOptions),
    };
  },
  WebSocket(options) {
    let url = "ws://127.0.0.1:1/ws";
    return {
      connect: (connectOptions) =>
        new WebSocketTransport({ ...options, url, headers, protocols }).connect(connectOptions),
      async listen(accept, acceptOptions): Promise<Listener> {
        const listener = await new WebSocketServerTransport({ ...options, port: 0 }).listen(accept, acceptOptions);
        url = listener.address;
        return listener;
      },
    };
  },
};

/** A transport, and the connections that it has made. */
function recorded(inner: Transport) {
  const connections: Connection[] = [];
  const transport: Transport = {
    connect: async (options) => {
      const connection = await inner.connect(options);
      connections.push(connection);
      return connection;
    },
  };
  return { connections, transport };
}

const reason = (from: Status | undefined) => from?.details.find((detail) => detail.type === "errorInfo")?.reason;

for (const [name, make] of Object.entries(transports)) {
  for (const dialect of [undefined, "protobuf", "pipecat"] as const) {
    describe(`who connects, with ${dialect === undefined ? "a resumable link" : `the dialect ${dialect}`}, over ${name},`, () => {
      const bridge = useBridge((options) => ({ ...make(options), dialect }) as Wire);
      const authenticate = bearer(
        tokenTable([
          { token: "of-amy", principal: { name: "amy", policy: "writer" } },
          { token: "of-bob", principal: { name: "bob", policy: "reader" } },
        ]),
      );

      beforeEach(() => {
        headers = {};
        protocols = [];
      });

      it("is let in with a token, and is the principal of the session", async () => {
        const fixture = bridge();
        await fixture.serveAssistants({}, { authenticate });
        headers = { authorization: "Bearer of-amy" };
        const [, served] = await fixture.connect();
        expect(served.session.peer.principal).to.deep.equal({ name: "amy", policy: "writer" });
      });

      for (const [what, shown] of [
        ["no token", {}],
        ["a wrong one", { authorization: "Bearer of-eve" }],
      ] as const) {
        it(`is refused with ${what}, gets no session, and doesn't try again`, async () => {
          const fixture = bridge();
          await fixture.serveAssistants({}, { authenticate });
          headers = shown;
          const { events, proxy } = await fixture.client();
          await until(() => events.length > 0);
          expect(events).to.deep.equal([["failed", Code.UNAUTHENTICATED]]);
          expect(proxy.active).to.equal(false);
          await idle();
          expect(fixture.served).to.deep.equal([]);
          expect(fixture.logger.takeErrors()).to.have.length(1);
          await fixture.clock.advanceAsync(120_000);
          expect(events).to.have.length(1);
        });
      }

      it("is told that it may not come in, when the application says so", async () => {
        const fixture = bridge();
        await fixture.serveAssistants(
          {},
          {
            authenticate: () => {
              throw new StatusError(Code.PERMISSION_DENIED, "not on Sundays");
            },
          },
        );
        const { events } = await fixture.client();
        await until(() => events.length > 0);
        expect(events).to.deep.equal([["failed", Code.PERMISSION_DENIED]]);
        expect(fixture.logger.takeErrors()).to.have.length(1);
      });

      it("is told nothing of what breaks in the application, whose log has it, once", async () => {
        const fixture = bridge();
        const broken = new Error("the password of the directory is hush");
        const server = await fixture.serve(() => {}, { authenticate: () => Promise.reject(broken) });
        for (const _ of [1, 2]) {
          const refused = connect(fixture.transport, { dialect, clock: fixture.clock });
          const error = await refused.catch((why: unknown) => why as StatusError);
          expect(error).to.be.instanceOf(StatusError).with.property("message").that.does.not.include("hush");
        }
        expect(server.sessions.size).to.equal(0);
        expect(fixture.logger.takeErrors()).to.deep.equal([broken]);
      });

      it("is gone when what it has proved has expired, at both ends, and doesn't try again", async () => {
        const fixture = bridge();
        let principal: Principal = { name: "amy", expiresAt: 60_000 };
        await fixture.serveAssistants({}, { authenticate: () => principal });
        const [{ events }, served] = await fixture.connect();
        expect(served.session.peer.principal).to.deep.equal(principal);
        // Where it is proved anew, nothing is new.
        principal = { name: "amy", expiresAt: 60_000 };
        await fixture.clock.advanceAsync(59_999);
        expect(served.session.status).to.equal(undefined);
        await fixture.clock.advanceAsync(1);
        await until(() => events.length > 2);
        expect(events).to.deep.equal([
          ["connected"],
          ["disconnected", Code.UNAUTHENTICATED],
          ["failed", Code.UNAUTHENTICATED],
        ]);
        await until(() => served.gone.length > 0);
        expect(served.gone.map(({ code }) => code)).to.deep.equal([Code.UNAUTHENTICATED]);
        expect(reason(served.session.status)).to.equal("credentialExpired");
        expect(fixture.logger.takeErrors()).to.have.length(1);
      });

      it("may do what its principal may, by the policy of its own proxy", async () => {
        const fixture = bridge();
        const forwardMessages: Readonly<Record<string, readonly ForwardEntry[]>> = {
          writer: ["frame", "ttsSpeak"],
          reader: ["frame"],
        };
        await fixture.serve(
          async (session) => {
            const { policy = "reader" } = session.peer.principal ?? {};
            await fixture.runAssistant(session, { forwardMessages: forwardMessages[policy] ?? [] });
          },
          { authenticate },
        );
        for (const [token, crosses] of [
          ["of-amy", true],
          ["of-bob", false],
        ] as const) {
          headers = { authorization: `Bearer ${token}` };
          const [client, served] = await fixture.connect({ forwardMessages: ["frame", "ttsSpeak"] });
          client.acme.send(busMessage("ttsSpeak", { text: "hello" }, { source: "acme", target: "assistant" }));
          await until(
            () => served.assistant.cases.includes("ttsSpeak") || served.denied.length + client.denied.length > 0,
          );
          expect(served.assistant.cases.includes("ttsSpeak"), token).to.equal(crosses);
          await client.runner[Symbol.asyncDispose]();
          await served.done;
        }
      });
    });
  }
}

describe("who connects to a server", () => {
  const logger = useRecordingLogger();
  const resumable = useBridge(transports["memory"] as (options: WireOptions) => Wire);

  beforeEach(() => {
    headers = {};
    protocols = [];
  });

  it("is refused where the transport doesn't ask who that is", async () => {
    const memory = new MemoryTransport();
    const careless = { listen: (accept: Parameters<typeof memory.listen>[0]) => memory.listen(accept) };
    const served: unknown[] = [];
    await using _server = await serve(careless, (session) => void served.push(session), {
      dialect: "protobuf",
      authenticate: () => ({ name: "amy" }),
      logger,
    });
    const session = await connect(memory, { dialect: "protobuf" });
    expect((await session.closed).code).to.equal(Code.INTERNAL);
    expect(served).to.deep.equal([]);
    expect(logger.takeErrors()).to.have.length(1);
  });

  it("is let in by a hook that is a function, or by no server at all", async () => {
    for (const authenticate of ["Bearer sesame", null, true]) {
      await expectRejected(
        Code.INVALID_ARGUMENT,
        serve(new MemoryTransport(), () => {}, { authenticate: authenticate as never }),
      );
    }
  });

  it("goes on with a session when neither a credential nor the hook was to be had for a while", async () => {
    const clock = new VirtualClock();
    const memory = new MemoryTransport({ clock });
    const { connections, transport } = recorded(memory);
    const failing = { client: false, hook: false };
    const authenticate = bearer((token) => {
      if (failing.hook) {
        throw new Error("the directory is down");
      }
      return { name: token };
    });
    const server = await serve(memory, async (session) => void (await session.closed), { authenticate, clock, logger });
    const credential = async () => {
      if (failing.client) {
        throw new TypeError("fetch failed");
      }
      return bearerCredential("amy");
    };
    const session = await connect(transport, { credential, clock });
    const seen: string[] = [];
    session.link.receive({
      pythonTypes: new Set(),
      message() {},
      invalid() {},
      undelivered() {},
      resumed: () => seen.push("resumed"),
    });
    for (const which of ["client", "hook"] as const) {
      failing[which] = true;
      void connections.at(-1)?.close(status(Code.UNAVAILABLE));
      await clock.advanceAsync(10_000);
      expect([session.status, seen.length], which).to.deep.equal([undefined, which === "client" ? 0 : 1]);
      failing[which] = false;
      await clock.advanceAsync(10_000);
    }
    expect(seen).to.deep.equal(["resumed", "resumed"]);
    expect(server.stats.sessions).to.equal(1);
    const peers = logger.take("error").map(({ fields }) => fields["peer"]);
    expect(peers).to.deep.equal(["memory#3"]);
    await Promise.all([session.close(), server.close(), clock.advanceAsync(10_000)]);
  });

  it("waits for a credential no longer than a connection may take, and than its session lasts", async () => {
    const clock = new VirtualClock();
    const memory = new MemoryTransport({ clock });
    const { connections, transport } = recorded(memory);
    const never = new Promise<never>(() => {});
    let isAnswered = false;
    const credential = () => (isAnswered ? bearerCredential("amy") : never);
    const authenticate = bearer((name) => ({ name }));
    const server = await serve(memory, async (session) => void (await session.closed), {
      authenticate,
      clock,
      logger,
      graceMs: 3_000,
    });
    const failing = expectRejected(Code.UNAVAILABLE, connect(transport, { credential, clock }));
    await clock.advanceAsync(10_000);
    expect((await failing).message).to.include("credential");
    expect(clock.pending).to.equal(0);
    isAnswered = true;
    const session = await connect(transport, { credential, clock });
    isAnswered = false;
    void connections.at(-1)?.close(status(Code.UNAVAILABLE));
    await clock.advanceAsync(2_999);
    expect(session.status).to.equal(undefined);
    await clock.advanceAsync(1);
    expect(session.status?.code).to.equal(Code.UNAVAILABLE);
    await Promise.all([server.close(), clock.advanceAsync(10_000)]);
    expect(clock.pending).to.equal(0);
  });

  it("renews what it has proved, and is warned in the log where it can't, for as long as the session lasts", async () => {
    const fixture = resumable();
    const { clock } = fixture;
    let known: string | undefined = "first";
    await fixture.serveAssistants(
      {},
      {
        authenticate: bearer((token) => ({ name: "amy", policy: "p", expiresAt: clock.now() + (token ? 80_000 : 0) })),
      },
    );
    const credential = () => {
      if (known === undefined) {
        throw new StatusError(Code.UNAVAILABLE, "the directory is down");
      }
      return bearerCredential(known);
    };
    const [{ events }, served] = await fixture.connect({ credential });
    known = "second";
    await clock.advanceAsync(79_000);
    expect(served.session.peer.principal?.expiresAt).to.equal(120_000);
    known = undefined;
    await clock.advanceAsync(40_999);
    expect(served.session.status).to.equal(undefined);
    const warned = fixture.logger.take("warn").map(({ message, fields }) => [message, fields["status"]]);
    expect(warned).to.deep.equal(
      Array.from({ length: 7 }, () => [
        "there is no credential to renew a session with, which is tried again",
        "UNAVAILABLE: the directory is down",
      ]),
    );
    await clock.advanceAsync(1);
    await until(() => events.length > 2);
    expect(events.at(-1)).to.deep.equal(["failed", Code.UNAUTHENTICATED]);
    expect(fixture.logger.takeErrors()).to.have.length(1);
  });
});

for (const dialect of [undefined, "protobuf"] as const) {
  describe(`who connects from a browser, with ${dialect === undefined ? "a resumable" : "a plain"} link,`, () => {
    const bridge = useBridge((options) => ({ ...transports["WebSocket"]?.(options), dialect }) as Wire);

    it("may have the token in a subprotocol, which isn't echoed", async () => {
      headers = {};
      protocols = bearerProtocols("sesame");
      const fixture = bridge();
      await fixture.serveAssistants({}, { authenticate: bearer((token) => ({ name: token })) });
      const [, served] = await fixture.connect();
      expect(served.session.peer.principal).to.deep.equal({ name: "sesame" });
      expect(fixture.clientConnections[0]?.protocol).to.equal(dialect === undefined ? "crossbus.v1" : "crossbus.plain");
    });
  });
}
