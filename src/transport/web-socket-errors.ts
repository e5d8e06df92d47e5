import { overLimit } from "../base/over-limit.js";
import { Code, escapeControls, type Status, StatusError, toStatusError } from "../base/status.js";

/** The status for a message over the limit. */
export function tooLarge(maxMessageBytes: number): Status {
  return overLimit(
    "maxMessageBytes",
    `the peer sent a message of more than ${maxMessageBytes} bytes; raise maxMessageBytes to take it`,
  );
}

/**
 * The error for a WebSocket that can't even be made. Browsers don't let a page make each: one that came over https:// none for
 * ws://, and some none that its Content-Security-Policy forbids.
 */
export function makeError(url: string, error: unknown): StatusError {
  if (error instanceof Error && error.name === "SecurityError") {
    return new StatusError(
      Code.FAILED_PRECONDITION,
      `this page may not connect to ${url}: ${escapeControls(error.message)}; use wss://, and check the page's Content-Security-Policy`,
      { cause: error },
    );
  }
  return toStatusError(error);
}

/** The error for a connection that could not be made, where the platform doesn't tell which sort of error it was. */
export function reachError(url: string, error: unknown): StatusError {
  const text = error instanceof Error ? escapeControls(error.message) : "";
  return new StatusError(
    Code.UNAVAILABLE,
    `${url} can't be reached: ${text || "the platform doesn't tell why, its console may"}; check that it is running, lets this page's origin in, and speaks the same dialect`,
    { cause: error },
  );
}

/** The error for a connection that was made without any of the subprotocols that were offered. */
export function noProtocolError(url: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `${url} speaks none of the subprotocols that were offered; check that it speaks the same dialect`,
  );
}
