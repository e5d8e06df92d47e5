import type { Clock } from "../../../src/base/clock.js";
import { Code, type Status, type StatusDetail, StatusError, status, toStatusError } from "../../../src/base/status.js";
import type { Connection, Listener, Peer, Principal } from "../../../src/transport/transport.js";
import {
  WebSocketServerTransport,
  type WebSocketServerTransportOptions,
} from "../../../src/transport/websocket-server-node.js";
import type { Remote } from "./remote-node.js";

interface Described {
  readonly code: number;
  readonly message: string;
  readonly details: readonly StatusDetail[];
}

/** A clock that a page has. It says what time it is with each call. */
class PageClock implements Clock {
  readonly id: string;
  readonly #remote: Remote;
  readonly #timers = new Map<number, () => void>();
  #lastTimer = 0;
  #now = 0;

  constructor(id: string, remote: Remote) {
    this.id = id;
    this.#remote = remote;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = ++this.#lastTimer;
    this.#timers.set(timer, callback);
    this.#remote.emit(this.id, "set", { timer, ms, at: this.#now });
    return () => {
      if (this.#timers.delete(timer)) {
        this.#remote.emit(this.id, "cancel", { timer });
      }
    };
  }

  set(now: number | undefined): void {
    this.#now = now ?? this.#now;
  }

  fire(timer: number): void {
    const callback = this.#timers.get(timer);
    this.#timers.delete(timer);
    callback?.();
  }
}

/** Serves the calls for listeners that a page makes, and for their connections. Returns a function that ends what it left. */
export function serveListeners(remote: Remote, defaults: Partial<WebSocketServerTransportOptions>): () => void {
  const clocks = new Map<string, PageClock>();
  const transports = new Map<string, { transport: WebSocketServerTransport; clock: PageClock | undefined }>();
  const listeners = new Map<string, Listener>();
  // What has closed is still asked, by whoever hasn't heard of it yet, or comes late for what was lost.
  const connections = new Map<string, { connection: Connection; clock: PageClock | undefined }>();
  const open = new Set<string>();
  const asked = new Map<string, (answer: { principal?: Principal | null; status?: Described }) => void>();
  let lastId = 0;

  const clockOf = (id: string | undefined): PageClock | undefined => {
    if (id === undefined) {
      return undefined;
    }
    const clock = clocks.get(id) ?? new PageClock(id, remote);
    clocks.set(id, clock);
    return clock;
  };

  const accept = (listener: string, connection: Connection, clock: PageClock | undefined): void => {
    const id = `node-connection-${++lastId}`;
    connections.set(id, { connection, clock });
    open.add(id);
    remote.emit(listener, "accepted", { id, protocol: connection.protocol, peer: describePeer(connection.peer) });
    void connection.closed.then((why) => {
      open.delete(id);
      remote.emit(id, "closed", describe(why));
    });
  };

  const admit = (listener: string, peer: Peer): Promise<Principal | undefined> =>
    new Promise((resolve, reject) => {
      const id = `node-asked-${++lastId}`;
      asked.set(id, ({ principal, status: refusal }) => {
        asked.delete(id);
        if (refusal === undefined) {
          resolve(principal ?? undefined);
        } else {
          reject(StatusError.of(refusal));
        }
      });
      remote.emit(listener, "admit", { asked: id, peer: describePeer(peer) });
    });

  type Construct = { id: string; options: WebSocketServerTransportOptions; clock?: string; now?: number };
  remote.serve("construct", ({ id, options, clock: clockId, now }: Construct) => {
    const clock = clockOf(clockId);
    clock?.set(now);
    const own = clock === undefined ? {} : { clock };
    transports.set(id, { transport: new WebSocketServerTransport({ ...defaults, ...options, ...own }), clock });
  });

  type Listen = { id: string; transport: string; protocols: readonly string[]; admits: boolean };
  remote.serve("listen", ({ id, transport: transportId, protocols, admits }: Listen) => {
    const { transport, clock } = found(transports, transportId);
    const options = { protocols, ...(admits ? { admit: (peer: Peer) => admit(id, peer) } : {}) };
    transport
      .listen((connection) => accept(id, connection, clock), options)
      .then(
        (listener) => {
          listeners.set(id, listener);
          remote.emit(id, "listening", { address: listener.address });
        },
        (error: unknown) => remote.emit(id, "failed", describe(toStatusError(error))),
      );
  });

  remote.serve("admitted", ({ asked: id, ...answer }: { asked: string; principal?: Principal; status?: Described }) =>
    asked.get(id)?.(answer),
  );

  remote.serve("closeListener", ({ id, waiting }: { id: string; waiting: string }) => {
    void found(listeners, id)
      .close()
      .then(() => {
        listeners.delete(id);
        remote.emit(waiting, "closed");
      });
  });

  remote.serve("fire", ({ clock: id, timer, now }: { clock: string; timer: number; now: number }) => {
    const clock = found(clocks, id);
    clock.set(now);
    clock.fire(timer);
  });

  type Does = { does: string; id: string; now?: number; amount: number; waiting: string; takesText: boolean };
  remote.serve("connection", ({ does, id, now, ...args }: Does & { status: Described }) => {
    const { connection, clock } = found(connections, id);
    clock?.set(now);
    switch (does) {
      case "bufferedAmount":
        return connection.bufferedAmount;
      case "send":
        // Only what is closed is asked to by itself: it refuses.
        return connection.send(new Uint8Array());
      case "drained":
        return void connection.drained(args.amount).then(() => remote.emit(args.waiting, "drained"));
      case "receive":
        return connection.receive({
          message: (message) => remote.emit(id, "message", undefined, message),
          ...(args.takesText ? { text: (text: Uint8Array) => remote.emit(id, "text", undefined, text) } : {}),
          undelivered: (message, why) => remote.emit(id, "undelivered", describe(why), message),
        });
      case "pause":
        return connection.pause();
      case "resume":
        return connection.resume();
      case "close":
        return void connection.close(args.status);
      default:
        throw new Error(`a connection does no ${does}`);
    }
  });

  type Sends = { id?: string; ids?: readonly string[]; lengths: readonly number[] };
  remote.serve("send", ({ id, ids, lengths }: Sends, bytes) => {
    let at = 0;
    for (const [i, length] of lengths.entries()) {
      const to = id ?? ids?.[i] ?? "";
      const message = bytes.slice(at, at + length);
      at += length;
      try {
        found(connections, to).connection.send(message);
      } catch (error) {
        // The page took it for open. It gets to know as of what was on its way at the end.
        remote.emit(to, "undelivered", describe(toStatusError(error)), message);
      }
    }
  });

  remote.serve("open", () => [...listeners.keys(), ...open]);

  return () => {
    for (const listener of listeners.values()) {
      void listener.close();
    }
    for (const { connection } of connections.values()) {
      void connection.close(status(Code.CANCELLED, "the tests have ended"));
    }
  };
}

function found<T>(map: ReadonlyMap<string, T>, id: string): T {
  const value = map.get(id);
  if (value === undefined) {
    throw new Error(`there is no ${id}`);
  }
  return value;
}

function describe({ code, message, details }: Status): Described {
  return { code, message, details };
}

function describePeer({ metadata, ...peer }: Peer): object {
  return { ...peer, metadata: [...metadata] };
}
