/** The other process of the workload `task`: prints where it serves tasks, and where it echoes bytes. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { AgentRunner, TASKS } from "../src/index.js";
import { listen, WebSocketProxyServerAgent } from "../src/websocket-server.js";
import { makeWorker } from "./task.js";

const bridge = await listen({ port: 0, path: "/" }, async (session) => {
  const runner = new AgentRunner({ handleSigint: false });
  const options = { session, agentName: "worker", remoteAgentName: "requester", forwardMessages: TASKS };
  const proxy = new WebSocketProxyServerAgent("gateway", options);
  proxy.on("clientDisconnected", () => runner.cancel());
  await runner.addAgent(proxy);
  await runner.addAgent(makeWorker("worker"));
  await runner.run();
});
const echo = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
await once(echo, "listening");
echo.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
console.log(`${bridge.address} ws://127.0.0.1:${(echo.address() as AddressInfo).port}`);
