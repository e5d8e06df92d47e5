import { Code, StatusError } from "../base/status.js";
import { readShortText } from "./short-text.js";
import * as WireType from "./wire-type.js";

/** The upper half of the number of 64 bits that was read last. It needs no room in each reader. */
let upperHalf = 0;

/** Strict, and it keeps a leading byte order mark, which is text like any other. */
const utf8 = /*@__PURE__*/ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the wire format of Protocol Buffers by hand, and more strictly than the format asks: tags and lengths
 * are as short as can be, nothing reaches past the message that it is in, text is valid UTF-8. The peek and the
 * decoder both read through it, so that they can't disagree on where a field ends.
 *
 * Every method throws INVALID_ARGUMENT for bytes that it can't read, with the offset in the message.
 */
export class WireReader {
  readonly bytes: Uint8Array;
  /** Where the next byte is read. */
  pos = 0;
  /** Where the message that is being read ends. */
  end: number;
  /** Of unknown fields, how many were met, for the decoder, which keeps them; for the peek the number of one. */
  unknown = 0;
  /** How many messages were met inside the message: for the decoder, which makes an object of each. */
  elements = 0;

  readonly maxElements: number;

  /**
   * `maxElements` is the decoder's, too. There are never more than bytes: as a limit that is none, and unlike infinity an
   * integer, which needs no object of its own on the heap.
   */
  constructor(bytes: Uint8Array, maxElements = bytes.length) {
    this.bytes = bytes;
    this.maxElements = maxElements;
    this.end = bytes.length;
  }

  /** Makes the error for bytes that can't be read. */
  unreadable(what: string): StatusError {
    return new StatusError(Code.INVALID_ARGUMENT, `the message can't be read: ${what}, before byte ${this.pos}`, {
      details: [{ type: "badRequest", field: "bytes" }],
    });
  }

  /** Reads a tag: eight times the field number, plus the wire type. */
  tag(): number {
    const tag = this.uint32();
    if (tag < 8) {
      throw this.unreadable("a field has number 0");
    }
    return tag;
  }

  /** Reads a tag or a length: at most 32 bits, in as few bytes as hold it. */
  uint32(): number {
    let byte = this.#byte();
    if (byte < 0x80) {
      return byte;
    }
    let result = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = this.#byte();
      if (byte < 0x80) {
        if (byte === 0) {
          throw this.unreadable("a tag or length is padded");
        }
        if (shift === 28 && byte > 0x0f) {
          break;
        }
        return (result | (byte << shift)) >>> 0;
      }
      result |= (byte & 0x7f) << shift;
    }
    throw this.unreadable("a tag or length is over 32 bits");
  }

  /** Reads a varint of up to 64 bits, wrapped to a number of 32 bits with sign. */
  int32(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      if (shift < 28) {
        low |= (byte & 0x7f) << shift;
      } else if (shift === 28) {
        low |= (byte & 0x0f) << 28;
        high = (byte & 0x70) >> 4;
      } else {
        high |= (byte & 0x7f) << (shift - 32);
      }
      if (shift === 63 && byte > 1) {
        throw this.unreadable("a number is over 64 bits");
      }
      if (byte < 0x80) {
        break;
      }
    }
    upperHalf = high;
    return low;
  }

  /** Reads a varint of up to 64 bits. */
  uint64(): bigint {
    const low = this.int32();
    return (BigInt(upperHalf >>> 0) << 32n) | BigInt(low >>> 0);
  }

  /** Reads the length of something that then must be there in full. */
  length(): number {
    const length = this.uint32();
    if (length > this.end - this.pos) {
      throw this.unreadable("a length reaches past the end");
    }
    return length;
  }

  /** Moves over `count` bytes and gives where they start. */
  fixed(count: number): number {
    if (count > this.end - this.pos) {
      throw this.unreadable("the bytes end within a field");
    }
    const start = this.pos;
    this.pos += count;
    return start;
  }

  /** Reads a length and a part of the bytes, which is a view of them. */
  part(): Uint8Array {
    const start = this.fixed(this.length());
    return this.bytes.subarray(start, this.pos);
  }

  /** Reads a length and text. */
  string(): string {
    return this.text(this.length());
  }

  /** Reads text that takes so many bytes. */
  text(length: number): string {
    const start = this.fixed(length);
    return readShortText(this.bytes, start, this.pos) ?? this.#decode(start);
  }

  /** Moves over the content of a field. */
  skip(wireType: number): void {
    switch (wireType) {
      case WireType.varint:
        this.int32();
        break;
      case WireType.fixed64:
        this.fixed(8);
        break;
      case WireType.lengthDelimited:
        this.fixed(this.length());
        break;
      case WireType.fixed32:
        this.fixed(4);
        break;
      default:
        throw this.unreadable(`a field has wire type ${wireType}`);
    }
  }

  /** Enters a nested message, or a packed list. Gives what `end` has to be again behind it. */
  enter(): number {
    const outer = this.end;
    const length = this.length();
    this.end = this.pos + length;
    return outer;
  }

  #byte(): number {
    if (this.pos >= this.end) {
      throw this.unreadable("the bytes end within a field");
    }
    return this.bytes[this.pos++] as number;
  }

  #decode(start: number): string {
    try {
      return utf8.decode(this.bytes.subarray(start, this.pos));
    } catch {
      throw this.unreadable("text isn't valid UTF-8");
    }
  }
}
