import type { LaneState } from "../../../gen/crossbus/v1/link_pb.js";
import { type LaneAck, unreadable } from "./frame.js";

/** What both ends have agreed on. */
export interface Terms {
  readonly heartbeatMs: number;
  readonly graceMs: number;
  /** The largest message that the peer takes, in bytes. */
  readonly peerMaxMessageBytes: number;
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
export function readCursors(from: {
  readonly system?: LaneState | undefined;
  readonly data?: LaneState | undefined;
}): Cursors {
  return { system: readCursor(from.system), data: readCursor(from.data) };
}

/** Writes the cursors for a handshake. */
export function writeCursors({ system, data }: Cursors) {
  return { system: writeCursor(system), data: writeCursor(data) };
}

function readCursor(state: LaneState | undefined): Cursor {
  return {
    received: toNumber(state?.received ?? 0n),
    acknowledged: toNumber(state?.acknowledged ?? 0n),
    maxSequence: toNumber(state?.maxSequence ?? 0n),
    maxBytes: toNumber(state?.maxBytes ?? 0n),
  };
}

function writeCursor({ received, acknowledged, maxSequence, maxBytes }: Cursor) {
  return {
    received: BigInt(received),
    acknowledged: BigInt(acknowledged),
    maxSequence: BigInt(maxSequence),
    maxBytes: BigInt(maxBytes),
  };
}

/** Reads a number of a control frame. Throws a status for one that no end counts up to. */
export function toNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw unreadable(`the number ${value} is beyond 2^53`);
  }
  return number;
}
