/** `ws`, told to write at the end of a turn, all at once, what is sent within it. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import WebSocket, { WebSocketServer } from "ws";

/** A socket that is open. */
export interface CorkedSocket {
  readonly socket: WebSocket;
  send(bytes: Uint8Array): void;
}

export async function serveCorked(accept: (socket: CorkedSocket) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("connection", (socket, request) => accept(corked(socket, request.socket)));
  await once(server, "listening");
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function connectCorked(url: string): Promise<CorkedSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const opened = once(socket, "open");
  const [{ socket: network }] = await once(socket, "upgrade");
  await opened;
  return corked(socket, network);
}

function corked(socket: WebSocket, network: Duplex): CorkedSocket {
  let isCorked = false;
  function uncork(): void {
    isCorked = false;
    network.uncork();
  }
  return {
    socket,
    send(bytes) {
      if (!isCorked) {
        isCorked = true;
        network.cork();
        queueMicrotask(uncork);
      }
      socket.send(bytes);
    },
  };
}
