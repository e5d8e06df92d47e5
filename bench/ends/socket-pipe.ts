/** Pairs over `ws` alone, which differ in what they send and in how they read it. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import WebSocket, { WebSocketServer } from "ws";
import type { Pipe } from "./pipe.js";

/** What makes the bytes of a frame, and finds its payload in them. */
export interface FrameFormat {
  write(): Uint8Array;
  read(bytes: Uint8Array): Uint8Array;
}

function makePipe(socket: WebSocket, { write, read }: FrameFormat): Pipe {
  return {
    send: () => socket.send(write()),
    buffered: () => socket.bufferedAmount,
    receive(consumer) {
      socket.on("message", (bytes: Uint8Array) => consumer(read(bytes)));
    },
  };
}

export async function serveSocket(accept: (pipe: Pipe) => void, format: FrameFormat): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("connection", (socket) => accept(makePipe(socket, format)));
  await once(server, "listening");
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function connectSocket(url: string, format: FrameFormat): Promise<Pipe> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  return makePipe(socket, format);
}
