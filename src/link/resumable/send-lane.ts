import { Slab } from "../../transport/slab.js";
import { fragmentFrame, type LaneAck, wholeHeaderBytes, writeWholeHeader } from "./frame.js";
import { fragmentBytes, type Window } from "./limits.js";

/** A message that isn't acknowledged. */
interface Kept {
  /** The bytes of the message, behind room for the header. Undefined for one that was given up, and is skipped. */
  frame: Uint8Array | undefined;
  /** Where the message begins. */
  readonly headroom: number;
  /** All bytes of the lane up to the end of this message. */
  readonly end: number;
  /** When it is of no use any more, by the clock; 0 for never. */
  readonly expiresAt: number;
}

/** A row of messages that are never sent. */
export class Skipped {
  readonly isSystem: boolean;
  /** The numbers of the first one and of the last one. */
  readonly first: number;
  readonly last: number;
  /** All bytes of the lane up to there. */
  readonly throughBytes: number;
  /** Those that have just expired; others were given up before. */
  readonly expired: readonly Uint8Array[];

  constructor(isSystem: boolean, first: number, last: number, throughBytes: number, expired: readonly Uint8Array[]) {
    this.isSystem = isSystem;
    this.first = first;
    this.last = last;
    this.throughBytes = throughBytes;
    this.expired = expired;
  }
}

/** How many places of messages that are gone are kept before the list is shortened. */
const slack = 1_024;

/**
 * One lane of what an end sends: everything that isn't acknowledged, numbered, and how far it has been sent. No
 * operation takes time in proportion to what is kept.
 */
export class SendLane {
  readonly isSystem: boolean;
  readonly #limit: Window;
  /** Where messages are copied to while many aren't acknowledged. */
  readonly #slab = new Slab();
  #kept: (Kept | undefined)[] = [];
  /** How many places at the front of the list are empty. */
  #gone = 0;
  /** The number of the last message that the peer has acknowledged. */
  #acknowledged = 0;
  /** The number of the next message to be sent, and how much of it is sent. */
  #next = 1;
  #offset = 0;
  /** The number of the last message, and all bytes up to there. */
  #last = 0;
  #end = 0;
  #maxSequence = 0;
  #maxBytes = 0;
  /** The bytes of what is kept. */
  #bytes = 0;

  constructor(isSystem: boolean, limit: Window) {
    this.isSystem = isSystem;
    this.#limit = limit;
  }

  /** How many bytes the next message needs in front of it. */
  get headroom(): number {
    return wholeHeaderBytes(this.#last + 1);
  }

  /** How many messages, and bytes, aren't acknowledged. */
  get length(): number {
    return this.#last - this.#acknowledged;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many messages haven't been sent over this connection, or not as a whole. */
  get unsent(): number {
    return this.#last - this.#next + 1;
  }

  /** Whether the lane can keep another message of so many bytes. */
  fits(bytes: number): boolean {
    return this.length < this.#limit.messages && (this.#bytes + bytes <= this.#limit.bytes || this.#bytes === 0);
  }

  /** Whether more than a part of what can be kept is. */
  isAbove(part: number): boolean {
    return this.length > this.#limit.messages * part || this.#bytes > this.#limit.bytes * part;
  }

  /** Numbers and keeps a message, which has `headroom` bytes for its header in front. */
  push(message: Uint8Array, headroom: number, expiresAt: number): void {
    const frame = this.#slab.keep(message, this.length);
    const size = frame.length - headroom;
    this.#last++;
    this.#end += size;
    this.#bytes += size;
    if (size <= fragmentBytes) {
      writeWholeHeader(frame, this.isSystem, this.#last);
    }
    this.#kept.push({ frame, headroom, end: this.#end, expiresAt });
  }

  /** Takes what is to be sent next, if the peer lets anything be sent: a frame, or a row of messages to skip. */
  take(now: () => number): Uint8Array | Skipped | undefined {
    const sequence = this.#next;
    if (sequence > this.#last) {
      return undefined;
    }
    const kept = this.#at(sequence);
    if (this.#offset === 0) {
      if (!this.#mayTake(sequence, kept)) {
        return undefined;
      }
      if (kept.frame === undefined || (kept.expiresAt !== 0 && now() >= kept.expiresAt)) {
        return this.#skip(now());
      }
    }
    const frame = kept.frame as Uint8Array;
    const size = frame.length - kept.headroom;
    if (size <= fragmentBytes) {
      this.#next++;
      return frame;
    }
    const message = frame.subarray(kept.headroom);
    const fragment = fragmentFrame(message, this.#offset, fragmentBytes, this.isSystem, sequence);
    this.#offset += fragmentBytes;
    if (this.#offset >= size) {
      this.#offset = 0;
      this.#next++;
    }
    return fragment;
  }

  /** Takes in an ack. Returns whether it can be true. */
  acknowledge({ acknowledged, maxSequence, maxBytes }: LaneAck): boolean {
    if (
      acknowledged < this.#acknowledged ||
      acknowledged >= this.#next ||
      maxSequence < this.#maxSequence ||
      maxBytes < this.#maxBytes
    ) {
      return false;
    }
    this.#maxSequence = maxSequence;
    this.#maxBytes = maxBytes;
    this.#forget(acknowledged);
    return true;
  }

  /**
   * Goes back to what comes behind the message that the peer has received last. Returns whether the peer can have
   * received that.
   */
  rewind(received: number, ack: LaneAck): boolean {
    if (received < this.#acknowledged || received >= this.#next) {
      return false;
    }
    this.#next = received + 1;
    this.#offset = 0;
    return this.acknowledge(ack);
  }

  /** Gives up the largest of the messages that were sent and aren't acknowledged, and returns its bytes. */
  evictLargest(): Uint8Array | undefined {
    let largest: Kept | undefined;
    for (let sequence = this.#acknowledged + 1; sequence <= Math.min(this.#next, this.#last); sequence++) {
      const kept = this.#at(sequence);
      if ((kept.frame?.length ?? 0) > (largest?.frame?.length ?? 0)) {
        largest = kept;
      }
    }
    return largest === undefined ? undefined : this.#giveUp(largest);
  }

  /** Forgets everything, and returns what isn't acknowledged, in order. */
  clear(): Uint8Array[] {
    const left: Uint8Array[] = [];
    for (let sequence = this.#acknowledged + 1; sequence <= this.#last; sequence++) {
      const { frame, headroom } = this.#at(sequence);
      if (frame !== undefined) {
        left.push(frame.subarray(headroom));
      }
    }
    this.#forget(this.#last);
    this.#next = this.#last + 1;
    this.#offset = 0;
    return left;
  }

  /** Whether the peer has given credit for a message; for the only one that isn't acknowledged bytes don't count. */
  #mayTake(sequence: number, kept: Kept): boolean {
    return sequence <= this.#maxSequence && (kept.end <= this.#maxBytes || this.#acknowledged === sequence - 1);
  }

  /** Skips all messages in a row that have expired, as far as the credit goes. */
  #skip(now: number): Skipped {
    const expired: Uint8Array[] = [];
    const first = this.#next;
    let bytes = 0;
    for (let sequence = first; sequence <= this.#last; sequence++) {
      const kept = this.#at(sequence);
      const isOver = kept.frame === undefined || (kept.expiresAt !== 0 && now >= kept.expiresAt);
      if (!isOver || (sequence > first && !this.#mayTake(sequence, kept))) {
        break;
      }
      const message = this.#giveUp(kept);
      if (message !== undefined) {
        expired.push(message);
      }
      bytes = kept.end;
      this.#next = sequence + 1;
    }
    return new Skipped(this.isSystem, first, this.#next - 1, bytes, expired);
  }

  #giveUp(kept: Kept): Uint8Array | undefined {
    const { frame, headroom } = kept;
    if (frame === undefined) {
      return undefined;
    }
    kept.frame = undefined;
    this.#bytes -= frame.length - headroom;
    return frame.subarray(headroom);
  }

  /** Drops the messages up to a number. */
  #forget(through: number): void {
    const count = through - this.#acknowledged;
    if (count === 0) {
      return;
    }
    const end = this.#gone + count;
    for (let index = this.#gone; index < end; index++) {
      const { frame, headroom } = this.#kept[index] as Kept;
      this.#bytes -= frame === undefined ? 0 : frame.length - headroom;
      this.#kept[index] = undefined;
    }
    this.#acknowledged = through;
    this.#gone = end;
    if (end === this.#kept.length) {
      this.#kept.length = 0;
      this.#gone = 0;
    } else if (end >= slack && end * 2 >= this.#kept.length) {
      this.#kept = this.#kept.slice(end);
      this.#gone = 0;
    }
  }

  #at(sequence: number): Kept {
    return this.#kept[this.#gone + sequence - this.#acknowledged - 1] as Kept;
  }
}
