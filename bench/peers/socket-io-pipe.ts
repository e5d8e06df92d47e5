/** socket.io, over WebSockets from the start. What is in a frame goes as it is, the samples as an attachment. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { clientName, format, type Pipe, samples, serverName } from "../ends/pipe.js";

/** What a message that waits to be sent takes, roughly. */
const messageBytes = 700;

/** What both ends have in common. */
interface SocketLike {
  emit(event: string, ...args: unknown[]): unknown;
  on(event: string, handler: (message: { readonly audio: Uint8Array }) => void): unknown;
}

function makePipe(socket: SocketLike, waiting: () => number): Pipe {
  return {
    send() {
      socket.emit("frame", { source: clientName, target: serverName, direction: 1, ...format, audio: samples });
    },
    buffered: () => waiting() * messageBytes,
    receive(consumer) {
      socket.on("frame", ({ audio }) => consumer(audio));
    },
  };
}

export async function serve(accept: (pipe: Pipe) => void): Promise<string> {
  const http = createServer();
  const server = new Server(http, { transports: ["websocket"] });
  server.on("connection", (socket) => {
    const { conn } = socket as unknown as { readonly conn: { readonly writeBuffer: readonly unknown[] } };
    accept(makePipe(socket, () => conn.writeBuffer.length));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

export async function connect(url: string): Promise<Pipe> {
  const socket = io(url, { transports: ["websocket"] });
  await new Promise<void>((resolve) => socket.on("connect", resolve));
  const { engine } = socket.io as unknown as { readonly engine: { readonly writeBuffer: readonly unknown[] } };
  return makePipe(socket as unknown as SocketLike, () => engine.writeBuffer.length);
}
