/** One message on its way out. */
export interface Outgoing {
  readonly bytes: Uint8Array;
}

/**
 * Knows which messages were sent and have not been handed over yet, in order, and who waits for them to
 * become fewer.
 */
export class Outbox {
  readonly #messages = new Set<Outgoing>();
  readonly #waiting = new Set<{ readonly amount: number; readonly resolve: () => void }>();
  #amount = 0;
  #closed = false;

  /** The bytes that have not been handed over. */
  get amount(): number {
    return this.#amount;
  }

  /** Whether every message has been handed over, those without bytes too. */
  get isEmpty(): boolean {
    return this.#messages.size === 0;
  }

  /** Takes a message in. */
  add(bytes: Uint8Array): Outgoing {
    const message = { bytes };
    this.#messages.add(message);
    this.#amount += bytes.length;
    return message;
  }

  /** Drops a message that was handed over. */
  handedOver(message: Outgoing): void {
    if (this.#messages.delete(message)) {
      this.#amount -= message.bytes.length;
      this.#wake();
    }
  }

  /** Drops the oldest messages until the rest is at most `amount` bytes. */
  handedOverAllBut(amount: number): void {
    for (const message of this.#messages) {
      if (this.#amount - message.bytes.length < amount) {
        return;
      }
      this.handedOver(message);
    }
  }

  /** Resolves once at most `amount` bytes are left, or the outbox is closed. */
  drained(amount: number): Promise<void> {
    if (this.#closed || this.#amount <= amount) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#waiting.add({ amount, resolve });
    });
  }

  /** Lets everyone go who waits, and returns what was never handed over. */
  close(): Uint8Array[] {
    this.#closed = true;
    const left = [...this.#messages].map((message) => message.bytes);
    this.#messages.clear();
    this.#amount = 0;
    this.#wake();
    return left;
  }

  #wake(): void {
    for (const waiter of this.#waiting) {
      if (this.#closed || this.#amount <= waiter.amount) {
        this.#waiting.delete(waiter);
        waiter.resolve();
      }
    }
  }
}
