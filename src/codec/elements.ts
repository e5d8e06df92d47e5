import { overLimit } from "../base/over-limit.js";
import type { StatusError } from "../base/status.js";

/** The elements of the messages of one peer: how many a message may have that is read, and how many were read of it. */
export interface Elements {
  readonly max: number;
  /** Of all messages since somebody has set this to 0. */
  count: number;
}

/**
 * The error for a message of more elements than are taken. Each becomes an object, which takes far longer to make than
 * its few bytes take to send.
 */
export function tooManyElements(maxElements: number): StatusError {
  return overLimit("maxElements", tooManyElementsText(maxElements));
}

/** What is said of it. */
export function tooManyElementsText(maxElements: number): string {
  return `the message has more than ${maxElements} elements; raise maxElements to take it`;
}
