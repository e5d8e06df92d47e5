import type { Skip } from "../../../gen/crossbus/v1/link_pb.js";
import { WireWriter, wireWriter } from "../../codec/wire-writer.js";
import type { Init } from "../../message/types.js";
import { fragmentFrame, type LaneAck, LaneNumber, wholeHeaderBytes, writeWholeHeader } from "./frame.js";
import { fragmentBytes, type Window } from "./limits.js";

/** A row of messages that are never sent, as the peer is told of it. */
export interface Skipped {
  readonly skip: Init<Skip>;
  /** Those that have just expired; others were given up before. */
  readonly expired: readonly Uint8Array[];
}

/** How many places of messages that are gone are kept before the lists are shortened. */
const slack = 1_024;

/**
 * So many messages are written beside those of other connections, 64 KiB at a time. What a peer that reads too slowly, or is away,
 * leaves unacknowledged beyond that is written into memory of the lane's own: all of theirs must not be kept alive with it.
 */
const maxShared = 128;

/**
 * One lane of what an end sends: everything that isn't acknowledged, numbered, and how far it has been sent. No
 * operation takes time in proportion to what is kept.
 */
export class SendLane {
  readonly isSystem: boolean;
  readonly #limit: Window;
  #ownWriter: WireWriter | undefined;
  /**
   * What is kept, in lists with a place for each message: an object for each of them would live for a round trip, and cost
   * as much to collect as it takes to send the message.
   *
   * The bytes of the messages, behind room for the headers. Undefined for one that was given up, and is skipped.
   */
  #frames: (Uint8Array | undefined)[] = [];
  /** All bytes of the lane up to the end of each. */
  #ends: number[] = [];
  /** When each is of no use any more, by the clock; 0 for never. */
  #expiries: number[] = [];
  /** How many places at the front of the lists are empty. */
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

  /** What the next message is to be encoded with. */
  get writer(): WireWriter {
    if (this.length < maxShared) {
      // A connection that isn't held up keeps no memory.
      this.#ownWriter = undefined;
      return wireWriter;
    }
    this.#ownWriter ??= new WireWriter();
    return this.#ownWriter;
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
  push(frame: Uint8Array, expiresAt: number): void {
    const size = frame.length - this.headroom;
    this.#last++;
    this.#end += size;
    this.#bytes += size;
    if (size <= fragmentBytes) {
      writeWholeHeader(frame, this.isSystem, this.#last);
    }
    this.#frames.push(frame);
    this.#ends.push(this.#end);
    this.#expiries.push(expiresAt);
  }

  /** Takes what is to be sent next, if the peer lets anything be sent: a frame, or a row of messages to skip. */
  take(now: number): Uint8Array | Skipped | undefined {
    const sequence = this.#next;
    if (sequence > this.#last) {
      return undefined;
    }
    const index = this.#index(sequence);
    if (this.#offset === 0) {
      if (!this.#mayTake(sequence, index)) {
        return undefined;
      }
      if (this.#isOver(index, now)) {
        return this.#skip(now);
      }
    }
    const frame = this.#frames[index] as Uint8Array;
    const headroom = wholeHeaderBytes(sequence);
    const size = frame.length - headroom;
    if (size <= fragmentBytes) {
      this.#next++;
      return frame;
    }
    const message = frame.subarray(headroom);
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
    let largest = 0;
    let largestBytes = 0;
    for (let sequence = this.#acknowledged + 1; sequence <= Math.min(this.#next, this.#last); sequence++) {
      const { length = 0 } = this.#frames[this.#index(sequence)] ?? {};
      if (length > largestBytes) {
        largest = sequence;
        largestBytes = length;
      }
    }
    return largest === 0 ? undefined : this.#giveUp(largest);
  }

  /** Forgets everything, and returns what isn't acknowledged, in order. */
  clear(): Uint8Array[] {
    const left: Uint8Array[] = [];
    for (let sequence = this.#acknowledged + 1; sequence <= this.#last; sequence++) {
      const message = this.#message(sequence);
      if (message !== undefined) {
        left.push(message);
      }
    }
    this.#forget(this.#last);
    this.#next = this.#last + 1;
    this.#offset = 0;
    return left;
  }

  /** Whether the peer has given credit for a message; for the only one that isn't acknowledged bytes don't count. */
  #mayTake(sequence: number, index: number): boolean {
    const end = this.#ends[index] as number;
    return sequence <= this.#maxSequence && (end <= this.#maxBytes || this.#acknowledged === sequence - 1);
  }

  /** Whether the message at a place was given up, or has expired. */
  #isOver(index: number, now: number): boolean {
    const expiresAt = this.#expiries[index] as number;
    return this.#frames[index] === undefined || (expiresAt !== 0 && now >= expiresAt);
  }

  /** Skips all messages in a row that have expired, as far as the credit goes. */
  #skip(now: number): Skipped {
    const expired: Uint8Array[] = [];
    const first = this.#next;
    let throughBytes = 0;
    for (let sequence = first; sequence <= this.#last; sequence++) {
      const index = this.#index(sequence);
      if (!this.#isOver(index, now) || (sequence > first && !this.#mayTake(sequence, index))) {
        break;
      }
      const message = this.#giveUp(sequence);
      if (message !== undefined) {
        expired.push(message);
      }
      throughBytes = this.#ends[index] as number;
      this.#next = sequence + 1;
    }
    const skip = {
      lane: this.isSystem ? LaneNumber.system : LaneNumber.data,
      firstSequence: BigInt(first),
      lastSequence: BigInt(this.#next - 1),
      throughBytes: BigInt(throughBytes),
    };
    return { skip, expired };
  }

  #giveUp(sequence: number): Uint8Array | undefined {
    const message = this.#message(sequence);
    this.#frames[this.#index(sequence)] = undefined;
    this.#bytes -= message?.length ?? 0;
    return message;
  }

  /** The bytes of a message, without its header; undefined for one that was given up. */
  #message(sequence: number): Uint8Array | undefined {
    return this.#frames[this.#index(sequence)]?.subarray(wholeHeaderBytes(sequence));
  }

  /** Drops the messages up to a number. */
  #forget(through: number): void {
    const count = through - this.#acknowledged;
    if (count === 0) {
      return;
    }
    const end = this.#gone + count;
    for (let index = this.#gone, sequence = this.#acknowledged + 1; index < end; index++, sequence++) {
      const frame = this.#frames[index];
      this.#bytes -= frame === undefined ? 0 : frame.length - wholeHeaderBytes(sequence);
      this.#frames[index] = undefined;
    }
    this.#acknowledged = through;
    this.#gone = end;
    if (end === this.#frames.length) {
      this.#frames = [];
      this.#ends = [];
      this.#expiries = [];
      this.#gone = 0;
    } else if (end >= slack && end * 2 >= this.#frames.length) {
      this.#frames = this.#frames.slice(end);
      this.#ends = this.#ends.slice(end);
      this.#expiries = this.#expiries.slice(end);
      this.#gone = 0;
    }
  }

  /** The place of a message in the lists. */
  #index(sequence: number): number {
    return this.#gone + sequence - this.#acknowledged - 1;
  }
}
