/** A process of the soak: one end sends as much as it can, the other takes it slowly. */
import { setImmediate, setTimeout } from "node:timers/promises";
import {
  AgentRunner,
  type AnyBusMessage,
  BaseAgent,
  busMessage,
  Direction,
  formatStatus,
  frame,
  silentLogger,
} from "../../src/index.js";
import { WebSocketProxyClientAgent } from "../../src/websocket.js";
import { listen, WebSocketProxyServerAgent } from "../../src/websocket-server.js";
import { unlimited } from "../support/unlimited.js";
import { frameFrom } from "./frame-from.js";
import { answerCalls, ownOptions } from "./remote.js";

/** Which end of the soak a process is. */
export interface SoakEndOptions {
  /** Where to connect to. Without it the process listens. */
  readonly address?: string;
}

/** How an end is. */
export interface SoakState {
  /** Bytes in use, in the heap and in buffers, after a collection. */
  readonly heap: number;
  /** Bytes of memory that the process has. */
  readonly rss: number;
  /** Messages that were sent, and that were taken in the right order. */
  readonly sent: number;
  readonly taken: number;
  readonly resumes: number;
  /** What was lost, or came in the wrong order. */
  readonly trouble: readonly string[];
}

/** What a message carries, how many are taken at a time, and the pause after them in milliseconds. */
const text = "x".repeat(1_000);
const taken = 20;
const pauseMs = 5;

/** How many are sent in a turn, if the proxy isn't congested. */
const burst = 100;

const { address } = ownOptions<SoakEndOptions>();
const trouble: string[] = [];
const state = { sent: 0, taken: 0, resumes: 0 };
const runner = new AgentRunner({ handleSigint: false, logger: silentLogger });

/** Takes messages slowly, and answers one in a hundred. */
class Slow extends BaseAgent {
  protected override async onBusMessage(message: AnyBusMessage): Promise<void> {
    const came = frameFrom("fast", message);
    if (came === undefined) {
      return;
    }
    count(came.pts);
    if (state.taken % 100 === 0) {
      this.send(numbered(this.name, "fast"));
    }
    if (state.taken % taken === 0) {
      await setTimeout(pauseMs);
    }
  }
}

/** Sends as much as its proxy takes. */
class Fast extends BaseAgent {
  protected override onBusMessage(message: AnyBusMessage): void {
    const came = frameFrom("slow", message);
    if (came !== undefined) {
      count(came.pts);
    }
  }

  async sendForEver(): Promise<void> {
    for (;;) {
      while (runner.bus.isCongested("proxy")) {
        await setTimeout(1);
      }
      for (let i = 0; i < burst; i++) {
        this.send(numbered(this.name, "slow"));
      }
      await setImmediate();
    }
  }
}

function numbered(source: string, target: string) {
  const content = frame("text", { text });
  content.pts = BigInt(++state.sent);
  return busMessage("frame", { frame: content, direction: Direction.DOWNSTREAM }, { source, target });
}

function count(number: bigint | undefined): void {
  if (Number(number) === state.taken + 1) {
    state.taken++;
  } else {
    trouble.push(`message ${number} came after ${state.taken}`);
  }
}

async function run(agent: BaseAgent, proxy: WebSocketProxyServerAgent | WebSocketProxyClientAgent): Promise<void> {
  runner.bus.on("undelivered", ({ body }, why) => trouble.push(`the bus lost a ${body.case}: ${formatStatus(why)}`));
  for (const each of [proxy as WebSocketProxyClientAgent]) {
    each.on("undelivered", ({ body }, why) => trouble.push(`the proxy lost a ${body.case}: ${formatStatus(why)}`));
    each.on("resumed", () => state.resumes++);
  }
  await runner.addAgent(agent);
  await runner.addAgent(proxy);
  void runner.run();
}

async function serve(): Promise<string> {
  const server = await listen(
    { port: 0, host: "127.0.0.1", logger: silentLogger, limits: unlimited },
    async (session) => {
      const names = { agentName: "slow", remoteAgentName: "fast" };
      await run(
        new Slow("slow"),
        new WebSocketProxyServerAgent("gateway", { session, ...names, forwardMessages: ["frame"] }),
      );
      trouble.push(`the session is over: ${formatStatus(await session.closed)}`);
    },
  );
  return server.address;
}

async function connect(url: string): Promise<void> {
  const names = { localAgentName: "fast", remoteAgentName: "slow" };
  const agent = new Fast("fast");
  const proxy = new WebSocketProxyClientAgent("proxy", { url, ...names, forwardMessages: ["frame"] });
  proxy.on("disconnected", (why) => trouble.push(`the session is over: ${formatStatus(why)}`));
  await run(agent, proxy);
  agent.once("agentReady", () => {
    agent.sendForEver().catch((error: unknown) => trouble.push(`sending ended: ${error}`));
  });
  agent.watchAgent("slow");
  agent.activateAgent("proxy");
}

const opened = address === undefined ? serve() : connect(address);
answerCalls({
  /** Where the server listens. */
  where: () => opened,
  async look(): Promise<SoakState> {
    const { gc } = globalThis as { readonly gc?: () => void };
    gc?.();
    await setImmediate();
    gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed + external, rss, ...state, trouble };
  },
});
