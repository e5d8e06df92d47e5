/** Bare `ws`: as many bytes as a request has, there and back. The floor. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import WebSocket, { WebSocketServer } from "ws";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { busMessage } from "../../src/index.js";
import { bossName, type DoTask, payload, taskName, workerName } from "./task.js";

export async function serve(): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("connection", (socket) => socket.on("message", (bytes) => socket.send(bytes)));
  await once(server, "listening");
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function connect(url: string): Promise<DoTask> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  const task = { taskId: crypto.randomUUID(), taskName, payload };
  const bytes = protobufCodec.encode(busMessage("taskRequest", task, { source: bossName, target: workerName }));
  let answered = () => {};
  socket.on("message", () => answered());
  return () =>
    new Promise<void>((resolve) => {
      answered = resolve;
      socket.send(bytes);
    });
}
