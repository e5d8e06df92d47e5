import type { LaneState } from "../../../gen/crossbus/v1/link_pb.js";
import { type LaneAck, unreadable } from "./frame.js";

/** What both ends have agreed on. */
export interface Terms {
  readonly heartbeatMs: number;
  readonly graceMs: number;
  /** The largest message that the peer takes, in bytes. */
  readonly maxMessageBytes: number;
}

/** What an end has received of a lane, and what it will take. */
export interface Cursor extends LaneAck {
  readonly received: number;
}

/** The cursors of both lanes. */
export interface Cursors {
  readonly system: Cursor;
  readonly data: Cursor;
}

/** Reads the cursors of a handshake. Throws a status for what they can't be. */
export function readCursors({
  system,
  data,
}: {
  readonly system?: LaneState | undefined;
  readonly data?: LaneState | undefined;
}): Cursors {
  return { system: convert(system, toNumber), data: convert(data, toNumber) };
}

/** Writes the cursors for a handshake. */
export function writeCursors({ system, data }: Cursors) {
  return { system: convert(system, BigInt), data: convert(data, BigInt) };
}

/** Makes each number of a cursor another sort of number. A cursor that isn't there is 0. */
function convert<From, To>(
  from: Partial<Record<keyof Cursor, From>> = {},
  to: (value: From | 0) => To,
): Record<keyof Cursor, To> {
  const { received = 0, acknowledged = 0, maxSequence = 0, maxBytes = 0 } = from;
  return {
    received: to(received),
    acknowledged: to(acknowledged),
    maxSequence: to(maxSequence),
    maxBytes: to(maxBytes),
  };
}

/** Reads a number of a control frame. Throws a status for one that no end counts up to. */
export function toNumber(value: bigint | 0): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw unreadable(`the number ${value} is beyond 2^53`);
  }
  return number;
}
