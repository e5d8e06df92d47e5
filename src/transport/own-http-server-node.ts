import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import type { Clock } from "../base/clock.js";
import { Code, StatusError } from "../base/status.js";
import { connectionKey } from "./network-socket-node.js";

/** An HTTP server that exists for its upgrades alone. */
export interface OwnHttpServer {
  readonly server: Server;
  /** Lets a connection live that has been upgraded: it belongs to its WebSocket from now on. */
  upgraded(socket: Socket): void;
  /** Stops listening and ends the connections that have not been upgraded. Resolves once both is done. */
  close(): Promise<void>;
}

/** Where an own server listens, and how long a client may take to become a WebSocket. */
export interface OwnHttpServerOptions {
  readonly host: string;
  readonly port: number;
  /** How a status names the address. */
  readonly address: string;
  /** What it speaks TLS with; undefined where it doesn't. */
  readonly tls: TlsOptions | undefined;
  readonly handshakeTimeoutMs: number;
  readonly clock: Clock;
  /** Is told of a connection that has taken longer, before it is cut. */
  expired(socket: Socket): void;
}

/** A connection that isn't a WebSocket yet. */
interface Pending {
  readonly socket: Socket;
  readonly stopTimer: () => void;
}

const answer: RequestListener = (_request, response) => {
  const body = "Upgrade Required";
  response.writeHead(426, {
    connection: "close",
    upgrade: "websocket",
    "content-type": "text/plain",
    "content-length": body.length,
  });
  response.end(body);
};

/** Starts an HTTP server that answers every plain request with 426 Upgrade Required. */
export async function openHttpServer(options: OwnHttpServerOptions): Promise<OwnHttpServer> {
  const server = options.tls === undefined ? createServer(answer) : createTlsServer(options.tls, answer);
  const pending = new Map<unknown, Pending>();
  server.on("connection", (socket: Socket) => {
    const stopTimer = options.clock.after(options.handshakeTimeoutMs, () => {
      options.expired(socket);
      socket.destroy();
    });
    const key = connectionKey(socket);
    const entry = { socket, stopTimer };
    pending.set(key, entry);
    socket.once("close", () => {
      stopTimer();
      // Its port may have been taken by the next one already.
      if (pending.get(key) === entry) {
        pending.delete(key);
      }
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
      const key = connectionKey(socket);
      pending.get(key)?.stopTimer();
      pending.delete(key);
    },
    async close() {
      // Not its callback: that waits for the upgraded connections too, which live on.
      server.close();
      await Promise.all(
        Array.from(
          pending.values(),
          ({ socket }) =>
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
