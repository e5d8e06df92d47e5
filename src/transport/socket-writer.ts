import type { Clock } from "../base/clock.js";
import { soon } from "../base/soon.js";
import { Outbox } from "./outbox.js";
import { Slab } from "./slab.js";
import { Timer } from "./timer.js";
import { type NetworkSocketLike, openState, type WebSocketLike } from "./web-socket-like.js";

/** How often a socket that doesn't call back is asked what it has sent, in milliseconds. Only while it sends. */
const pollMs = 20;

/**
 * How many bytes wait for the end of the turn at most, before they are written. More would cost memory, and gain
 * nothing: the cost of a write is spread over them already.
 */
const maxBatchBytes = 65_536;

/**
 * Writes the messages of a connection to its WebSocket, and knows which were not handed over.
 *
 * To ask the operating system to send something costs more than to make a message. So what is sent within one turn is
 * written at its end, all at once, where the network socket can be told to wait.
 */
export class SocketWriter {
  readonly #socket: WebSocketLike;
  readonly #network: NetworkSocketLike | undefined;
  readonly #callsBack: boolean;
  readonly #outbox = new Outbox();
  readonly #polling: Timer;
  /** The messages that wait for the end of the turn: the last ones of the outbox. */
  #batch = 0;
  #batchBytes = 0;
  /** Whether this end has cut the connection. */
  #isCut = false;
  #hasEnded = false;
  /** Where messages are copied to while too many wait. */
  readonly #slab = new Slab();
  /**
   * What was handed over after the socket had started to close. Node also calls back without an error for
   * what a broken connection took with it, so if it turns out to be broken these may be lost.
   */
  #handedOverLate: Uint8Array[] = [];

  constructor(socket: WebSocketLike, network: NetworkSocketLike | undefined, clock: Clock) {
    this.#socket = socket;
    this.#network = network;
    this.#callsBack = socket.on !== undefined;
    this.#polling = new Timer(clock);
  }

  /** The bytes that were sent and have not been handed over. */
  get bufferedAmount(): number {
    this.#askSocket();
    return this.#outbox.amount;
  }

  /** Sends a message, over a socket that is open. */
  send(message: Uint8Array): void {
    const bytes = this.#slab.keep(message, this.#outbox.length);
    this.#outbox.add(bytes);
    if (!this.#callsBack) {
      this.#socket.send(bytes);
      this.#poll();
      return;
    }
    this.#batchBytes += bytes.length;
    if (++this.#batch === 1) {
      soon(this.#flush);
    }
    if (this.#batchBytes >= maxBatchBytes) {
      this.flush();
    }
  }

  /** Writes what waits for the end of the turn. */
  flush(): void {
    const count = this.#batch;
    if (count === 0 || this.#socket.readyState !== openState) {
      return;
    }
    this.#batch = 0;
    this.#batchBytes = 0;
    const last = this.#outbox.length - 1;
    // The last one calls back for all: they are handed over in order.
    const done = (error?: Error | null) => this.#called(count, error);
    if (count === 1) {
      this.#socket.send(this.#outbox.at(last) as Uint8Array, done);
      return;
    }
    this.#network?.cork?.();
    try {
      for (let index = last + 1 - count; index < last; index++) {
        this.#socket.send(this.#outbox.at(index) as Uint8Array);
      }
      this.#socket.send(this.#outbox.at(last) as Uint8Array, done);
    } finally {
      this.#network?.uncork?.();
    }
  }

  /**
   * Looks what the socket has sent by now. Timers are late where a page is hidden, by up to a minute, and messages are
   * not: whoever gets one has its peer's answer to what it sent, often.
   */
  look(): void {
    this.#askSocket();
  }

  /** Resolves once at most `amount` bytes are left, or the writer has ended. */
  drained(amount: number): Promise<void> {
    this.#askSocket();
    return this.#outbox.drained(amount);
  }

  /** What a socket says that calls back from now on proves nothing: this end has cut the connection. */
  cut(): void {
    this.#isCut = true;
  }

  /** The socket has closed, `broken` or not. Returns what was not handed over, or may not have been. */
  end(broken: boolean): Uint8Array[] {
    this.#hasEnded = true;
    this.#batch = 0;
    this.#polling.clear();
    this.#askSocket();
    const late = broken && !this.#isCut ? this.#handedOverLate : [];
    this.#handedOverLate = [];
    return [...late, ...this.#outbox.close()];
  }

  readonly #flush = () => this.flush();

  /** The socket has handed over a batch, or failed to: then it stays, to be told as undelivered. */
  #called(count: number, error: Error | null | undefined): void {
    if ((error !== undefined && error !== null) || this.#isCut) {
      return;
    }
    if (this.#socket.readyState !== openState) {
      for (let index = 0; index < count; index++) {
        const bytes = this.#outbox.at(index);
        if (bytes !== undefined) {
          this.#handedOverLate.push(bytes);
        }
      }
    }
    this.#outbox.handedOver(count);
  }

  /** Drops what a socket that doesn't call back has sent by now. */
  #askSocket(): void {
    if (!this.#callsBack && this.#outbox.length > 0) {
      this.#outbox.handedOverAllBut(this.#socket.bufferedAmount);
    }
  }

  #poll(): void {
    this.#polling.set(pollMs, () => {
      this.#askSocket();
      if (this.#outbox.length > 0 && !this.#hasEnded) {
        this.#poll();
      }
    });
  }
}
