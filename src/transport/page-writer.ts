import type { Clock } from "../base/clock.js";
import { Outbox } from "./outbox.js";
import { maxInPlace } from "./slab.js";
import { Timer } from "./timer.js";
import type { WebSocketLike } from "./web-socket-like.js";
import type { MessageWriter } from "./web-sockets.js";

/** How often a socket is asked what it has sent, in milliseconds. Only while it sends. */
const pollMs = 20;

/** Writes messages to a socket that doesn't call back: it has to be asked what it has sent. */
export class PageWriter implements MessageWriter {
  readonly #socket: WebSocketLike;
  readonly #outbox = new Outbox();
  readonly #polling: Timer;

  constructor(socket: WebSocketLike, clock: Clock) {
    this.#socket = socket;
    this.#polling = new Timer(clock);
  }

  get bufferedAmount(): number {
    this.look();
    return this.#outbox.amount;
  }

  send(message: Uint8Array): void {
    // A page has few connections, and seldom that many messages wait: there is no need to copy them next to each other.
    const bytes = this.#outbox.length < maxInPlace ? message : new Uint8Array(message);
    this.#outbox.add(bytes);
    this.#socket.send(bytes);
    this.#poll();
  }

  drained(amount: number): Promise<void> {
    this.look();
    return this.#outbox.drained(amount);
  }

  end(): Uint8Array[] {
    this.#polling.clear();
    this.look();
    return this.#outbox.close();
  }

  /**
   * Looks what the socket has sent by now. Timers are late where a page is hidden, by up to a minute, and messages are
   * not: whoever gets one has its peer's answer to what it sent, often.
   */
  look(): void {
    if (this.#outbox.length > 0) {
      this.#outbox.handedOverAllBut(this.#socket.bufferedAmount);
    }
  }

  #poll(): void {
    this.#polling.set(pollMs, () => {
      this.look();
      if (this.#outbox.length > 0) {
        this.#poll();
      }
    });
  }
}
