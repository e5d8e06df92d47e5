import { overLimit } from "../base/over-limit.js";
import type { StatusError } from "../base/status.js";

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
