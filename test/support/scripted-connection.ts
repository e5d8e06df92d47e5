import { deferred } from "../../src/base/deferred.js";
import { Code, type Status, StatusError, status } from "../../src/base/status.js";
import type { Connection, Consumer, Peer } from "../../src/transport/transport.js";

/** A connection whose other end is a test: it sees what was sent, and says what arrives, how full it is, and when it ends. */
export class ScriptedConnection implements Connection {
  readonly protocol = "";
  readonly peer: Peer = { address: "script", metadata: new Map(), encrypted: false };
  /** What was sent. */
  readonly sent: Uint8Array[] = [];
  /** What this end has closed the connection with. */
  closedWith: Status | undefined;
  isPaused = false;
  bufferedAmount = 0;
  consumer: Consumer | undefined;
  readonly #closed = deferred<Status>();
  #waiting: { readonly amount: number; readonly resolve: () => void }[] = [];
  #isOver = false;

  get closed(): Promise<Status> {
    return this.#closed.promise;
  }

  send(bytes: Uint8Array): void {
    if (this.#isOver) {
      throw new StatusError(Code.UNAVAILABLE, "the connection is closed");
    }
    this.sent.push(bytes);
  }

  drained(amount: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ amount, resolve });
      this.buffer(this.bufferedAmount);
    });
  }

  receive(consumer: Consumer): void {
    if (this.consumer !== undefined) {
      throw new StatusError(Code.FAILED_PRECONDITION, "there is a consumer already");
    }
    this.consumer = consumer;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(why: Status): Promise<Status> {
    this.closedWith ??= why;
    this.end(why);
    return this.closed;
  }

  /** Has a message arrive. */
  deliver(bytes: Uint8Array): void {
    if (!this.#isOver) {
      this.consumer?.message(bytes);
    }
  }

  /** Has a message arrive although the connection is closed, as none of a conforming transport does. */
  deliverLate(bytes: Uint8Array): void {
    this.consumer?.message(bytes);
  }

  /** Has a text message arrive, which closes the connection where nobody takes text. */
  deliverText(text: string): void {
    if (this.consumer?.text === undefined) {
      void this.close(status(Code.INVALID_ARGUMENT, "a text message"));
    } else {
      this.consumer.text(new TextEncoder().encode(text));
    }
  }

  /** Says how many bytes wait to be handed over. */
  buffer(amount: number): void {
    this.bufferedAmount = amount;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((waiter) => !this.#isOver && waiter.amount < amount);
    for (const waiter of waiting) {
      if (!this.#waiting.includes(waiter)) {
        waiter.resolve();
      }
    }
  }

  /** How many wait for the connection to drain, and for which amount. */
  get waitsFor(): readonly number[] {
    return this.#waiting.map(({ amount }) => amount);
  }

  /** Ends the connection, as if the peer or the network had. `lost` was not handed over. */
  end(why: Status, lost: readonly Uint8Array[] = []): void {
    if (!this.#isOver) {
      this.#isOver = true;
      for (const bytes of lost) {
        this.consumer?.undelivered?.(bytes, why);
      }
      this.buffer(0);
      this.#closed.resolve(why);
    }
  }
}
