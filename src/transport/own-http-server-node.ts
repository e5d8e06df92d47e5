import { createServer, type Server } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../base/clock.js";
import { Code, StatusError } from "../base/status.js";

/** An HTTP server that exists for its upgrades alone. */
export interface OwnHttpServer {
  readonly server: Server;
  /** Lets a connection live that has been upgraded: it belongs to its WebSocket from now on. */
  upgraded(socket: unknown): void;
  /** Stops listening and ends the connections that have not been upgraded. Resolves once both is done. */
  close(): Promise<void>;
}

/** Where an own server listens, and how long a client may take to become a WebSocket. */
export interface OwnHttpServerOptions {
  readonly host: string;
  readonly port: number;
  /** How a status names the address. */
  readonly address: string;
  readonly handshakeTimeoutMs: number;
  readonly clock: Clock;
  /** Is told of a connection that has taken longer, before it is cut. */
  expired(socket: Socket): void;
}

/** Starts an HTTP server that answers every plain request with 426 Upgrade Required. */
export async function openHttpServer(options: OwnHttpServerOptions): Promise<OwnHttpServer> {
  const server = createServer((_request, response) => {
    const body = "Upgrade Required";
    response.writeHead(426, {
      connection: "close",
      upgrade: "websocket",
      "content-type": "text/plain",
      "content-length": body.length,
    });
    response.end(body);
  });
  const pending = new Map<unknown, () => void>();
  server.on("connection", (socket: Socket) => {
    const stopTimer = options.clock.after(options.handshakeTimeoutMs, () => {
      options.expired(socket);
      socket.destroy();
    });
    pending.set(socket, stopTimer);
    socket.once("close", () => {
      stopTimer();
      pending.delete(socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", (error) => reject(listenError(options.address, error)));
    server.listen(options.port, options.host);
  });
  // What can still fail is to accept one connection, for want of file handles. The listener goes on.
  server.on("error", () => {});
  return {
    server,
    upgraded(socket) {
      pending.get(socket)?.();
      pending.delete(socket);
    },
    async close() {
      // Not its callback: that waits for the upgraded connections too, which live on.
      server.close();
      const sockets = [...pending.keys()] as Socket[];
      await Promise.all(
        sockets.map(
          (socket) =>
            new Promise<void>((resolve) => {
              socket.once("close", () => resolve());
              socket.destroy();
            }),
        ),
      );
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
}

function listenError(address: string, error: NodeJS.ErrnoException): StatusError {
  switch (error.code) {
    case "EADDRINUSE":
      return new StatusError(Code.ALREADY_EXISTS, `${address} is taken; choose another port or stop who has it`, {
        cause: error,
      });
    case "EACCES":
      return new StatusError(Code.PERMISSION_DENIED, `${address} isn't allowed to this user; use a port from 1024`, {
        cause: error,
      });
    default:
      return new StatusError(Code.UNAVAILABLE, `can't listen at ${address}: ${error.message}`, { cause: error });
  }
}
