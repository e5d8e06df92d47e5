import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { AgentRunner, BaseAgent, ProxyClientAgent, ProxyServerAgent, serve, TASKS } from "../src/index.js";
import { MemoryTransport } from "../src/memory.js";
import { WebSocketTransport } from "../src/websocket.js";
import type { Contestant, Workload } from "./workload.js";

/** What a task carries, either way. */
const payload = { topic: "anvils", count: 3 };

/** How many tasks there are in one turn, one after the other. */
const count = 500;

/**
 * Round trips of tasks in lock-step: in one process, over the memory transport (both ends in one process), and over a
 * WebSocket to another process, beside an echo of as many bytes over a bare `ws` to the same process.
 */
export const taskWorkload: Workload = {
  name: "task",
  unit: "µs",
  async setUp() {
    const server = spawn(
      process.execPath,
      ["--import=tsx", fileURLToPath(new URL("task-server.ts", import.meta.url))],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const [bridgeUrl = "", echoUrl = ""] = await readAddresses(server);
    return [
      await inProcess(),
      await overMemory(),
      await overWebSocket(bridgeUrl),
      await overBareSocket(echoUrl, server),
    ];
  },
};

async function readAddresses(server: ChildProcess): Promise<readonly string[]> {
  if (server.stdout === null) {
    throw new Error("the server has no output");
  }
  const [line] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
  return line.split(" ");
}

async function inProcess(): Promise<Contestant> {
  const runner = new AgentRunner({ handleSigint: false });
  const requester = new BaseAgent("requester");
  await runner.addAgent(requester);
  await runner.addAgent(makeWorker("worker"));
  const running = runner.run();
  return contestant("in process", requester, async () => {
    runner.end();
    await running;
  });
}

async function overMemory(): Promise<Contestant> {
  const transport = new MemoryTransport();
  const server = await serve(transport, async (session) => {
    const runner = new AgentRunner({ handleSigint: false });
    const options = { session, agentName: "worker", remoteAgentName: "requester", forwardMessages: TASKS };
    const proxy = new ProxyServerAgent("gateway", options);
    proxy.on("clientDisconnected", () => runner.cancel());
    await runner.addAgent(proxy);
    await runner.addAgent(makeWorker("worker"));
    await runner.run();
  });
  return bridged("over the memory transport", transport, () => server.close());
}

function overWebSocket(url: string): Promise<Contestant> {
  return bridged("over a WebSocket, to another process", new WebSocketTransport({ url }), async () => {});
}

async function bridged(
  name: string,
  transport: ConstructorParameters<typeof ProxyClientAgent>[1]["transport"],
  tearDown: () => Promise<void>,
): Promise<Contestant> {
  const runner = new AgentRunner({ handleSigint: false });
  const requester = new BaseAgent("requester");
  const proxy = new ProxyClientAgent("proxy", {
    transport,
    localAgentName: "requester",
    remoteAgentName: "worker",
    forwardMessages: TASKS,
  });
  await runner.addAgent(requester);
  await runner.addAgent(proxy);
  const running = runner.run();
  requester.activateAgent("proxy");
  return contestant(name, requester, async () => {
    runner.end();
    await running;
    await tearDown();
  });
}

function contestant(name: string, requester: BaseAgent, tearDown: () => Promise<void>): Contestant {
  return {
    name,
    count,
    async run() {
      for (let i = 0; i < count; i++) {
        await requester.requestTask("worker", { name: "echo", payload });
      }
    },
    tearDown,
  };
}

async function overBareSocket(url: string, server: ChildProcess): Promise<Contestant> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  const bytes = new Uint8Array(120);
  return {
    name: "echo over a bare ws, to another process",
    count,
    async run() {
      for (let i = 0; i < count; i++) {
        socket.send(bytes);
        await once(socket, "message");
      }
    },
    async tearDown() {
      socket.close();
      server.kill();
      await once(server, "exit");
    },
  };
}

/** The agent that does the tasks. */
export function makeWorker(name: string): BaseAgent {
  const worker = new BaseAgent(name);
  worker.handleTask("echo", (task) => task.payload);
  return worker;
}
