import { checkCredential, type GivenCredential } from "../auth/authenticate.js";
import { type Clock, systemClock } from "../base/clock.js";
import { ask } from "../base/given.js";
import { consoleLogger, type Logger } from "../base/logger.js";
import { formatStatus, invalidArgument, type Status } from "../base/status.js";
import type { DialectOptions } from "../codec/dialect.js";
import { checkMaxMessageBytes } from "../link/check-max-message-bytes.js";
import type { Link } from "../link/link.js";
import { openResumableLink } from "../link/resumable/client.js";
import type { CheckedResumableOptions, ResumableOptions } from "../link/resumable/options.js";
import type { ConnectOptions, Transport } from "../transport/transport.js";
import { checkLinkOptions } from "./link-options.js";
import { loadPlain } from "./load-plain.js";
import { Session } from "./session.js";

/** What can be said about a session with a server. */
export interface SessionOptions extends DialectOptions, ResumableOptions, Pick<ConnectOptions, "signal"> {
  /**
   * What proves to the server who this client is, for a resumable link. A function is asked for each connection, and in time
   * before what the server has been given expires. Default: nothing.
   */
  readonly credential?: GivenCredential;
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
  return new Session(await openLink(transport, options, checkLinkOptions(options), Number.POSITIVE_INFINITY));
}

/**
 * Makes a link: a plain one, unless there are options for a resumable one, which makes so many attempts in a row to get a
 * connection back.
 */
export async function openLink(
  transport: Transport,
  options: SessionOptions & { readonly logger?: Logger },
  resumable: CheckedResumableOptions | undefined,
  maxAttempts: number | false,
): Promise<Link> {
  const { clock = systemClock, signal = new AbortController().signal, credential, logger = consoleLogger } = options;
  const maxMessageBytes = checkMaxMessageBytes(options.maxMessageBytes);
  if (resumable !== undefined) {
    const given = async () => checkCredential(await ask(credential));
    const renewalFailed = (why: Status) =>
      logger.warn("there is no credential to renew a session with, which is tried again", {
        status: formatStatus(why),
      });
    return openResumableLink(
      { ...resumable, transport, clock, maxMessageBytes, credential: given, renewalFailed, maxAttempts },
      signal,
    );
  }
  const { openPlainLink } = await loadPlain();
  return openPlainLink({ ...options, transport, clock, maxMessageBytes }, signal);
}

/** Checks what should make connections. Throws INVALID_ARGUMENT. */
export function checkTransport(transport: Transport): void {
  if (typeof transport?.connect !== "function") {
    throw invalidArgument("transport", transport, "must be a Transport");
  }
}
