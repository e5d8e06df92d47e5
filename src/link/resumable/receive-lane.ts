import { overLimit } from "../../base/over-limit.js";
import { type DataFrame, type LaneAck, unreadable } from "./frame.js";
import type { Window } from "./limits.js";

/** What became of a data frame: it completes a message, or it has no news, or a message before it is missing. */
export type Received = Uint8Array | "partial" | "duplicate" | "gap";

/** More bytes than any lane will ever carry; sums with it stay exact. */
const mostBytes = 2 ** 52;

/** What waits for the consumer: a message, or the place of some that were skipped. */
interface Waiting {
  readonly message: Uint8Array | undefined;
  readonly sequence: number;
  readonly end: number;
}

/**
 * One lane of what an end receives: puts messages together, and knows what has arrived, what the consumer has taken,
 * and what the peer may send.
 */
export class ReceiveLane {
  readonly isSystem: boolean;
  readonly #window: Window;
  readonly #maxMessageBytes: number;
  /** The number of the last message that has arrived, and all bytes up to there. */
  #received = 0;
  #end = 0;
  /** The number of the last message that the consumer has taken, and all bytes up to there. */
  #consumed = 0;
  #consumedEnd = 0;
  /** What the peer knows: the last ack, and up to where it may send. */
  #acknowledged = 0;
  #acknowledgedEnd = 0;
  #maxSequence: number;
  #maxBytes: number;
  /** The message that is being put together, and how much of it is there. */
  #open: Uint8Array | undefined;
  #filled = 0;
  #waiting: Waiting[] = [];
  #taken = 0;

  constructor(isSystem: boolean, window: Window, maxMessageBytes: number) {
    this.isSystem = isSystem;
    this.#window = window;
    this.#maxMessageBytes = maxMessageBytes;
    this.#maxSequence = window.messages;
    this.#maxBytes = window.bytes;
  }

  /** The number of the last message that has arrived. */
  get received(): number {
    return this.#received;
  }

  /** The number of the last message that the consumer has taken. */
  get consumed(): number {
    return this.#consumed;
  }

  /** How many messages wait for the consumer. */
  get waiting(): number {
    return this.#waiting.length - this.#taken;
  }

  /** Whether the consumer has taken so much that the peer should be told at once. */
  get isAckDue(): boolean {
    return (
      (this.#consumed - this.#acknowledged) * 4 >= this.#window.messages ||
      (this.#consumedEnd - this.#acknowledgedEnd) * 4 >= this.#window.bytes
    );
  }

  /** Whether there is anything to tell the peer. */
  get hasNews(): boolean {
    return this.#consumed > this.#acknowledged;
  }

  /** Takes in a frame. Throws a status for one that breaks the rules. */
  accept(frame: DataFrame): Received {
    const { sequence, bytes } = frame;
    if (sequence <= this.#received) {
      return "duplicate";
    }
    if (sequence > this.#received + 1) {
      return "gap";
    }
    if (frame.isFirst) {
      this.#checkFirst(sequence, frame.size);
      if (frame.isLast) {
        this.#arrived(sequence, bytes.length);
        return bytes;
      }
      this.#open = new Uint8Array(frame.size);
      this.#filled = 0;
    }
    const open = this.#open;
    if (open === undefined) {
      throw unreadable(`message ${sequence} goes on but hasn't begun`);
    }
    const filled = this.#filled + bytes.length;
    if (bytes.length === 0 || (frame.isLast ? filled !== open.length : filled >= open.length)) {
      throw unreadable(`the fragments of message ${sequence} have another size than the first one says`);
    }
    open.set(bytes, this.#filled);
    this.#filled = filled;
    if (!frame.isLast) {
      return "partial";
    }
    this.#open = undefined;
    this.#arrived(sequence, open.length);
    return open;
  }

  /** Takes in that some messages are never sent. Throws a status for what can't be. */
  skip(first: number, last: number, end: number): "skipped" | "duplicate" | "gap" {
    if (last <= this.#received) {
      return "duplicate";
    }
    if (first > this.#received + 1) {
      return "gap";
    }
    const isOdd = first !== this.#received + 1 || this.#open !== undefined || last > this.#maxSequence;
    if (isOdd || end < this.#end || end > mostBytes) {
      throw unreadable(`messages ${first} to ${last} can't be skipped here`);
    }
    this.#received = last;
    this.#end = end;
    return "skipped";
  }

  /** The message that has arrived last is kept for the consumer. With undefined it was skipped. */
  keep(message: Uint8Array | undefined): void {
    this.#waiting.push({ message, sequence: this.#received, end: this.#end });
  }

  /** The consumer gets the message that has arrived last, or there is none for it. */
  consume(): void {
    this.#consumed = this.#received;
    this.#consumedEnd = this.#end;
  }

  /** Takes the oldest message that waits, for the consumer. Undefined where none does. */
  shift(): Uint8Array | undefined {
    for (let next = this.#waiting[this.#taken]; next !== undefined; next = this.#waiting[this.#taken]) {
      this.#taken++;
      this.#consumed = next.sequence;
      this.#consumedEnd = next.end;
      if (this.#taken === this.#waiting.length) {
        this.#waiting = [];
        this.#taken = 0;
      }
      if (next.message !== undefined) {
        return next.message;
      }
    }
    return undefined;
  }

  /** What to tell the peer, which may send more unless the consumer is congested. */
  acknowledge(isCongested: boolean): LaneAck {
    this.#acknowledged = this.#consumed;
    this.#acknowledgedEnd = this.#consumedEnd;
    if (!isCongested) {
      this.#maxSequence = this.#consumed + this.#window.messages;
      this.#maxBytes = this.#consumedEnd + this.#window.bytes;
    }
    return { acknowledged: this.#acknowledged, maxSequence: this.#maxSequence, maxBytes: this.#maxBytes };
  }

  /** The connection is lost: what has come of a message comes again. */
  interrupt(): void {
    this.#open = undefined;
  }

  /** Drops what waits for the consumer. */
  clear(): void {
    this.#open = undefined;
    this.#waiting = [];
    this.#taken = 0;
  }

  #checkFirst(sequence: number, size: number): void {
    if (this.#open !== undefined) {
      throw unreadable(`message ${sequence} begins twice`);
    }
    if (size > this.#maxMessageBytes) {
      throw overLimit(
        "maxMessageBytes",
        `the peer sent a message of ${size} bytes, and maxMessageBytes is ${this.#maxMessageBytes}`,
      );
    }
    const isAlone = this.#consumed === sequence - 1;
    if (sequence > this.#maxSequence || (this.#end + size > this.#maxBytes && !isAlone)) {
      throw unreadable(`message ${sequence} was sent without credit`);
    }
  }

  #arrived(sequence: number, size: number): void {
    this.#received = sequence;
    this.#end += size;
  }
}
