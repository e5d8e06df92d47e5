import type { Clock } from "../base/clock.js";
import type { DialectOptions } from "../codec/dialect.js";
import { loadCodec } from "../codec/load-codec.js";
import type { Transport } from "../transport/transport.js";
import { PlainLink } from "./plain-link.js";

/** What a plain link to a server is opened with. */
export interface OpenPlainLinkOptions extends DialectOptions {
  readonly transport: Transport;
  readonly maxMessageBytes: number;
  readonly clock: Clock;
}

/** Makes a connection, and the plain link over it. Rejects with what making the connection rejects with. */
export async function openPlainLink(options: OpenPlainLinkOptions, signal: AbortSignal): Promise<PlainLink> {
  const { transport, maxMessageBytes, clock } = options;
  const createCodec = await loadCodec(options);
  const connection = await transport.connect({ signal });
  return new PlainLink(connection, createCodec(), { announces: true, maxMessageBytes, clock });
}
