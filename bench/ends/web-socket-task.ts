/** Two buses in two processes, with a bridge over a WebSocket. */
import { WebSocketTransport } from "../../src/websocket.js";
import { listen } from "../../src/websocket-server.js";
import { unlimited } from "../harness/unlimited.js";
import { makeBoss, serveWorker } from "./crossbus-agents.js";
import type { DoTask } from "./task.js";

export async function serve(): Promise<string> {
  const { address } = await listen({ port: 0, dialect: "protobuf", limits: unlimited }, serveWorker);
  return address;
}

export function connect(url: string): Promise<DoTask> {
  return makeBoss(new WebSocketTransport({ url }));
}
