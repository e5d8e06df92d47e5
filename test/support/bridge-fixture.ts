import { expect } from "chai";
import { afterEach, beforeEach } from "mocha";
import { AgentRunner } from "../../src/agent/agent-runner.js";
import type { Tracing } from "../../src/agent/tracing.js";
import { type Deferred, deferred } from "../../src/base/deferred.js";
import { asyncDispose } from "../../src/base/dispose.js";
import type { Status } from "../../src/base/status.js";
import type { AgentBus } from "../../src/bus/agent-bus.js";
import type { Dialect } from "../../src/codec/dialect.js";
import type { Denial } from "../../src/proxy/proxy-agent.js";
import { type BridgeClientOptions, ProxyClientAgent } from "../../src/proxy/proxy-client-agent.js";
import { ProxyServerAgent, type ProxyServerAgentOptions } from "../../src/proxy/proxy-server-agent.js";
import { type ServeOptions, type Server, type SessionHandler, serve } from "../../src/proxy/serve.js";
import type { Session } from "../../src/proxy/session.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Connection, Listener, ServerTransport, Transport } from "../../src/transport/transport.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import { WebSocketServerTransport } from "../../src/transport/websocket-server-node.js";
import { idle, until } from "./idle.js";
import { openResources, turn } from "./open-node.js";
import { RecordingLogger } from "./recording-logger.js";
import { TestAgent } from "./test-agent.js";

/** Both ends of a transport, and what is spoken over it: a resumable link where that is nothing. */
export interface Wire extends Transport, ServerTransport {
  readonly dialect?: Dialect;
}

/** What a transport under test is told. */
export interface WireOptions {
  readonly clock: VirtualClock;
  readonly maxMessageBytes?: number;
}

/** A transport that bridges are tested over. */
export interface NamedWire {
  readonly name: string;
  make(options: WireOptions): Wire;
}

/** The transports that bridges are tested over, with resumable links. */
export const resumableWires: readonly NamedWire[] = [
  { name: "memory", make: (options) => new MemoryTransport(options) },
  {
    name: "WebSocket",
    make(options) {
      // Until somebody listens, and after that: a port where nobody does.
      const nowhere = "ws://127.0.0.1:1/ws";
      let url = nowhere;
      return {
        connect: (connectOptions) => new WebSocketTransport({ ...options, url }).connect(connectOptions),
        async listen(accept, acceptOptions): Promise<Listener> {
          const listener = await new WebSocketServerTransport({ ...options, port: 0 }).listen(accept, acceptOptions);
          url = listener.address;
          const close = () => {
            url = url === listener.address ? nowhere : url;
            return listener.close();
          };
          return { address: listener.address, close, [asyncDispose]: close };
        },
      };
    },
  },
];

/** The same with plain links, in the dialect `protobuf` unless a test says otherwise. */
export const wires: readonly NamedWire[] = resumableWires.map(({ name, make }) => ({
  name,
  make(options) {
    const wire = make(options);
    return {
      dialect: "protobuf" as const,
      connect: (connectOptions) => wire.connect(connectOptions),
      listen: (accept, acceptOptions) => wire.listen(accept, acceptOptions),
    };
  },
}));

/** One session as it is served here: a runner with the agent "assistant", and the proxy "gateway" to "acme". */
export interface Served {
  readonly session: Session;
  readonly runner: AgentRunner;
  readonly proxy: ProxyServerAgent;
  readonly assistant: TestAgent;
  /** The sessions that the proxy said are there. */
  readonly connected: Session[];
  readonly gone: Status[];
  readonly denied: Denial[];
  /** Resolves when the handler has returned. */
  readonly done: Promise<void>;
}

/** The client's side: a runner with the agent "acme", and the proxy "proxy" to "assistant". */
export interface Client {
  readonly runner: AgentRunner;
  readonly proxy: ProxyClientAgent;
  readonly acme: TestAgent;
  /** The events of the proxy, with the code of their status. */
  readonly events: (readonly [string, number?])[];
  readonly denied: Denial[];
}

/** What the server's side of a bridge is told. */
export interface ServedOptions extends Partial<Omit<ProxyServerAgentOptions, "session">> {
  readonly bus?: AgentBus;
  /** Is awaited before the agent "assistant" is added. */
  readonly before?: Promise<void>;
}

/** Two buses with a transport between them, for one test. */
export class BridgeFixture {
  readonly clock = new VirtualClock();
  readonly logger = new RecordingLogger();
  readonly wire: Wire;
  readonly served: Served[] = [];
  /** The ends of the connections that clients and the server got. */
  readonly clientConnections: Connection[] = [];
  readonly serverConnections: Connection[] = [];
  server: Server | undefined;
  /** What the runners are given. */
  tracing: Tracing | undefined;
  readonly #runners: AgentRunner[] = [];

  constructor(make: (options: WireOptions) => Wire, maxMessageBytes?: number) {
    const { clock } = this;
    const wire = make({ clock });
    // Of a resumable link's messages the transport sees frames, whose size is fixed.
    const isFixed = maxMessageBytes === undefined || wire.dialect === undefined;
    this.wire = isFixed ? wire : make({ clock, maxMessageBytes });
  }

  /** What a client connects with. */
  get transport(): Transport {
    return {
      connect: async (options) => {
        const connection = await this.wire.connect(options);
        this.clientConnections.push(connection);
        return connection;
      },
    };
  }

  /** Serves with a handler of the test's own. */
  async serve(handler: SessionHandler, options: ServeOptions = {}): Promise<Server> {
    const { clock, logger, wire } = this;
    const transport: ServerTransport = {
      listen: (accept, acceptOptions) =>
        wire.listen((connection) => {
          this.serverConnections.push(connection);
          return accept(connection);
        }, acceptOptions),
    };
    this.server = await serve(transport, handler, { clock, logger, dialect: wire.dialect, ...options });
    return this.server;
  }

  /** Serves each session with a runner of its own, as the README has it. */
  serveAssistants(served: ServedOptions = {}, options: ServeOptions = {}): Promise<Server> {
    return this.serve((session) => this.runAssistant(session, served), options);
  }

  async runAssistant(session: Session, { bus, before, ...options }: ServedOptions = {}): Promise<void> {
    const runner = this.runner(bus);
    const proxy = new ProxyServerAgent("gateway", {
      session,
      agentName: "assistant",
      remoteAgentName: "acme",
      forwardMessages: ["frame"],
      ...options,
    });
    const assistant = new TestAgent("assistant", { active: false, bridges: [] }, { frame() {} });
    assistant.watchAgent("acme");
    const done: Deferred<void> = deferred();
    const served: Served = {
      session,
      runner,
      proxy,
      assistant,
      connected: [],
      gone: [],
      denied: [],
      done: done.promise,
    };
    proxy.on("denied", (denial) => served.denied.push(denial));
    proxy.on("clientConnected", (connected) => served.connected.push(connected));
    proxy.on("clientDisconnected", (why) => {
      served.gone.push(why);
      runner.cancel();
    });
    await runner.addAgent(proxy);
    if (before === undefined) {
      await runner.addAgent(assistant);
    }
    const running = runner.run();
    this.served.push(served);
    if (before !== undefined) {
      await before;
      await runner.addAgent(assistant);
    }
    await running;
    done.resolve();
  }

  /** Starts a client, and activates its proxy unless told otherwise. */
  async client(options: Partial<BridgeClientOptions> & { readonly activate?: boolean } = {}): Promise<Client> {
    const { activate = true, ...rest } = options;
    const runner = this.runner();
    const acme = new TestAgent("acme", {}, {});
    acme.watchAgent("assistant");
    const proxy = new ProxyClientAgent("proxy", {
      transport: this.transport,
      localAgentName: "acme",
      remoteAgentName: "assistant",
      forwardMessages: ["frame"],
      dialect: this.wire.dialect,
      ...rest,
    });
    const client: Client = { runner, proxy, acme, events: [], denied: [] };
    proxy.on("connected", () => client.events.push(["connected"]));
    for (const name of ["disconnected", "connectFailed", "failed"] as const) {
      proxy.on(name, (why) => client.events.push([name, why.code]));
    }
    proxy.on("denied", (denial) => client.denied.push(denial));
    await runner.addAgent(acme);
    await runner.addAgent(proxy);
    const ready = new Promise<void>((resolve) => void runner.once("ready", resolve));
    void runner.run();
    await ready;
    if (activate) {
      acme.activateAgent("proxy");
    }
    return client;
  }

  /** Starts a client, and waits until both agents know each other. Returns it and the session that serves it. */
  async connect(options: Partial<BridgeClientOptions> = {}): Promise<readonly [Client, Served]> {
    const before = this.served.length;
    const client = await this.client(options);
    await until(() => client.acme.calls.includes("agentReady assistant"));
    const served = this.served[before] as Served;
    return [client, served];
  }

  /** A runner that is cancelled after the test. */
  runner(bus?: AgentBus): AgentRunner {
    const { clock, logger, tracing } = this;
    const runner = new AgentRunner({
      handleSigint: false,
      clock,
      logger,
      tracing,
      ...(bus === undefined ? {} : { bus }),
    });
    this.#runners.push(runner);
    return runner;
  }

  /** Ends everything, and expects nothing to be left. */
  async stop(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner[asyncDispose]()));
    await this.server?.close();
    for (const connection of [...this.clientConnections, ...this.serverConnections]) {
      await connection.closed;
    }
    await idle();
    expect(this.clock.pending, "timers that are left").to.equal(0);
    expect(this.logger.takeErrors(), "errors that no test expected").to.deep.equal([]);
  }
}

/** Makes a fixture for each test of a suite, and checks after it that nothing is left open. */
export function useBridge(make: (options: WireOptions) => Wire): (maxMessageBytes?: number) => BridgeFixture {
  let fixtures: BridgeFixture[] = [];
  let before: readonly string[] = [];
  beforeEach(async () => {
    // As below, where mocha has a timer for what takes its time.
    await idle();
    before = openResources();
  });
  afterEach(async () => {
    const all = fixtures;
    fixtures = [];
    await Promise.all(all.map((fixture) => fixture.stop()));
    for (let turns = 0; turns < 200 && openResources().length > before.length; turns++) {
      await turn();
    }
    expect(openResources(), "what keeps the process alive").to.deep.equal(before);
  });
  return (maxMessageBytes) => {
    const fixture = new BridgeFixture(make, maxMessageBytes);
    fixtures.push(fixture);
    return fixture;
  };
}
