import { deferred } from "../../../src/base/deferred.js";
import { consoleLogger } from "../../../src/base/logger.js";
import { Code, type Status, type StatusDetail, StatusError, show, status } from "../../../src/base/status.js";
import type { Connection, Consumer, Peer } from "../../../src/transport/transport.js";
import { call, newId, onRemote, RemoteError, type RemoteEvent, sendSoon } from "./remote.js";
import type { RemoteClock } from "./remote-clock.js";

/** A status as it comes from Node. */
export interface Described {
  readonly code: Code;
  readonly message: string;
  readonly details: readonly StatusDetail[];
}

/** A peer as it comes from Node. */
export interface DescribedPeer extends Omit<Peer, "metadata"> {
  readonly metadata: readonly (readonly [string, string])[];
}

/** A connection that a listener in Node has accepted. */
export class RemoteConnection implements Connection {
  readonly protocol: string;
  readonly peer: Peer;
  readonly #id: string;
  readonly #clock: RemoteClock | undefined;
  readonly #closed = deferred<Status>();
  /** What has come from Node and wasn't delivered, because this end doesn't take anything at the moment. */
  readonly #held: RemoteEvent[] = [];
  #consumer: Consumer | undefined;
  #isPaused = false;
  /** What Node has said in this turn that it buffers, and what was sent since. */
  #buffered: number | undefined;
  #isClosing = false;
  #isClosed = false;
  readonly #stop: () => void;

  constructor(id: string, protocol: string, peer: Peer, clock: RemoteClock | undefined) {
    this.#id = id;
    this.protocol = protocol;
    this.peer = peer;
    this.#clock = clock;
    this.#stop = onRemote(id, (event) => {
      this.#held.push(event);
      this.#deliver();
    });
  }

  get closed(): Promise<Status> {
    return this.#closed.promise;
  }

  get bufferedAmount(): number {
    if (this.#buffered === undefined) {
      // It gets less in later turns alone.
      this.#buffered = this.#call("bufferedAmount") as number;
      queueMicrotask(() => {
        this.#buffered = undefined;
      });
    }
    return this.#buffered;
  }

  send(bytes: Uint8Array): void {
    if (this.#isClosing || this.#isClosed) {
      // For Node to say what it says then.
      this.#call("send");
    }
    if (this.#buffered !== undefined) {
      this.#buffered += bytes.length;
    }
    sendSoon(this.#id, bytes);
  }

  drained(amount: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = newId("drained");
      const stop = onRemote(waiting, () => {
        stop();
        resolve();
      });
      this.#call("drained", { amount, waiting });
    });
  }

  receive(consumer: Consumer): void {
    this.#call("receive", { takesText: consumer.text !== undefined });
    this.#consumer = consumer;
  }

  pause(): void {
    this.#isPaused = true;
    this.#call("pause");
  }

  resume(): void {
    this.#isPaused = false;
    this.#call("resume");
    queueMicrotask(() => this.#deliver());
  }

  close(why: Status): Promise<Status> {
    this.#isClosing = true;
    const { code, message, details } = why;
    this.#call("close", { status: { code, message, details } });
    queueMicrotask(() => this.#deliver());
    return this.closed;
  }

  #call(name: string, args: object = {}): unknown {
    try {
      return call("connection", { ...args, does: name, id: this.#id, now: this.#clock?.now() });
    } catch (error) {
      throw error instanceof RemoteError ? StatusError.of(toStatus(error.described as Described)) : error;
    }
  }

  #deliver(): void {
    while (!this.#isPaused || this.#isClosing) {
      const event = this.#held.shift();
      if (event === undefined) {
        return;
      }
      this.#take(event);
    }
  }

  #take({ name, value, bytes = new Uint8Array() }: RemoteEvent): void {
    const consumer = this.#consumer;
    if (name === "closed") {
      this.#stop();
      this.#isClosed = true;
      this.#closed.resolve(toStatus(value as Described));
    } else if (name === "undelivered") {
      try {
        consumer?.undelivered?.(bytes, toStatus(value as Described));
      } catch (error) {
        consoleLogger.error("the consumer of a connection failed", { peer: show(this.peer.address), error });
      }
    } else if (!this.#isClosing) {
      try {
        name === "text" ? consumer?.text?.(bytes) : consumer?.message(bytes);
      } catch (error) {
        consoleLogger.error("the consumer of a connection failed", { peer: show(this.peer.address), error });
        void this.close(status(Code.INTERNAL, "a message could not be handled"));
      }
    }
  }
}

export function toStatus({ code, message, details }: Described): Status {
  return { code, message, details };
}
