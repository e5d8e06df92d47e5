import type { AgentOptions } from "../../../src/agent/agent.js";
import {
  AgentRunner,
  type Code,
  type Denial,
  type DialectOptions,
  type ForwardEntry,
  type HostedAgent,
  PIPECAT_FRAMES,
  type ProxyEvents,
  type ProxyStats,
  pythonType,
  type Server,
  type Status,
  TASKS,
} from "../../../src/index.js";
import { WebSocketProxyClientAgent } from "../../../src/websocket.js";
import { listen, WebSocketProxyServerAgent } from "../../../src/websocket-server.js";
import { RecordingLogger } from "../../support/recording-logger.js";
import { TestAgent, type TestHooks } from "../../support/test-agent.js";
import type { CrossbusProcess } from "./crossbus-process.js";
import { eventually } from "./eventually.js";
import type { PythonPeer } from "./python-peer.js";
import { PythonSession, type PythonSessionOptions, typesForPython } from "./python-session.js";

/** Which side the TypeScript end is. */
export type Direction = "TypeScript client" | "Python client";

/** What is said of a bridge between TypeScript and Python. */
export interface LiveBridgeOptions {
  readonly peer: PythonPeer;
  /** Where the peer serves. */
  readonly port: number;
  readonly codec: "json" | "protobuf";
  readonly direction: Direction;
  readonly dialect: DialectOptions;
  /** What may cross. Default: all frames, tasks, and the frames of an application of its own. */
  readonly forwardMessages?: readonly ForwardEntry[];
  readonly maxMessageBytes?: number;
  /** What the agent "ts" is, beside its name. */
  readonly agent?: AgentOptions;
  /** What it does. */
  readonly hooks?: (agent: TestAgent) => TestHooks;
  readonly python?: PythonSessionOptions;
  /** Another process, which has this end first and is killed. */
  readonly predecessor?: CrossbusProcess;
  /** Whether a client comes back when the connection is lost. Default: it does, at once. */
  readonly reconnect?: false;
}

/** What may cross unless a test says otherwise. */
export const everything: readonly ForwardEntry[] = [
  ...PIPECAT_FRAMES,
  ...TASKS,
  pythonType("acme_frames.AcmeOrderFrame"),
  pythonType("acme_frames.AcmePart"),
];

/** One runner in TypeScript with the agent "ts" and the proxy to "py". A server has one for each connection. */
export interface LiveEnd {
  readonly runner: AgentRunner;
  readonly agent: TestAgent;
  /** The events of the proxy that tell of connections, with the code of their status. */
  readonly events: (readonly [name: string, code?: Code])[];
  /** The sizes of the messages that were sent, in bytes. */
  readonly sent: number[];
  readonly denied: Denial[];
  readonly invalid: string[];
  readonly undelivered: { readonly case: string | undefined; readonly status: Status }[];
  stats(): ProxyStats;
}

/** What both proxies have in common, with the events that a test looks at. */
interface EitherProxy extends HostedAgent {
  readonly stats: ProxyStats;
  on(name: "crossed", handler: (...args: ProxyEvents["crossed"]) => void): unknown;
  on(name: "denied", handler: (...args: ProxyEvents["denied"]) => void): unknown;
  on(name: "invalid", handler: (...args: ProxyEvents["invalid"]) => void): unknown;
  on(name: "undelivered", handler: (...args: ProxyEvents["undelivered"]) => void): unknown;
}

/** A bridge between an agent "ts" here and an agent "py" in Python. */
export class LiveBridge {
  python: PythonSession;
  /** What Python may log as errors, because the test provokes it. */
  readonly expectedErrors: RegExp[] = [];
  readonly logger = new RecordingLogger();
  readonly ends: LiveEnd[] = [];
  readonly #options: LiveBridgeOptions;
  #server: Server | undefined;

  private constructor(options: LiveBridgeOptions) {
    this.#options = options;
    this.python = new PythonSession(options.peer);
  }

  /** Makes both ends, and waits until the agents know each other. */
  static async open(options: LiveBridgeOptions): Promise<LiveBridge> {
    const bridge = new LiveBridge(options);
    try {
      if (options.direction === "TypeScript client") {
        await bridge.#openPython(undefined);
        if (options.predecessor !== undefined) {
          await options.predecessor.begin(options.dialect, bridge.#url);
          await bridge.#kill(options.predecessor);
        }
        await bridge.#connect();
      } else if (options.predecessor !== undefined) {
        const address = await options.predecessor.begin(options.dialect, undefined);
        await bridge.#openPython(address);
        await bridge.#kill(options.predecessor);
        await bridge.#listen(Number(new URL(address).port));
        await bridge.python.command("activate");
      } else {
        await bridge.#listen(0);
        await bridge.#openPython(bridge.address);
      }
      await bridge.connected();
    } catch (error) {
      await bridge.close();
      throw error;
    }
    return bridge;
  }

  /** Where Python connects to, as a client. */
  get address(): string {
    return this.#server?.address ?? "";
  }

  /** The end in TypeScript that was made last. */
  get ts(): LiveEnd {
    return this.ends.at(-1) as LiveEnd;
  }

  /** The agent in TypeScript that was made last. */
  get agent(): TestAgent {
    return this.ts.agent;
  }

  /** Waits until the agents know each other. */
  async connected(): Promise<void> {
    const { python } = this;
    await eventually(() => python.told("connected").length > python.told("disconnected").length);
    await eventually(
      () =>
        this.ends
          .at(-1)
          ?.agent.calls.filter((call) => /^agent(Ready|Gone) py$/.test(call))
          .at(-1) === "agentReady py",
    );
  }

  /** Opens the end in Python once more, in another process. */
  async moveTo(peer: PythonPeer): Promise<void> {
    const ends = this.ends.length;
    this.python = new PythonSession(peer, this.python.id);
    await this.#openPython(this.#server?.address);
    await eventually(() => this.#server === undefined || this.ends.length > ends);
  }

  /** Ends everything. Gives the number of text and of binary messages that Python received. */
  async close(): Promise<{ readonly text: number; readonly binary: number }> {
    await Promise.all(this.ends.map(({ runner }) => runner[Symbol.asyncDispose]()));
    await this.#server?.close();
    return (await this.python.command("close")) as { text: number; binary: number };
  }

  /** Where Python serves this session. */
  get #url(): string {
    return `ws://127.0.0.1:${this.#options.port}/${this.python.id}`;
  }

  /** Waits until another process has this end, and kills it. */
  async #kill(predecessor: CrossbusProcess): Promise<void> {
    try {
      await predecessor.connected();
      await this.python.event("connected");
    } finally {
      await predecessor.kill();
    }
    await this.python.event("disconnected");
  }

  async #openPython(url: string | undefined): Promise<void> {
    const { codec, python: { types, ...python } = {} } = this.#options;
    const own = types === undefined ? {} : { types: typesForPython(types) };
    await this.python.command("open", { url, codec, ...python, ...own });
  }

  async #connect(): Promise<void> {
    const { dialect, forwardMessages = everything, maxMessageBytes, reconnect } = this.#options;
    const proxy = new WebSocketProxyClientAgent("proxy", {
      url: this.#url,
      localAgentName: "ts",
      remoteAgentName: "py",
      forwardMessages,
      reconnect: reconnect ?? { initialDelayMs: 20, maxDelayMs: 100 },
      ...dialect,
      ...(maxMessageBytes !== undefined && { maxMessageBytes }),
    });
    const end = this.#end(proxy);
    proxy.on("connected", () => end.events.push(["connected"]));
    for (const name of ["disconnected", "failed"] as const) {
      proxy.on(name, (why) => end.events.push([name, why.code]));
    }
    await end.runner.addAgent(end.agent);
    await end.runner.addAgent(proxy);
    const ready = new Promise<void>((resolve) => void end.runner.once("ready", resolve));
    void end.runner.run();
    await ready;
    end.agent.activateAgent("proxy");
  }

  async #listen(port: number): Promise<void> {
    const { dialect, forwardMessages = everything, maxMessageBytes } = this.#options;
    const { logger } = this;
    const limit = maxMessageBytes === undefined ? {} : { maxMessageBytes };
    this.#server = await listen({ port, logger, ...dialect, ...limit }, async (session) => {
      const names = { agentName: "ts", remoteAgentName: "py" };
      const proxy = new WebSocketProxyServerAgent("proxy", { session, forwardMessages, ...names });
      const end = this.#end(proxy);
      proxy.on("clientConnected", () => end.events.push(["connected"]));
      proxy.on("clientDisconnected", (why) => {
        end.events.push(["disconnected", why.code]);
        end.runner.cancel();
      });
      await end.runner.addAgent(proxy);
      await end.runner.addAgent(end.agent);
      await end.runner.run();
    });
  }

  #end(proxy: EitherProxy): LiveEnd {
    const { agent: options, hooks } = this.#options;
    const runner = new AgentRunner({ handleSigint: false, logger: this.logger });
    const agent = new TestAgent("ts", options);
    agent.hooks = hooks?.(agent) ?? {};
    agent.watchAgent("py");
    const end: LiveEnd = {
      runner,
      agent,
      events: [],
      sent: [],
      denied: [],
      invalid: [],
      undelivered: [],
      stats: () => proxy.stats,
    };
    proxy.on("crossed", (_, direction, bytes) => {
      if (direction === "out") {
        end.sent.push(bytes);
      }
    });
    proxy.on("denied", (denial) => end.denied.push(denial));
    proxy.on("invalid", (reason) => end.invalid.push(reason));
    proxy.on("undelivered", (message, status) => end.undelivered.push({ case: message.body.case, status }));
    this.ends.push(end);
    return end;
  }
}
