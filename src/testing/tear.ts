import type { Lane } from "./lane.js";
import { integerUpTo, type Random } from "./random.js";

/** What became of the messages of a lane when its connection ended. */
export interface Torn {
  /** How many still arrive: they are what is left in the lane. */
  readonly arrived: number;
  /** Those that never do. */
  readonly lost: readonly Uint8Array[];
  /** Those that their sender is told of. */
  readonly told: readonly Uint8Array[];
  /** Of the one that was being written: how many bytes were, of how many. */
  readonly written?: { readonly writtenBytes: number; readonly ofBytes: number };
}

/**
 * Tears the lane of a connection that breaks: decides how many of its messages still arrive, and removes the rest.
 * Nothing arrives through a silent lane, nor what the operating system had not taken. With `cutsMessage` at
 * least one message is lost, the one that was being written. With `tellsAll` older messages are told already: then the
 * sender is told of all of these, for what is handed over is so in order.
 */
export function tear(lane: Lane, random: Random, { cutsMessage = false, tellsAll = false } = {}): Torn {
  const { handedOver } = lane;
  const messages = lane.cut(0).flatMap(({ bytes, isText }) => (bytes === undefined ? [] : [{ bytes, isText }]));
  const most = Math.min(handedOver, messages.length - (cutsMessage ? 1 : 0));
  const arrived = lane.isSilent ? 0 : integerUpTo(Math.max(most, 0), random);
  for (const { bytes, isText } of messages.slice(0, arrived)) {
    lane.push(isText === undefined ? { bytes } : { bytes, isText });
  }
  const written = cutsMessage ? messages[arrived]?.bytes.length : undefined;
  return {
    arrived,
    lost: messages.slice(arrived).map(({ bytes }) => bytes),
    // Of what was handed over nobody knows whether it arrived. The sender may be told of some of it, the newest, even
    // of what did arrive.
    told: messages.slice(tellsAll ? 0 : integerUpTo(handedOver, random)).map(({ bytes }) => bytes),
    ...(written === undefined
      ? {}
      : { written: { writtenBytes: integerUpTo(Math.max(written - 1, 0), random), ofBytes: written } }),
  };
}
