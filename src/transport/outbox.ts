/** How many messages that are gone are kept in the list before it is shortened, so that shortening costs little. */
const slack = 1_024;

/**
 * Knows which messages were sent and have not been handed over yet, in order, and who waits for them to
 * become fewer.
 */
export class Outbox {
  readonly #waiting = new Set<{ readonly amount: number; readonly resolve: () => void }>();
  /** The messages, behind those that are gone. */
  #messages: Uint8Array[] = [];
  #gone = 0;
  #amount = 0;
  #closed = false;

  /** The bytes that have not been handed over. */
  get amount(): number {
    return this.#amount;
  }

  /** How many messages have not been handed over, those without bytes too. */
  get length(): number {
    return this.#messages.length - this.#gone;
  }

  /** Takes a message in. */
  add(bytes: Uint8Array): void {
    this.#messages.push(bytes);
    this.#amount += bytes.length;
  }

  /** The message before which there are `index` older ones. */
  at(index: number): Uint8Array | undefined {
    return this.#messages[this.#gone + index];
  }

  /** Drops the oldest messages, which were handed over. */
  handedOver(count: number): void {
    const end = Math.min(this.#gone + count, this.#messages.length);
    for (let index = this.#gone; index < end; index++) {
      this.#amount -= (this.#messages[index] as Uint8Array).length;
      // Not kept alive by its place in the list.
      this.#messages[index] = none;
    }
    this.#gone = end;
    if (end === this.#messages.length) {
      this.#messages.length = 0;
      this.#gone = 0;
    } else if (end >= slack && end * 2 >= this.#messages.length) {
      this.#messages = this.#messages.slice(end);
      this.#gone = 0;
    }
    this.#wake();
  }

  /** Drops the oldest messages until the rest is at most `amount` bytes. */
  handedOverAllBut(amount: number): void {
    let count = 0;
    let left = this.#amount;
    for (let message = this.at(0); message !== undefined && left - message.length >= amount; message = this.at(count)) {
      left -= message.length;
      count++;
    }
    this.handedOver(count);
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
    const left = this.#messages.slice(this.#gone);
    this.#messages = [];
    this.#gone = 0;
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

const none = new Uint8Array(0);
