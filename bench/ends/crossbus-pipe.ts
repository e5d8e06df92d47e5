/** This package: from an agent on one bus, through both proxies and a WebSocket, to an agent on another bus. */
import {
  AgentRunner,
  type AnyBusMessage,
  BaseAgent,
  busMessage,
  type Connection,
  Direction,
  frame,
  LocalMessage,
  ProxyClientAgent,
  type ProxyStats,
  serve as serveSessions,
} from "../../src/index.js";
import { WebSocketTransport } from "../../src/websocket.js";
import { WebSocketProxyServerAgent, WebSocketServerTransport } from "../../src/websocket-server.js";
import { clientName, format, type Pipe, samples, serverName } from "./pipe.js";

/** What a queued frame keeps, roughly. */
const frameBytes = 700;

/** Takes the frames of one other agent. */
class Speaker extends BaseAgent {
  consumer: (payload: Uint8Array) => void = () => {};
  readonly #other: string;

  constructor(name: string, other: string) {
    super(name);
    this.#other = other;
  }

  protected override onBusMessage(message: AnyBusMessage): void {
    if (!(message instanceof LocalMessage) && message.body.case === "frame" && message.source === this.#other) {
      const kind = message.body.value.frame?.kind;
      if (kind?.case === "inputAudioRaw") {
        this.consumer(kind.value.audio);
      }
    }
  }
}

function makePipe(
  speaker: Speaker,
  other: string,
  proxy: { readonly stats: ProxyStats },
  connection: Connection,
): Pipe {
  const before = proxy.stats.crossedOut;
  let sent = 0;
  return {
    send() {
      sent++;
      const content = frame("inputAudioRaw", { audio: samples, ...format });
      speaker.send(busMessage("frame", { frame: content, direction: Direction.DOWNSTREAM }, { target: other }));
    },
    buffered: () => connection.bufferedAmount + (sent - (proxy.stats.crossedOut - before)) * frameBytes,
    receive(consumer) {
      speaker.consumer = consumer;
    },
  };
}

/** What is lost would be waited for in vain. */
function failOnLoss(runner: AgentRunner): AgentRunner {
  const fail = (message: AnyBusMessage, why: unknown) => {
    throw new Error(`${message.body.case} was lost: ${JSON.stringify(why)}`);
  };
  runner.bus.on("dropped", fail);
  runner.bus.on("undelivered", fail);
  return runner;
}

export async function serve(accept: (pipe: Pipe) => void): Promise<string> {
  const connections: Connection[] = [];
  const transport = new WebSocketServerTransport({ port: 0 });
  const server = await serveSessions(
    {
      listen: (take) =>
        transport.listen((connection) => {
          connections.push(connection);
          take(connection);
        }),
    },
    async (session) => {
      const runner = failOnLoss(new AgentRunner({ handleSigint: false }));
      const speaker = new Speaker(serverName, clientName);
      const names = { agentName: serverName, remoteAgentName: clientName };
      const proxy = new WebSocketProxyServerAgent("gateway", { session, ...names, forwardMessages: ["frame"] });
      const connection = connections.shift();
      proxy.on("clientDisconnected", () => runner.cancel());
      if (connection !== undefined) {
        accept(makePipe(speaker, clientName, proxy, connection));
      }
      await runner.addAgent(proxy);
      await runner.addAgent(speaker);
      await runner.run();
    },
    { dialect: "protobuf" },
  );
  return server.address;
}

export async function connect(url: string): Promise<Pipe> {
  const transport = new WebSocketTransport({ url });
  let connection: Connection | undefined;
  const runner = failOnLoss(new AgentRunner({ handleSigint: false }));
  const speaker = new Speaker(clientName, serverName);
  const proxy = new ProxyClientAgent("proxy", {
    transport: {
      async connect(options) {
        connection = await transport.connect(options);
        return connection;
      },
    },
    localAgentName: clientName,
    remoteAgentName: serverName,
    forwardMessages: ["frame"],
    dialect: "protobuf",
  });
  await runner.addAgent(speaker);
  await runner.addAgent(proxy);
  const ready = new Promise((resolve) => speaker.once("agentReady", resolve));
  void runner.run();
  speaker.watchAgent(serverName);
  speaker.activateAgent("proxy");
  await ready;
  if (connection === undefined) {
    throw new Error("the agent over there was announced without a connection");
  }
  return makePipe(speaker, serverName, proxy, connection);
}
