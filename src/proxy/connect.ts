import type { Clock } from "../base/clock.js";
import { invalidArgument } from "../base/status.js";
import type { DialectOptions } from "../codec/dialect.js";
import { loadCodec } from "../codec/load-codec.js";
import { checkMaxMessageBytes, PlainLink } from "../link/plain-link.js";
import type { ConnectOptions, Transport } from "../transport/transport.js";
import { Session } from "./session.js";

/** What can be said about a session with a server. */
export interface SessionOptions extends DialectOptions, ConnectOptions {
  /** The largest message to send, in bytes; a larger one is undelivered. Default: 1 MiB. */
  readonly maxMessageBytes?: number | undefined;
  /** Where time comes from. Default: the platform. */
  readonly clock?: Clock | undefined;
}

/**
 * Connects to a server once, and gives the session with it, for a relay: a client proxy makes its connections itself.
 * Whoever connects closes the session.
 *
 * Rejects with what the transport's `connect()` rejects with, for instance UNAVAILABLE where nobody answers, and with
 * INVALID_ARGUMENT for a bad option.
 */
export async function connect(transport: Transport, options: SessionOptions = {}): Promise<Session> {
  checkTransport(transport);
  const { maxMessageBytes, clock, signal } = options;
  checkMaxMessageBytes(maxMessageBytes);
  const createCodec = await loadCodec(options);
  const connection = await transport.connect(signal === undefined ? {} : { signal });
  return new Session(new PlainLink(connection, createCodec(), { announces: true, maxMessageBytes, clock }));
}

/** Checks what should make connections. Throws INVALID_ARGUMENT. */
export function checkTransport(transport: Transport): void {
  if (typeof transport?.connect !== "function") {
    throw invalidArgument("transport", transport, "must be a Transport");
  }
}
