import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { AgentContext } from "../../src/agent/agent-context.js";
import { AgentRegistry } from "../../src/agent/registry.js";
import { type Status, StatusError } from "../../src/base/status.js";
import { InProcessBus } from "../../src/bus/in-process-bus.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { PlainLink } from "../../src/link/plain-link.js";
import { LocalMessage } from "../../src/message/local-message.js";
import { deliveredBy } from "../../src/message/provenance.js";
import type { CrossingDirection, Denial } from "../../src/proxy/proxy-agent.js";
import { type BridgeClientOptions, ProxyClientAgent } from "../../src/proxy/proxy-client-agent.js";
import { ProxyServerAgent } from "../../src/proxy/proxy-server-agent.js";
import { Session } from "../../src/proxy/session.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { idle } from "./idle.js";
import { RecordingLogger } from "./recording-logger.js";
import { ScriptedConnection } from "./scripted-connection.js";

/** What a bench is told. */
export interface BenchOptions extends Partial<BridgeClientOptions> {
  readonly side: "client" | "server";
}

/**
 * One proxy, named "proxy", between "main" on a real bus and "helper" behind a scripted connection, with nothing
 * else around: what the proxy puts on the wire and on the bus can be seen, and both be fed with anything.
 */
export class ProxyBench {
  readonly connection = new ScriptedConnection();
  readonly clock = new VirtualClock();
  readonly logger = new RecordingLogger();
  readonly bus = new InProcessBus({ logger: this.logger });
  readonly registry = new AgentRegistry("bench", this.logger);
  readonly proxy: ProxyClientAgent | ProxyServerAgent;
  /** What came on the bus through the proxy. */
  readonly arrived: BusMessage[] = [];
  readonly denied: Denial[] = [];
  readonly invalid: string[] = [];
  readonly crossed: [BusMessage, CrossingDirection, number][] = [];
  readonly undelivered: [BusMessage, Status][] = [];
  readonly #placed = new WeakSet<object>();

  private constructor({ side, ...options }: BenchOptions) {
    const { connection } = this;
    this.proxy =
      side === "client"
        ? new ProxyClientAgent("proxy", {
            localAgentName: "main",
            remoteAgentName: "helper",
            transport: { connect: async () => connection },
            dialect: "protobuf",
            ...options,
          })
        : new ProxyServerAgent("proxy", {
            agentName: options.localAgentName ?? "main",
            remoteAgentName: "helper",
            session: new Session(
              new PlainLink(connection, protobufCodec, { announces: false, clock: this.clock, ...maximum(options) }),
            ),
            ...options,
          });
    for (const proxy of [this.proxy as ProxyClientAgent]) {
      proxy.on("denied", (denial) => this.denied.push(denial));
      proxy.on("invalid", (reason) => this.invalid.push(reason));
      proxy.on("crossed", (...args) => this.crossed.push(args));
      proxy.on("undelivered", (...args) => this.undelivered.push(args));
    }
  }

  /** Makes a bench whose proxy is connected. */
  static async start(options: BenchOptions): Promise<ProxyBench> {
    const bench = new ProxyBench(options);
    const { bus, registry, clock, logger, proxy } = bench;
    bus.subscribe({
      name: "observer",
      observes: true,
      onBusMessage: (message) => {
        const isOwn = message.source === proxy.name && deliveredBy(message as BusMessage) === undefined;
        if (!(message instanceof LocalMessage) && !bench.#placed.has(message) && !isOwn) {
          bench.arrived.push(message);
        }
      },
    });
    const context: AgentContext = { runnerName: "bench", bus, registry, clock, logger, rootFailed: () => {} };
    proxy.attach(context, undefined);
    bus.start();
    await proxy.start();
    if (proxy instanceof ProxyClientAgent) {
      const connected = new Promise<void>((resolve) => proxy.once("connected", resolve));
      proxy.activateAgent("proxy");
      await connected;
    }
    await idle();
    bench.arrived.length = 0;
    return bench;
  }

  /** Puts a message on the bus, from whomever it says, if the bus takes it. */
  place(message: BusMessage): void {
    this.#placed.add(message);
    try {
      this.bus.send(message);
    } catch (error) {
      if (!(error instanceof StatusError)) {
        throw error;
      }
    }
  }

  async stop(): Promise<void> {
    await this.proxy.finish();
    this.bus.stop();
  }
}

function maximum({ maxMessageBytes }: Partial<BridgeClientOptions>) {
  return maxMessageBytes === undefined ? {} : { maxMessageBytes };
}
