import { type Reader, readBusMessage } from "../../gen/crossbus/v1/hot-messages.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { Struct, Value } from "../../gen/crossbus/v1/value_pb.js";
import { checkStruct, checkValue } from "../message/check-value.js";
import type { Elements } from "./elements.js";
import { isWhole } from "./is-whole.js";
import { readShortText } from "./short-text.js";

/** With an upper half below this a number of 64 bits is exact. */
const exactHigh = 2 ** 21;

/** Strict, and it keeps a leading byte order mark, which is text like any other. */
const utf8 = /*@__PURE__*/ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Thrown for what the generated code doesn't know. No error: nobody gets to see it, and a stack trace takes time. */
const leaving = { leaving: true };

/**
 * Decodes a message that is nothing unusual. Gives undefined for one that isn't hot, can't be read, has unknown fields,
 * or more messages in it than `elements` allows: it may be fine all the same. All messages in it are counted there.
 */
export function decodeHot(bytes: Uint8Array, elements?: Elements): BusMessage | undefined {
  const reader = new HotReader(bytes, elements?.max);
  let message: BusMessage | undefined;
  try {
    message = readBusMessage(reader, bytes.length);
  } catch {
    // What is wrong, if anything is, others find out.
  }
  if (elements !== undefined) {
    // Those that were made for nothing have taken their time too.
    elements.count += reader.elements;
  }
  return message !== undefined && isWhole(message) ? message : undefined;
}

class HotReader implements Reader {
  pos = 0;
  depth = 0;
  readonly #input: Uint8Array;
  #view: DataView | undefined;
  /** The halves of the number of 64 bits that was read last. */
  #low = 0;
  #high = 0;

  readonly #maxElements: number;
  /** How many messages inside the message have come. */
  elements = 0;

  /** There are never more than bytes. */
  constructor(input: Uint8Array, maxElements = input.length) {
    this.#input = input;
    this.#maxElements = maxElements;
  }

  leave(): never {
    throw leaving;
  }

  tag(): number {
    const first = this.#input[this.pos++] as number;
    if (first < 0x80) {
      return first;
    }
    const second = this.#input[this.pos++] as number;
    if (second === 0 || !(second < 0x80)) {
      this.leave();
    }
    return (first & 0x7f) | (second << 7);
  }

  nested(): number {
    if (++this.elements > this.#maxElements) {
      this.leave();
    }
    return this.#stop();
  }

  text(): string {
    const stop = this.#stop();
    const start = this.pos;
    this.pos = stop;
    return readShortText(this.#input, start, stop) ?? utf8.decode(this.#input.subarray(start, stop));
  }

  bytes(): Uint8Array {
    const stop = this.#stop();
    const part = this.#input.subarray(this.pos, stop);
    this.pos = stop;
    return part;
  }

  bool(): boolean {
    const value = this.#input[this.pos++] as number;
    if (!(value <= 1)) {
      this.leave();
    }
    return value === 1;
  }

  uint32(): number {
    const input = this.#input;
    let byte = input[this.pos++] as number;
    if (byte < 0x80) {
      return byte;
    }
    let result = byte & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = input[this.pos++] as number;
      if (byte < 0x80) {
        // One that is padded is somebody's trick.
        return byte === 0 ? this.leave() : result | (byte << shift);
      }
      result |= (byte & 0x7f) << shift;
    }
    byte = input[this.pos++] as number;
    return byte > 0 && byte <= 0x0f ? (result | (byte << 28)) >>> 0 : this.leave();
  }

  int32(): number {
    this.#wide();
    return this.#low | 0;
  }

  int64(): bigint {
    this.#wide();
    return this.#high < exactHigh
      ? BigInt(this.#high * 2 ** 32 + this.#low)
      : BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low));
  }

  sint64(): bigint {
    this.#wide();
    if (this.#high < exactHigh) {
      const zigzag = this.#high * 2 ** 32 + this.#low;
      return BigInt(zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
    }
    const zigzag = (BigInt(this.#high) << 32n) | BigInt(this.#low);
    return BigInt.asIntN(64, (zigzag >> 1n) ^ -(zigzag & 1n));
  }

  double(): number {
    this.#view ??= new DataView(this.#input.buffer, this.#input.byteOffset, this.#input.byteLength);
    const value = this.#view.getFloat64(this.pos, true);
    this.pos += 8;
    return value;
  }

  checkValue(value: Value): void {
    checkValue(value);
  }

  checkStruct(struct: Struct): void {
    checkStruct(struct);
  }

  /** Reads a length, and gives where what has it ends. */
  #stop(): number {
    // What reaches past the message that it is in is noticed at the end of that.
    const length = this.uint32();
    return this.pos + length;
  }

  /** Reads a number of up to 64 bits, in two halves. */
  #wide(): void {
    const input = this.#input;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = input[this.pos++] as number;
      if (shift < 28) {
        low |= (byte & 0x7f) << shift;
      } else if (shift === 28) {
        low |= (byte & 0x0f) << 28;
        high = (byte & 0x70) >> 4;
      } else {
        high |= (byte & 0x7f) << (shift - 32);
      }
      if (byte < 0x80) {
        if (shift === 63 && byte > 1) {
          this.leave();
        }
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    this.leave();
  }
}
