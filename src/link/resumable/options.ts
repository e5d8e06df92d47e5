import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import { checkMilliseconds } from "../../base/check-milliseconds.js";
import { invalidArgument } from "../../base/status.js";
import { isDroppable } from "../../message/traits.js";
import type { Window } from "./limits.js";

/** What a resumable link does with what it can't send yet. */
export interface BufferOptions {
  /** The bytes of data messages that are kept until the peer has acknowledged them. Default: 16 MiB. */
  readonly maxBytes?: number;
  /** The data messages that are kept until then. Default: 16 384. */
  readonly maxMessages?: number;
  /**
   * What happens when the buffer is full:
   *
   * - `block`: senders wait from the half of it on, so that messages queue up on the bus, whose own limits refuse
   *   what is too much. A peer that is there and takes nothing makes them wait for 10 s at a time at most.
   * - `reject`: what doesn't fit is undelivered, with RESOURCE_EXHAUSTED.
   * - `reset`: the link is reset, and all that it has kept is undelivered.
   *
   * Default: `block`.
   */
  readonly overflow?: "block" | "reject" | "reset";
}

/** What can be said about both ends of a resumable link. */
export interface ResumableOptions {
  /** What is kept until the peer has acknowledged it, for it to be sent again over another connection. */
  readonly buffer?: BufferOptions;
  /**
   * How long a message is worth sending, in milliseconds; undefined for ever. One that has waited for longer is
   * undelivered, with DEADLINE_EXCEEDED. Default: 5 s for audio and other frames that a full queue may drop, and no
   * limit for all others.
   */
  readonly timeToLive?: (message: BusMessage) => number | undefined;
}

/** These options, checked and filled in. */
export interface CheckedResumableOptions {
  readonly buffer: Window;
  readonly overflow: "block" | "reject" | "reset";
  readonly timeToLive: (message: BusMessage) => number | undefined;
}

/** How long audio is worth sending, in milliseconds. */
export const droppableMs = 5_000;

/** Checks these options. Throws INVALID_ARGUMENT that names the one that is wrong. */
export function checkResumable({
  buffer = {},
  timeToLive = defaultTimeToLive,
}: ResumableOptions): CheckedResumableOptions {
  if (typeof buffer !== "object" || buffer === null) {
    throw invalidArgument("buffer", buffer, "must be an object with limits");
  }
  const { maxBytes = 16_777_216, maxMessages = 16_384, overflow = "block" } = buffer;
  for (const [name, value] of Object.entries({ maxBytes, maxMessages })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw invalidArgument(`buffer.${name}`, value, "must be a positive integer");
    }
  }
  if (overflow !== "block" && overflow !== "reject" && overflow !== "reset") {
    throw invalidArgument("buffer.overflow", overflow, "must be block, reject or reset");
  }
  if (typeof timeToLive !== "function") {
    throw invalidArgument("timeToLive", timeToLive, "must be a function that gives milliseconds");
  }
  return { buffer: { bytes: maxBytes, messages: maxMessages }, overflow, timeToLive };
}

/** Checks a time that a server tells its clients. Throws INVALID_ARGUMENT. */
export function checkServerTime(name: string, value: number): number {
  checkMilliseconds(name, value);
  if (value < 1) {
    throw invalidArgument(name, value, "must be at least 1");
  }
  return Math.ceil(value);
}

/** What holds where the application has no rule of its own. */
export function defaultTimeToLive(message: BusMessage): number | undefined {
  return isDroppable(message) ? droppableMs : undefined;
}
