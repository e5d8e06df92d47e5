import type { Consumer } from "./transport.js";

/** What a message that is kept counts beside its bytes, so that empty ones can't be kept without bound. */
const overhead = 64;

/** A message that waits for the consumer. */
interface Kept {
  readonly bytes: Uint8Array;
  readonly isText: boolean;
}

/**
 * Keeps what arrived until the consumer takes it, in order. The first message that has to be kept, and the
 * last that was, are told through `changed`.
 */
export class Inbox {
  readonly #deliver: (consumer: Consumer, bytes: Uint8Array, isText: boolean) => void;
  readonly #changed: () => void;
  readonly #kept: Kept[] = [];
  #size = 0;
  #consumer: Consumer | undefined;
  #paused = false;
  #discarding = false;
  #flushing = false;

  constructor(deliver: (consumer: Consumer, bytes: Uint8Array, isText: boolean) => void, changed: () => void) {
    this.#deliver = deliver;
    this.#changed = changed;
  }

  get consumer(): Consumer | undefined {
    return this.#consumer;
  }

  /** The consumer, where a message that arrives now is its next one: it is given that at once, and nothing is pushed. */
  get taker(): Consumer | undefined {
    return this.#discarding || this.#paused || !this.isEmpty ? undefined : this.#consumer;
  }

  /** Whether a message that arrives now can go to the consumer at once. */
  get isFlowing(): boolean {
    return this.#discarding || (this.#consumer !== undefined && !this.#paused);
  }

  get isEmpty(): boolean {
    return this.#kept.length === 0;
  }

  /** The bytes that are kept, with an allowance for each message. */
  get size(): number {
    return this.#size;
  }

  /** Keeps a message that arrived and that nobody takes now. */
  push(bytes: Uint8Array, isText: boolean): void {
    if (this.#discarding) {
      return;
    }
    this.#kept.push({ bytes, isText });
    this.#size += bytes.length + overhead;
    this.#changed();
  }

  setConsumer(consumer: Consumer): void {
    this.#consumer = consumer;
    this.#flushLater();
  }

  setPaused(paused: boolean): void {
    this.#paused = paused;
    if (paused) {
      this.#changed();
    } else {
      this.#flushLater();
    }
  }

  /** Drops what is kept, and whatever arrives from now on. */
  discard(): void {
    this.#discarding = true;
    this.#kept.length = 0;
    this.#size = 0;
    this.#changed();
  }

  /** Not at once: who calls `receive()` or `resume()` doesn't expect messages before it returns. */
  #flushLater(): void {
    if (this.isEmpty) {
      this.#changed();
    } else if (!this.#flushing) {
      this.#flushing = true;
      queueMicrotask(() => this.#flush());
    }
  }

  #flush(): void {
    let next = 0;
    try {
      while (!this.#discarding && !this.#paused && this.#consumer !== undefined) {
        const message = this.#kept[next];
        if (message === undefined) {
          break;
        }
        next += 1;
        this.#size -= message.bytes.length + overhead;
        this.#deliver(this.#consumer, message.bytes, message.isText);
      }
    } finally {
      this.#flushing = false;
      this.#kept.splice(0, next);
      this.#changed();
      if (!this.isEmpty && this.isFlowing) {
        this.#flushLater();
      }
    }
  }
}
