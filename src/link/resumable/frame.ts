import type { ControlFrame, Lane } from "../../../gen/crossbus/v1/link_pb.js";
import { Code, StatusError } from "../../base/status.js";
import { decodeMessage } from "../../codec/decode-message.js";
import { encodeMessage } from "../../codec/encode-message.js";
import { controlFrameType } from "./link-schema.js";

/** What the first byte of a frame says. */
export const FrameType = { control: 0, ack: 1, data: 0x80 } as const;

/** What a control frame says for each lane: the numbers that the schema has for them. */
export const LaneNumber = { system: 1, data: 2 } as const satisfies { system: Lane.SYSTEM; data: Lane.DATA };

/** The flags in the first byte of a data frame. */
const SYSTEM = 4;
const FIRST = 2;
const LAST = 1;
const FLAGS = SYSTEM | FIRST | LAST;

/** A data frame, or a part of one: all of it but where the bytes of the message are. */
export interface DataFrame {
  readonly isSystem: boolean;
  /** Whether it begins, and whether it ends, a message. One that does both holds the whole message. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly sequence: number;
  /** The size of the message, where it begins. */
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** What an end has taken of a lane, and up to where it takes more. */
export interface LaneAck {
  readonly acknowledged: number;
  readonly maxSequence: number;
  readonly maxBytes: number;
}

/** An ack frame. */
export interface Ack {
  readonly system: LaneAck;
  readonly data: LaneAck;
}

/** How many bytes the header of a whole message takes. */
export function wholeHeaderBytes(sequence: number): number {
  return 1 + varintBytes(sequence);
}

/** Writes the header of a whole message into the bytes in front of it. */
export function writeWholeHeader(frame: Uint8Array, isSystem: boolean, sequence: number): void {
  frame[0] = FrameType.data | FIRST | LAST | (isSystem ? SYSTEM : 0);
  writeVarint(frame, 1, sequence);
}

/** Makes the frame of the bytes from `from` on of a message that is sent in fragments of `length` bytes. */
export function fragmentFrame(
  message: Uint8Array,
  from: number,
  length: number,
  isSystem: boolean,
  sequence: number,
): Uint8Array {
  const end = Math.min(from + length, message.length);
  const flags = (from === 0 ? FIRST : 0) | (end === message.length ? LAST : 0) | (isSystem ? SYSTEM : 0);
  const numbers = flags & FIRST && !(flags & LAST) ? [sequence, message.length] : [sequence];
  return frameOf(FrameType.data | flags, numbers, message.subarray(from, end));
}

/** Reads a data frame. Throws INVALID_ARGUMENT for bytes that aren't one. */
export function readDataFrame(frame: Uint8Array): DataFrame {
  const flags = frame[0] as number;
  if ((flags & ~FLAGS) !== FrameType.data) {
    throw unreadable(`a frame of ${frame.length} bytes begins with ${flags}`);
  }
  const reader = new VarintReader(frame);
  const sequence = reader.next();
  const isFirst = (flags & FIRST) !== 0;
  const isLast = (flags & LAST) !== 0;
  const announced = isFirst && !isLast ? reader.next() : undefined;
  const bytes = frame.subarray(reader.pos);
  return { isSystem: (flags & SYSTEM) !== 0, isFirst, isLast, sequence, size: announced ?? bytes.length, bytes };
}

/** Makes an ack frame. */
export function ackFrame({ system, data }: Ack): Uint8Array {
  return frameOf(FrameType.ack, [
    system.acknowledged,
    system.maxSequence,
    system.maxBytes,
    data.acknowledged,
    data.maxSequence,
    data.maxBytes,
  ]);
}

/** Reads an ack frame. Throws INVALID_ARGUMENT for bytes that aren't one. */
export function readAckFrame(frame: Uint8Array): Ack {
  const reader = new VarintReader(frame);
  const lane = (): LaneAck => ({
    acknowledged: reader.next(),
    maxSequence: reader.next(),
    maxBytes: reader.next(),
  });
  const ack = { system: lane(), data: lane() };
  if (reader.pos !== frame.length) {
    throw unreadable("an ack frame is too long");
  }
  return ack;
}

/** Makes a control frame. */
export function controlFrame(control: ControlFrame): Uint8Array {
  const frame = encodeMessage(controlFrameType, control, 1);
  frame[0] = FrameType.control;
  return frame;
}

/** Reads a control frame. Throws INVALID_ARGUMENT for bytes that aren't one. */
export function readControlFrame(frame: Uint8Array): ControlFrame["kind"] {
  return decodeMessage(controlFrameType, frame.subarray(1)).kind;
}

/** The error for a frame that doesn't parse. */
export function unreadable(what: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `the peer broke the protocol crossbus.v1: ${what}`);
}

/** Makes a frame of its first byte, the numbers in its header, and the bytes behind them. */
function frameOf(first: number, numbers: readonly number[], bytes: ArrayLike<number> = []): Uint8Array {
  const header = numbers.reduce((sum, number) => sum + varintBytes(number), 1);
  const frame = new Uint8Array(header + bytes.length);
  frame[0] = first;
  let pos = 1;
  for (const number of numbers) {
    pos = writeVarint(frame, pos, number);
  }
  frame.set(bytes, pos);
  return frame;
}

function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    count++;
  }
  return count;
}

/** Writes a varint, and gives where it ends. */
function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let pos = start;
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    bytes[pos++] = (rest % 0x80) | 0x80;
  }
  bytes[pos++] = rest;
  return pos;
}

/** Reads the varints of a frame, behind its first byte. */
class VarintReader {
  readonly #bytes: Uint8Array;
  pos = 1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): number {
    let result = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#bytes[this.pos++];
      if (byte === undefined) {
        throw unreadable("a frame ends within a number");
      }
      result += (byte & 0x7f) * factor;
      if (!Number.isSafeInteger(result)) {
        throw unreadable("a number is beyond 2^53");
      }
      if (byte < 0x80) {
        if (byte === 0 && factor > 1) {
          throw unreadable("a number is padded");
        }
        return result;
      }
    }
  }
}
