import { overLimit } from "../../base/over-limit.js";
import { Code, StatusError } from "../../base/status.js";
import { type DataFrame, type LaneAck, unreadable } from "./frame.js";
import type { Window } from "./limits.js";
import { resetStatus } from "./reset.js";

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
  /** The number at which a message was missing last. */
  #gapAt = 0;
  /** How many frames came a second time. */
  duplicates = 0;
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

  /**
   * Takes in a frame, and gives the message that it completes, if it does. Throws a status for one that breaks the rules, which
   * is DATA_LOSS where a message before it is missing.
   */
  accept(frame: DataFrame): Uint8Array | undefined {
    const { sequence, bytes } = frame;
    if (sequence <= this.#received) {
      this.duplicates++;
      return undefined;
    }
    this.#checkNext(sequence);
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
      throw unreadable(`message ${sequence} hasn't the size that it began with`);
    }
    open.set(bytes, this.#filled);
    this.#filled = filled;
    if (!frame.isLast) {
      return undefined;
    }
    this.#open = undefined;
    this.#arrived(sequence, open.length);
    return open;
  }

  /** Takes in that some messages are never sent. Throws a status for what can't be. Returns how many it are that haven't come. */
  skip(first: number, last: number, end: number): number {
    const count = last - this.#received;
    if (count <= 0) {
      return 0;
    }
    this.#checkNext(first);
    const isOdd = first !== this.#received + 1 || this.#open !== undefined || last > this.#maxSequence;
    if (isOdd || end < this.#end || end > mostBytes) {
      throw unreadable(`messages ${first} to ${last} can't be skipped here`);
    }
    this.#received = last;
    this.#end = end;
    return count;
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

  /** Throws where messages before this one are missing: the first time the link goes on over another connection. */
  #checkNext(sequence: number): void {
    const expected = this.#received + 1;
    if (sequence > expected) {
      const message = `message ${expected} of the ${this.isSystem ? "system" : "data"} lane is missing`;
      if (this.#gapAt === expected) {
        throw StatusError.of(resetStatus("gap", `${message}, twice`));
      }
      this.#gapAt = expected;
      throw new StatusError(Code.DATA_LOSS, message);
    }
  }

  #checkFirst(sequence: number, size: number): void {
    if (this.#open !== undefined) {
      throw unreadable(`message ${sequence} begins twice`);
    }
    if (size > this.#maxMessageBytes) {
      throw overLimit(
        "maxMessageBytes",
        `a message of ${size} bytes exceeds maxMessageBytes, which is ${this.#maxMessageBytes}`,
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
