import type { Socket } from "node:net";
import {
  type Clock,
  Code,
  type Connection,
  type Consumer,
  type Peer,
  type Status,
  StatusError,
  status,
} from "crossbus";
import { type FrameReader, FrameType, readStatus, writeFrame, writeStatus } from "./frames.js";

/** How long a peer may take to answer a close, and how long a consumer to take what arrived before the end. */
const closeTimeoutMs = 3_000;
const takeTimeoutMs = 10_000;

/** One end of a connection, over a socket on which both have shaken hands. */
export class TcpConnection implements Connection {
  readonly protocol: string;
  readonly peer: Peer;
  readonly closed: Promise<Status>;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #clock: Clock;
  #resolveClosed: (why: Status) => void = () => {};
  /** What was sent and isn't with the operating system yet, the oldest first. */
  #outbox: Uint8Array[] = [];
  #buffered = 0;
  readonly #waiting = new Set<{ readonly amount: number; readonly resolve: () => void }>();
  #consumer: Consumer | undefined;
  /** What arrived and wasn't taken. */
  #inbox: Uint8Array[] = [];
  #paused = false;
  /** With what this end has called `close()`. */
  #closing: Status | undefined;
  /** With what the connection ends, once it is the peer or the network that ended it. */
  #ended: Status | undefined;
  #finished: Status | undefined;
  #stopTimer = () => {};

  constructor(socket: Socket, reader: FrameReader, peer: Peer, protocol: string, clock: Clock) {
    this.#socket = socket;
    this.#reader = reader;
    this.#clock = clock;
    this.peer = peer;
    this.protocol = protocol;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    reader.onFrame = (type, bytes) =>
      type === FrameType.Message ? this.#arrived(bytes) : this.#end(readStatus(bytes));
    reader.onTooLarge = (size) => {
      void this.close(status(Code.RESOURCE_EXHAUSTED, `a message of ${size} bytes is larger than is taken`));
      reader.discard();
    };
    const broke = (): void => this.#end(status(Code.UNAVAILABLE, `the connection to ${peer.address} broke`), "broken");
    // An error is always followed by the close. Without a listener it would end the process.
    socket
      .on("error", () => {})
      .on("end", broke)
      .on("close", broke);
  }

  get bufferedAmount(): number {
    return this.#buffered;
  }

  send(bytes: Uint8Array): void {
    if (this.#closing !== undefined || this.#ended !== undefined) {
      throw new StatusError(Code.UNAVAILABLE, `the connection to ${this.peer.address} is closed`);
    }
    this.#outbox.push(bytes);
    this.#buffered += bytes.length;
    writeFrame(this.#socket, FrameType.Message, bytes, () => this.#handedOver());
  }

  drained(amount: number): Promise<void> {
    if (this.#buffered <= amount) {
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.add({ amount, resolve }));
  }

  receive(consumer: Consumer): void {
    if (this.#consumer !== undefined) {
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `${this.peer.address} has a consumer already; call receive() once`,
      );
    }
    this.#consumer = consumer;
    queueMicrotask(() => (this.#finished === undefined ? this.#deliver() : this.#tellLost(this.#finished)));
  }

  pause(): void {
    this.#paused = true;
    this.#read();
  }

  resume(): void {
    this.#paused = false;
    queueMicrotask(() => this.#deliver());
  }

  close(why: Status): Promise<Status> {
    if (this.#closing === undefined && this.#finished === undefined) {
      this.#closing = why;
      this.#inbox = [];
      if (this.#ended === undefined) {
        // After all that was sent. The peer answers, and may take its time to read what comes before.
        writeStatus(this.#socket, FrameType.Close, why);
        this.#setTimer(closeTimeoutMs, () => this.#finish(why, "broken"));
        this.#read();
      } else {
        this.#finish(this.#ended);
      }
    }
    return this.closed;
  }

  #arrived(bytes: Uint8Array): void {
    if (this.#closing === undefined && this.#ended === undefined) {
      this.#inbox.push(bytes);
      this.#deliver();
    }
  }

  #deliver(): void {
    while (this.#consumer !== undefined && !this.#paused && this.#inbox.length > 0) {
      try {
        this.#consumer.message(this.#inbox.shift() as Uint8Array);
      } catch (error) {
        console.error("a consumer failed", error);
        void this.close(status(Code.INTERNAL, "a message could not be handled"));
      }
    }
    this.#read();
    if (this.#ended !== undefined && this.#inbox.length === 0) {
      this.#finish(this.#ended);
    }
  }

  /** Reads on unless there is something that nobody takes. Who closes reads to the end, to see the answer. */
  #read(): void {
    if (this.#finished === undefined) {
      this.#reader.setReading(this.#closing !== undefined || (!this.#paused && this.#inbox.length === 0));
    }
  }

  /** The peer closes, or answers a close, or the socket has ended without either. */
  #end(why: Status, how?: "broken"): void {
    if (this.#ended !== undefined || this.#finished !== undefined) {
      return;
    }
    this.#ended = this.#closing ?? why;
    if (this.#closing !== undefined || this.#inbox.length === 0) {
      this.#finish(this.#ended, how);
    } else {
      this.#setTimer(takeTimeoutMs, () => this.#finish(why, how));
    }
  }

  #finish(why: Status, how?: "broken"): void {
    if (this.#finished !== undefined) {
      return;
    }
    this.#finished = why;
    this.#ended ??= why;
    this.#inbox = [];
    this.#stopTimer();
    if (how === "broken") {
      this.#socket.destroy();
    } else {
      if (this.#closing === undefined) {
        writeStatus(this.#socket, FrameType.Close, why);
      }
      this.#reader.discard();
      this.#socket.end(() => this.#socket.destroy());
    }
    this.#buffered = 0;
    this.#wake();
    this.#tellLost(why);
    this.#resolveClosed(why);
  }

  #handedOver(): void {
    if (this.#finished === undefined) {
      this.#buffered -= this.#outbox.shift()?.length ?? 0;
      this.#wake();
    }
  }

  #wake(): void {
    for (const waiter of this.#waiting) {
      if (this.#buffered <= waiter.amount) {
        this.#waiting.delete(waiter);
        waiter.resolve();
      }
    }
  }

  /** Tells what was not handed over, as soon as there is somebody to tell. */
  #tellLost(ending: Status): void {
    if (this.#consumer === undefined) {
      return;
    }
    const why = ending.code === Code.OK ? status(Code.UNAVAILABLE, "the connection closed before") : ending;
    for (const bytes of this.#outbox.splice(0)) {
      try {
        this.#consumer.undelivered?.(bytes, why);
      } catch (error) {
        console.error("a consumer failed", error);
      }
    }
  }

  #setTimer(ms: number, callback: () => void): void {
    this.#stopTimer();
    this.#stopTimer = this.#clock.after(ms, callback);
  }
}
