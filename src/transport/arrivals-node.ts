import type { Server } from "node:http";
import type { Socket } from "node:net";
import { type TLSSocket, Server as TlsServer } from "node:tls";
import { overLimit } from "../base/over-limit.js";
import { Code, type Status, toStatusError } from "../base/status.js";
import { httpStatusOf } from "./admission.js";
import { handshakeRefusal } from "./handshake-refusal-node.js";
import { connectionKey, endpointOf } from "./network-socket-node.js";
import { refuseUpgrade } from "./refuse-upgrade-node.js";
import type { AcceptOptions, Arrival } from "./transport.js";

/** A connection that isn't a WebSocket yet, and why it won't be one, if it was refused. */
interface Entry {
  readonly arrival: Arrival;
  why: Status | undefined;
}

/**
 * Tells a listener's hook of the connections of an HTTP server that aren't WebSockets yet, and turns away those that it
 * doesn't take.
 */
export class Arrivals {
  readonly #arrive: NonNullable<AcceptOptions["arrive"]> | undefined;
  readonly #pending = new Map<unknown, Entry>();
  /** That which is being closed just now. */
  #closing: Entry | undefined;
  /** Whether they are told of as soon as they are made, and not when they ask for a WebSocket. */
  #areSeenEarly = false;

  constructor(arrive: AcceptOptions["arrive"]) {
    this.#arrive = arrive;
  }

  /** Tells of all connections of a server that is there for the listener alone. */
  watch(server: Server): void {
    if (this.#arrive !== undefined) {
      this.#areSeenEarly = true;
      const isTls = server instanceof TlsServer;
      server.on("connection", (socket: Socket) => void this.#begin(socket, isTls));
      server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
        // A client whose certificate isn't good enough is told of while its connection closes, and has no address any more.
        const entry = this.#pending.get(connectionKey(socket)) ?? this.#closing;
        if (entry !== undefined) {
          entry.why ??= handshakeRefusal(error, socket);
        }
      });
    }
  }

  /** Takes in a request to upgrade. Returns whether it may go on; else it was answered. */
  takes(socket: Socket): boolean {
    if (this.#arrive === undefined || this.#pending.has(connectionKey(socket))) {
      return true;
    }
    if (this.#areSeenEarly) {
      // It was turned away, and had sent its request by then.
      socket.destroy();
      return false;
    }
    return this.#begin(socket, false);
  }

  /** A connection has become a WebSocket. */
  settle(socket: Socket): void {
    const key = connectionKey(socket);
    this.#pending.get(key)?.arrival.settle();
    this.#pending.delete(key);
  }

  /** A connection doesn't become a WebSocket, and counts until it is closed. */
  refused(socket: Socket, why: Status): void {
    const entry = this.#pending.get(connectionKey(socket));
    if (entry !== undefined) {
      entry.why = why;
    }
  }

  /** A connection has taken too long to become one. */
  expire(socket: Socket, timeoutMs: number): void {
    const message = `the client didn't ask for a WebSocket within ${timeoutMs} ms`;
    this.#pending
      .get(connectionKey(socket))
      ?.arrival.settle(overLimit("handshakeTimeoutMs", message, Code.DEADLINE_EXCEEDED));
  }

  #begin(socket: Socket, isTls: boolean): boolean {
    let arrival: Arrival | undefined;
    try {
      arrival = this.#arrive?.(endpointOf(socket));
    } catch (error) {
      if (isTls) {
        // Before its handshake TLS has no way to say anything.
        socket.destroy();
      } else {
        refuseUpgrade(socket, httpStatusOf(toStatusError(error).code));
      }
      return false;
    }
    if (arrival !== undefined) {
      this.#watchEnd(socket, arrival);
    }
    return true;
  }

  #watchEnd(socket: Socket, arrival: Arrival): void {
    const key = connectionKey(socket);
    const entry: Entry = { arrival, why: undefined };
    this.#pending.set(key, entry);
    socket.once("close", () => {
      this.#closing = entry;
      // Others who wait for its end may know more.
      queueMicrotask(() => {
        this.#closing = undefined;
        arrival.settle(entry.why);
      });
      // Its port may have been taken by the next one already.
      if (this.#pending.get(key) === entry) {
        this.#pending.delete(key);
      }
    });
  }
}
