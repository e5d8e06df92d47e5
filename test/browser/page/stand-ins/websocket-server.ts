import { asyncDispose } from "../../../../src/base/dispose.js";
import { StatusError, toStatusError } from "../../../../src/base/status.js";
import { acceptConnection } from "../../../../src/transport/accept.js";
import type {
  AcceptOptions,
  Connection,
  Listener,
  Peer,
  ServerTransport,
} from "../../../../src/transport/transport.js";
import type { WebSocketServerTransportOptions } from "../../../../src/transport/websocket-server-node.js";
import { call, newId, onRemote, RemoteError } from "../remote.js";
import { type RemoteClock, remoteClock } from "../remote-clock.js";
import { type Described, type DescribedPeer, RemoteConnection, toStatus } from "../remote-connection.js";

/** What stands in pages for the listener in Node: it has one made, and everything that is done to it done there. */
export class WebSocketServerTransport implements ServerTransport {
  readonly #id = newId("transport");
  readonly #clock: RemoteClock | undefined;

  constructor({ clock, ...options }: WebSocketServerTransportOptions) {
    this.#clock = clock === undefined ? undefined : remoteClock(clock);
    callNode("construct", { id: this.#id, options, clock: this.#clock?.id, now: this.#clock?.now() });
  }

  listen(accept: (connection: Connection) => void, { protocols = [], admit }: AcceptOptions = {}): Promise<Listener> {
    const id = newId("listener");
    const clock = this.#clock;
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closed ??= new Promise((resolve) => {
        const waiting = newId("closing");
        const stop = onRemote(waiting, () => {
          stop();
          resolve();
        });
        callNode("closeListener", { id, waiting });
      });
      return closed;
    };
    return new Promise((resolve, reject) => {
      onRemote(id, ({ name, value }) => {
        if (name === "listening") {
          const { address } = value as { address: string };
          resolve({ address, close, [asyncDispose]: close });
        } else if (name === "failed") {
          reject(StatusError.of(toStatus(value as Described)));
        } else if (name === "admit") {
          const { asked, peer } = value as { asked: string; peer: DescribedPeer };
          void answer(asked, () => admit?.(toPeer(peer)));
        } else {
          const made = value as { id: string; protocol: string; peer: DescribedPeer };
          void acceptConnection(accept, new RemoteConnection(made.id, made.protocol, toPeer(made.peer), clock));
        }
      });
      callNode("listen", { id, transport: this.#id, protocols, admits: admit !== undefined });
    });
  }
}

async function answer(asked: string, admit: () => unknown): Promise<void> {
  try {
    call("admitted", { asked, principal: (await admit()) ?? null });
  } catch (error) {
    const { code, message, details } = toStatusError(error);
    call("admitted", { asked, status: { code, message, details } });
  }
}

function toPeer({ metadata, ...peer }: DescribedPeer): Peer {
  return { ...peer, metadata: new Map(metadata) };
}

function callNode(name: string, args: unknown): unknown {
  try {
    return call(name, args);
  } catch (error) {
    throw error instanceof RemoteError ? StatusError.of(toStatus(error.described as Described)) : error;
  }
}
