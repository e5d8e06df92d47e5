/** This package: from an agent on one bus, through both proxies and a WebSocket, to an agent on another bus. */
import {
  AgentRunner,
  type AnyBusMessage,
  BaseAgent,
  busMessage,
  type Connection,
  type DialectOptions,
  Direction,
  frame,
  LocalMessage,
  ProxyClientAgent,
  serve as serveSessions,
} from "../../src/index.js";
import { WebSocketTransport } from "../../src/websocket.js";
import { WebSocketProxyServerAgent, WebSocketServerTransport } from "../../src/websocket-server.js";
import { unlimited } from "../harness/unlimited.js";
import { clientName, format, type Pipe, type PipeMaker, samples, serverName } from "./pipe.js";

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

function makePipe(speaker: Speaker, other: string, connection: Connection): Pipe {
  const kept = countKept(connection);
  return {
    send() {
      kept.count++;
      const content = frame("inputAudioRaw", { audio: samples, ...format });
      speaker.send(busMessage("frame", { frame: content, direction: Direction.DOWNSTREAM }, { target: other }));
    },
    buffered: () => connection.bufferedAmount + kept.count * frameBytes,
    receive(consumer) {
      speaker.consumer = consumer;
    },
  };
}

/** Counts down the frames that a connection is given: what is left is with the bus, the proxy, or the link. */
function countKept(connection: Connection): { count: number } {
  const kept = { count: 0 };
  const send = connection.send.bind(connection);
  connection.send = (bytes) => {
    // What links tell each other is shorter.
    kept.count -= bytes.length > samples.length ? 1 : 0;
    send(bytes);
  };
  return kept;
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

/** Makes pairs with plain links in a dialect, or with resumable ones where none is given. */
export function makeBridge(options: DialectOptions): PipeMaker {
  return { serve: (accept) => serve(accept, options), connect: (url) => connect(url, options) };
}

async function serve(accept: (pipe: Pipe) => void, options: DialectOptions): Promise<string> {
  const connections: Connection[] = [];
  const transport = new WebSocketServerTransport({ port: 0 });
  const server = await serveSessions(
    {
      listen: (take, how) =>
        transport.listen((connection) => {
          connections.push(connection);
          take(connection);
        }, how),
    },
    async (session) => {
      const runner = failOnLoss(new AgentRunner({ handleSigint: false }));
      const speaker = new Speaker(serverName, clientName);
      const names = { agentName: serverName, remoteAgentName: clientName };
      const proxy = new WebSocketProxyServerAgent("gateway", { session, ...names, forwardMessages: ["frame"] });
      const connection = connections.shift();
      proxy.on("clientDisconnected", () => runner.cancel());
      if (connection !== undefined) {
        accept(makePipe(speaker, clientName, connection));
      }
      await runner.addAgent(proxy);
      await runner.addAgent(speaker);
      await runner.run();
    },
    { ...options, limits: unlimited },
  );
  return server.address;
}

async function connect(url: string, options: DialectOptions): Promise<Pipe> {
  const transport = new WebSocketTransport({ url });
  let connection: Connection | undefined;
  const runner = failOnLoss(new AgentRunner({ handleSigint: false }));
  const speaker = new Speaker(clientName, serverName);
  const proxy = new ProxyClientAgent("proxy", {
    ...options,
    transport: {
      async connect(how) {
        connection = await transport.connect(how);
        return connection;
      },
    },
    localAgentName: clientName,
    remoteAgentName: serverName,
    forwardMessages: ["frame"],
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
  return makePipe(speaker, serverName, connection);
}
