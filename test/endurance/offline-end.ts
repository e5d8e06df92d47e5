/** A process that writes to a peer that is away, and looks at its own memory. */
import { setImmediate } from "node:timers/promises";
import {
  AgentRunner,
  BaseAgent,
  type BusMessage,
  busMessage,
  Direction,
  frame,
  silentLogger,
} from "../../src/index.js";
import type { ResumableLink } from "../../src/link/resumable/resumable-link.js";
import { listen, WebSocketProxyServerAgent } from "../../src/websocket-server.js";
import { answerCalls, ownOptions } from "./remote.js";

/** What the process is told. */
export interface OfflineEndOptions {
  readonly overflow: "block" | "reject" | "reset";
  readonly maxBytes: number;
}

/** What has come of what was written. */
export interface Written {
  readonly written: number;
  /** What the link keeps, in messages and bytes, and what waits for the proxy on the bus. */
  readonly kept: number;
  readonly keptBytes: number;
  readonly queued: number;
  /** What was refused or told as undelivered. */
  readonly told: number;
  /** By how much the process has grown, in bytes: in all, and in heap and buffers after a collection. */
  readonly rss: number;
  readonly heap: number;
}

const count = 100_000;
const text = "x".repeat(950);

/** How many are written in a turn: less than the queue of an agent takes. */
const burst = 1_000;

const { overflow, maxBytes } = ownOptions<OfflineEndOptions>();
const runner = new AgentRunner({ handleSigint: false, logger: silentLogger });
const writer = new BaseAgent("writer");
let link: ResumableLink | undefined;
let isSuspended = false;
/** The numbers of what was told as lost, and of what the proxy has given to the link. */
const told = new Set<number>();
const crossed = new Set<number>();

const server = await listen(
  { port: 0, host: "127.0.0.1", logger: silentLogger, buffer: { maxBytes, maxMessages: count, overflow } },
  async (session) => {
    link = session.link as ResumableLink;
    const names = { agentName: "writer", remoteAgentName: "reader" };
    const proxy = new WebSocketProxyServerAgent("gateway", { session, ...names, forwardMessages: ["frame"] });
    proxy.on("suspended", () => {
      isSuspended = true;
    });
    proxy.on("undelivered", (message) => told.add(numberOf(message)));
    proxy.on("crossed", (message) => crossed.add(numberOf(message)));
    await runner.addAgent(proxy);
    await runner.addAgent(writer);
    await runner.run();
  },
);

function numberOf({ body }: BusMessage): number {
  return body.case === "frame" ? Number(body.value.frame?.pts) : 0;
}

async function memory() {
  const { gc } = globalThis as { readonly gc?: () => void };
  for (let i = 0; i < 3; i++) {
    gc?.();
    await setImmediate();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

answerCalls({
  /** Where the server listens. */
  where: () => server.address,
  isSuspended: () => isSuspended,
  unacknowledged: () => link?.stats().unacknowledged,
  async write(): Promise<Written> {
    const before = await memory();
    for (let i = 1; i <= count; i++) {
      const content = frame("text", { text });
      content.pts = BigInt(i);
      try {
        writer.send(busMessage("frame", { frame: content, direction: Direction.DOWNSTREAM }, { target: "reader" }));
      } catch {
        told.add(i);
      }
      if (i % burst === 0) {
        await setImmediate();
      }
    }
    await setImmediate();
    const after = await memory();
    const { unacknowledged: kept = 0, unacknowledgedBytes: keptBytes = 0 } = link?.stats() ?? {};
    return {
      written: count,
      kept,
      keptBytes,
      queued: count - new Set([...crossed, ...told]).size,
      told: told.size,
      rss: after.rss - before.rss,
      heap: after.heap - before.heap,
    };
  },
});
