/** A process of the measurement of how fast what is urgent gets past what isn't. */
import { setImmediate } from "node:timers/promises";
import {
  AgentRunner,
  type AnyBusMessage,
  BaseAgent,
  busMessage,
  Direction,
  frame,
  silentLogger,
} from "../../src/index.js";
import { WebSocketProxyClientAgent } from "../../src/websocket.js";
import { listen, WebSocketProxyServerAgent } from "../../src/websocket-server.js";
import { unlimited } from "../support/unlimited.js";
import { frameFrom } from "./frame-from.js";
import { answerCalls, ownOptions } from "./remote.js";

/** Which end a process is. */
export interface CancelEndOptions {
  /** Where to connect to. Without it the process listens. */
  readonly address?: string;
}

/** One interruption, by the wall clock that both processes share, in milliseconds. */
export interface Interruption {
  readonly sentAt: number;
  /** When the other end's answer came. */
  readonly answeredAt: number;
}

/** What is queued, in messages of so many bytes. */
const queuedBytes = 100_000_000;
const messageBytes = 62_500;

const { address } = ownOptions<CancelEndOptions>();
const runner = new AgentRunner({ handleSigint: false, logger: silentLogger });
const now = () => performance.timeOrigin + performance.now();

/** Takes what comes, and answers an interruption with one. */
class Listener extends BaseAgent {
  dataCame = 0;
  cameAt = 0;

  protected override onBusMessage(message: AnyBusMessage): void {
    const kind = frameFrom("speaker", message)?.kind.case;
    if (kind === "interruption") {
      this.cameAt = now();
      this.send(interruption("speaker"));
    } else if (kind === "text") {
      this.dataCame++;
    }
  }
}

/** Has much to say, and interrupts itself. */
class Speaker extends BaseAgent {
  #answered: (at: number) => void = () => {};

  protected override onBusMessage(message: AnyBusMessage): void {
    if (frameFrom("listener", message) !== undefined) {
      this.#answered(now());
    }
  }

  /** Queues all there is to say. */
  async fill(): Promise<void> {
    const text = "x".repeat(messageBytes);
    for (let sent = 0; sent < queuedBytes; sent += messageBytes) {
      const content = frame("text", { text });
      this.send(busMessage("frame", { frame: content, direction: Direction.DOWNSTREAM }, { target: "listener" }));
      await setImmediate();
    }
  }

  async interrupt(): Promise<Interruption> {
    const answered = new Promise<number>((resolve) => {
      this.#answered = resolve;
    });
    const sentAt = now();
    this.send(interruption("listener"));
    return { sentAt, answeredAt: await answered };
  }
}

function interruption(target: string) {
  return busMessage("frame", { frame: frame("interruption"), direction: Direction.DOWNSTREAM }, { target });
}

const listener = new Listener("listener");
const speaker = new Speaker("speaker");

async function serve(): Promise<string> {
  const server = await listen(
    { port: 0, host: "127.0.0.1", logger: silentLogger, limits: unlimited },
    async (session) => {
      const names = { agentName: "listener", remoteAgentName: "speaker" };
      await runner.addAgent(
        new WebSocketProxyServerAgent("gateway", { session, ...names, forwardMessages: ["frame"] }),
      );
      await runner.addAgent(listener);
      await runner.run();
    },
  );
  return server.address;
}

async function connect(url: string): Promise<void> {
  const names = { localAgentName: "speaker", remoteAgentName: "listener" };
  const buffer = { maxBytes: 2 * queuedBytes, overflow: "reject" } as const;
  await runner.addAgent(speaker);
  await runner.addAgent(new WebSocketProxyClientAgent("proxy", { url, ...names, forwardMessages: ["frame"], buffer }));
  const ready = new Promise((resolve) => speaker.once("agentReady", resolve));
  void runner.run();
  speaker.watchAgent("listener");
  speaker.activateAgent("proxy");
  await ready;
}

const opened = address === undefined ? serve() : connect(address);
answerCalls({
  /** Where the server listens, or nothing once the client is connected. */
  where: () => opened,
  fill: () => speaker.fill(),
  interrupt: () => speaker.interrupt(),
  /** When the last interruption came. */
  cameAt: () => listener.cameAt,
  dataCame: () => listener.dataCame,
});
