/**
 * What each runtime is asked to do, told by the first argument: `conform`, `serve` or `connect`. What it finds is a line of
 * JSON. It is bundled, so that a runtime needn't know how this project names its files, but for `ws`: Bun has its own.
 */
import { AgentRunner } from "../../src/agent/agent-runner.js";
import { BaseAgent } from "../../src/agent/base-agent.js";
import { Code, type Status, StatusError } from "../../src/base/status.js";
import { TASKS } from "../../src/message/forward.js";
import { listen, WebSocketProxyServerAgent } from "../../src/proxy/websocket-listen-node.js";
import { WebSocketProxyClientAgent } from "../../src/proxy/websocket-proxy-client-agent.js";
import { transportConformance } from "../../src/testing/transport-conformance.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import type { ServerTransport } from "../../src/transport/transport.js";
import type { WebSocketConstructor } from "../../src/transport/web-socket-like.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import { WebSocketServerTransport } from "../../src/transport/websocket-server-node.js";

/** What a process is told beside what to do, as JSON. */
export interface Asked {
  readonly url: string;
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

const [task, asked = "{}"] = process.argv.slice(2);
const { url, cert, key, ca } = JSON.parse(asked) as Asked;
const tasks = { conform, serve, connect };
await tasks[task as keyof typeof tasks]();

/** Keeps the promises of a transport, over sockets of this runtime at both ends. */
async function conform(): Promise<void> {
  const failures: string[] = [];
  const cases = transportConformance(async () => {
    const clock = new VirtualClock();
    let address = "ws://127.0.0.1:1/ws";
    const server: ServerTransport = {
      async listen(accept, how) {
        const listener = await new WebSocketServerTransport({ port: 0, clock }).listen(accept, how);
        address = listener.address;
        return listener;
      },
    };
    return {
      transport: { connect: (how) => new WebSocketTransport({ url: address, clock }).connect(how) },
      server,
      advance: (ms) => clock.advance(ms),
      dispose: () => Promise.resolve(),
    };
  });
  for (const { name, run } of cases) {
    try {
      await run();
    } catch (error) {
      failures.push(`${name}: ${String(error)}`);
    }
  }
  report({ failures, cases: cases.length, ownWebSocket: await ownWebSocket() });
}

/** What becomes of the runtime's own WebSocket where nobody listens, and where it is given headers; nothing without one. */
async function ownWebSocket(): Promise<readonly string[]> {
  const { WebSocket: own } = globalThis as { WebSocket?: unknown };
  if (own === undefined) {
    return [];
  }
  const options = { url: "ws://127.0.0.1:1/ws", webSocket: own as WebSocketConstructor };
  const codes: string[] = [];
  for (const attempt of [
    () => new WebSocketTransport(options).connect(),
    () => new WebSocketTransport({ ...options, headers: { authorization: "secret" } }).connect(),
  ]) {
    try {
      await attempt();
    } catch (error) {
      codes.push(error instanceof StatusError ? (Code[error.code] ?? "") : String(error));
    }
  }
  return codes;
}

/** Has an agent that answers, over TLS, until it was asked for the last time. */
async function serve(): Promise<void> {
  const server = await listen({ port: 0, tls: { cert, key } }, async (session) => {
    const warehouse = new BaseAgent("warehouse");
    warehouse.handleTask("count", ({ payload }) => `12 ${String(payload)}`);
    warehouse.handleTask("tell", async function* () {
      yield "Once ";
      yield "upon a time";
    });
    const names = { agentName: "warehouse", remoteAgentName: "shop" };
    const proxy = new WebSocketProxyServerAgent("gateway", { session, forwardMessages: TASKS, ...names });
    const runner = new AgentRunner({ handleSigint: false });
    proxy.on("clientDisconnected", () => {
      report({ encrypted: session.peer.encrypted });
      runner.cancel();
      void server.close();
    });
    await runner.addAgent(proxy);
    await runner.addAgent(warehouse);
    await runner.run();
  });
  report({ address: server.address });
}

/** Asks the agent behind another process. */
async function connect(): Promise<void> {
  const shop = new BaseAgent("shop");
  const said: unknown[] = [];
  shop.on("ready", async () => {
    shop.activateAgent("proxy");
    const story = shop.requestTask("warehouse", { name: "tell" });
    for await (const event of story) {
      if (event.type === "streamData") {
        said.push(event.data);
      }
    }
    said.push(await shop.requestTask("warehouse", { name: "count", payload: "anvils" }));
    shop.end();
  });
  const names = { localAgentName: "shop", remoteAgentName: "warehouse" };
  const proxy = new WebSocketProxyClientAgent("proxy", { url, tls: { ca }, forwardMessages: TASKS, ...names });
  proxy.on("failed", (why: Status) => {
    said.push(why.message);
    shop.end();
  });
  const runner = new AgentRunner({ handleSigint: false });
  await runner.addAgent(shop);
  await runner.addAgent(proxy);
  await runner.run();
  report({ said });
}

function report(what: object): void {
  console.log(JSON.stringify(what));
}
