import type { Writer } from "../../gen/crossbus/v1/hot-messages.js";
import type { Struct, Value } from "../../gen/crossbus/v1/value_pb.js";
import { checkStruct, checkValue } from "../message/check-value.js";
import { isWellFormed } from "../message/well-formed.js";

/** How much memory is taken at a time, in bytes. Messages are cut from it, one beside the other, and never reused. */
const slabBytes = 65_536;

/** A tag and a number take no more. */
const headBytes = 10;

/** Text up to this length is written letter by letter, which takes less than to start the encoder. */
const shortText = 40;

/** Below this a number is exact. */
const exact = 2 ** 53;

const encoder = /*@__PURE__*/ new TextEncoder();

/** Thrown for what can't be written. No error: nobody gets to see it, and a stack trace takes time. */
const leaving = { leaving: true };

/**
 * Writes the wire format of Protocol Buffers, from the last field to the first: the length of a nested message is known
 * when its tag is written.
 */
export class WireWriter implements Writer {
  /** What is written to, from its end to its beginning, message by message. */
  #slab = new Uint8Array(0);
  #view = new DataView(this.#slab.buffer);
  /** Where the message begins, as far as it is written, and where it ends. */
  #pos = 0;
  #end = 0;
  #isBusy = false;

  /**
   * Gives the bytes that `write` writes of a message, or undefined where it gives up. They are a part of a larger buffer,
   * which lives as long as one of its parts does. `headroom` bytes in front of them are left free.
   */
  encode<T>(write: (writer: this, message: T) => void, message: T, headroom = 0): Uint8Array | undefined {
    // A message with a getter could come back here.
    if (this.#isBusy) {
      return undefined;
    }
    this.#isBusy = true;
    this.#end = this.#pos;
    try {
      write(this, message);
      this.#reserve(headroom);
      this.#pos -= headroom;
      // Text may have needed three times the room: what waits for a slow peer must not keep that.
      const isWasteful = this.#slab.length > slabBytes && this.#end - this.#pos < 0.75 * this.#slab.length;
      return isWasteful ? this.#slab.slice(this.#pos, this.#end) : this.#slab.subarray(this.#pos, this.#end);
    } catch {
      // What is wrong, if anything is, others find out.
      this.#pos = this.#end;
      return undefined;
    } finally {
      this.#isBusy = false;
      if (this.#slab.length > slabBytes) {
        this.#slab = new Uint8Array(0);
        this.#pos = 0;
      }
    }
  }

  leave(): never {
    throw leaving;
  }

  mark(): number {
    return this.#end - this.#pos;
  }

  nested(tag: number, mark: number): void {
    this.#head(tag, this.#end - this.#pos - mark);
  }

  text(tag: number, value: string): void {
    if (typeof value !== "string") {
      this.leave();
    }
    this.#head(tag, value.length > shortText ? this.#encodeText(value) : this.#shortText(value));
  }

  bytes(tag: number, value: Uint8Array): void {
    if (!(value instanceof Uint8Array)) {
      this.leave();
    }
    this.#copy(value);
    this.#head(tag, value.length);
  }

  bool(tag: number, value: boolean): void {
    if (typeof value !== "boolean") {
      this.leave();
    }
    this.#head(tag, value ? 1 : 0);
  }

  uint32(tag: number, value: number): void {
    if (value >>> 0 !== value) {
      this.leave();
    }
    this.#head(tag, value);
  }

  int32(tag: number, value: number): void {
    if ((value | 0) !== value) {
      this.leave();
    }
    if (value < 0) {
      this.#wide(tag, value >>> 0, 0xffff_ffff);
    } else {
      this.#head(tag, value);
    }
  }

  int64(tag: number, value: bigint): void {
    const number = typeof value === "bigint" ? Number(value) : Number.NaN;
    if (number >= 0 && number < exact) {
      this.#wide(tag, number >>> 0, Math.floor(number / 2 ** 32));
    } else {
      this.#big(tag, value, BigInt.asIntN);
    }
  }

  sint64(tag: number, value: bigint): void {
    const number = typeof value === "bigint" ? Number(value) : Number.NaN;
    const zigzag = number < 0 ? -2 * number - 1 : 2 * number;
    if (zigzag < exact) {
      this.#wide(tag, zigzag >>> 0, Math.floor(zigzag / 2 ** 32));
    } else {
      this.#big(tag, (value << 1n) ^ (value >> 63n), BigInt.asUintN);
    }
  }

  uint64(tag: number, value: bigint): void {
    this.#big(tag, value, BigInt.asUintN);
  }

  fixed64(tag: number, value: bigint): void {
    this.#reserve(8 + headBytes);
    this.#pos -= 8;
    this.#view.setBigUint64(this.#pos, value, true);
    this.#varint(tag);
  }

  /** Writes an item of a packed list. */
  item(value: number): void {
    this.#reserve(headBytes);
    this.#varint(value);
  }

  /** Writes a field of which the tag is known, and the content as it was read. */
  raw(tag: number, content: Uint8Array): void {
    this.#copy(content);
    this.#reserve(headBytes);
    this.#varint(tag);
  }

  double(tag: number, value: number): void {
    if (typeof value !== "number") {
      this.leave();
    }
    this.#reserve(8 + headBytes);
    this.#pos -= 8;
    this.#view.setFloat64(this.#pos, value, true);
    this.#varint(tag);
  }

  checkValue(value: Value): void {
    checkValue(value);
  }

  checkStruct(struct: Struct): void {
    checkStruct(struct);
  }

  #copy(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#pos -= bytes.length;
    this.#slab.set(bytes, this.#pos);
  }

  /** Writes a tag, and behind it a number: a value, or the length of what follows. */
  #head(tag: number, number: number): void {
    this.#reserve(headBytes);
    this.#varint(number);
    this.#varint(tag);
  }

  /** Writes a number of 64 bits that is in this range. */
  #big(tag: number, value: bigint, wrap: (bits: number, value: bigint) => bigint): void {
    if (typeof value !== "bigint" || wrap(64, value) !== value) {
      this.leave();
    }
    const bits = BigInt.asUintN(64, value);
    this.#wide(tag, Number(bits & 0xffff_ffffn), Number(bits >> 32n));
  }

  /** Writes a number of 64 bits, in two halves. */
  #wide(tag: number, low: number, high: number): void {
    this.#reserve(2 * headBytes);
    this.#longVarint(low, high);
    this.#varint(tag);
  }

  #longVarint(low: number, high: number): void {
    if (high === 0) {
      this.#varint(low);
    } else {
      this.#longVarint(((low >>> 7) | (high << 25)) >>> 0, high >>> 7);
      this.#slab[--this.#pos] = low | 0x80;
    }
  }

  /** Writes the upper bits first, which stand behind the lower ones. */
  #varint(value: number): void {
    const slab = this.#slab;
    if (value < 0x80) {
      slab[--this.#pos] = value;
    } else if (value < 0x4000) {
      slab[--this.#pos] = value >>> 7;
      slab[--this.#pos] = value | 0x80;
    } else {
      this.#varint(value >>> 7);
      slab[--this.#pos] = value | 0x80;
    }
  }

  #shortText(value: string): number {
    const { length } = value;
    this.#reserve(length);
    const slab = this.#slab;
    const start = this.#pos - length;
    for (let i = 0; i < length; i++) {
      const letter = value.charCodeAt(i);
      if (letter >= 0x80) {
        return this.#encodeText(value);
      }
      slab[start + i] = letter;
    }
    this.#pos = start;
    return length;
  }

  #encodeText(value: string): number {
    const room = 3 * value.length;
    this.#reserve(room);
    const start = this.#pos - room;
    const { written } = encoder.encodeInto(value, this.#slab.subarray(start, this.#pos));
    if (written !== value.length && !isWellFormed(value)) {
      this.leave();
    }
    this.#slab.copyWithin(this.#pos - written, start, start + written);
    this.#pos -= written;
    return written;
  }

  /** Sees to it that `count` bytes can be written. */
  #reserve(count: number): void {
    if (this.#pos < count) {
      this.#replaceSlab(count);
    }
  }

  /** Goes on in other memory, with what is written of the message. */
  #replaceSlab(count: number): void {
    const written = this.#slab.subarray(this.#pos, this.#end);
    const needed = written.length + count;
    const slab = new Uint8Array(Math.max(slabBytes, needed > slabBytes / 2 ? 2 * needed : 0));
    slab.set(written, slab.length - written.length);
    this.#slab = slab;
    this.#view = new DataView(slab.buffer);
    this.#pos = slab.length - written.length;
    this.#end = slab.length;
  }
}

/** For all messages that are nobody's in particular. */
export const wireWriter = /*@__PURE__*/ new WireWriter();
