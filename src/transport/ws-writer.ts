import { soon } from "../base/soon.js";
import { Outbox } from "./outbox.js";
import { Slab } from "./slab.js";
import { type NetworkSocketLike, openState, type WebSocketLike } from "./web-socket-like.js";
import type { MessageWriter } from "./web-sockets.js";

/**
 * How many bytes wait for the end of the turn at most, before they are written. More would cost memory, and gain
 * nothing: the cost of a write is spread over them already.
 */
const maxBatchBytes = 65_536;

/**
 * Writes messages to a socket that calls back once they are handed over.
 *
 * To ask the operating system to send something costs more than to make a message. So what is sent within one turn is
 * written at its end, all at once, where the network socket can be told to wait.
 */
export class WsWriter implements MessageWriter {
  readonly #socket: WebSocketLike;
  readonly #network: NetworkSocketLike | undefined;
  readonly #outbox = new Outbox();
  /** The messages that wait for the end of the turn: the last ones of the outbox. */
  #batch = 0;
  #batchBytes = 0;
  /** Whether this end has cut the connection. */
  #isCut = false;
  /** Where messages are copied to while too many wait. */
  readonly #slab = new Slab();
  /**
   * What was handed over after the socket had started to close. Node also calls back without an error for
   * what a broken connection took with it, so if it turns out to be broken these may be lost.
   */
  #handedOverLate: Uint8Array[] = [];

  constructor(socket: WebSocketLike, network: NetworkSocketLike | undefined) {
    this.#socket = socket;
    this.#network = network;
  }

  get bufferedAmount(): number {
    return this.#outbox.amount;
  }

  send(message: Uint8Array): void {
    const bytes = this.#slab.keep(message, this.#outbox.length);
    this.#outbox.add(bytes);
    this.#batchBytes += bytes.length;
    if (++this.#batch === 1) {
      soon(this.#flush);
    }
    if (this.#batchBytes >= maxBatchBytes) {
      this.flush();
    }
  }

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

  drained(amount: number): Promise<void> {
    return this.#outbox.drained(amount);
  }

  /** What the socket says that calls back from now on proves nothing: this end has cut the connection. */
  cut(): void {
    this.#isCut = true;
  }

  end(broken: boolean): Uint8Array[] {
    this.#batch = 0;
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
}
