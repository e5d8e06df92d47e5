import { backoff } from "../base/backoff.js";
import { checkMilliseconds } from "../base/check-milliseconds.js";
import type { Clock } from "../base/clock.js";
import {
  Code,
  invalidArgument,
  isRetryable,
  retryAfterMs,
  type Status,
  StatusError,
  status,
  toStatusError,
} from "../base/status.js";
import { waitToRetry } from "../base/wait.js";
import type { Link } from "../link/link.js";

/** How often, and with which waits, to try again. */
export interface ReconnectOptions {
  /** Before the second attempt, in milliseconds. Each further wait is twice as long. Default: 500. */
  readonly initialDelayMs?: number;
  /** At most, in milliseconds. Default: 30 000. */
  readonly maxDelayMs?: number;
  /**
   * How many attempts in a row may come to nothing before the proxy gives up. Default: any number.
   */
  readonly maxAttempts?: number;
}

/** What a connector is told to do, and whom it tells. */
export interface ConnectorOptions {
  /** Makes one link. */
  open(signal: AbortSignal): Promise<Link>;
  /** False gives up at the first failure. */
  readonly reconnect: Required<ReconnectOptions> | false;
  readonly clock: Clock;
  /** A link is there. */
  connected(link: Link): void;
  /** The link has closed, and another will be made. */
  disconnected(status: Status): void;
  /** An attempt has failed, and another will be made. */
  connectFailed(status: Status): void;
  /**
   * The connector has come to its end by itself: OK where the peer ended it, else why it gave up. `wasConnected` says
   * whether it is a link that has ended, or an attempt to make one.
   */
  ended(status: Status, wasConnected: boolean): void;
}

/** How long a link must have lived for the waits to start over. */
const stableMs = 5_000;

/** Keeps one link up, until it is stopped, the peer ends it, or trying again is no use. */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #abort = new AbortController();

  constructor(options: ConnectorOptions) {
    this.#options = options;
    // A transport that hands out one connection twice, say.
    this.#run().catch((error: unknown) => options.ended(toStatusError(error), false));
  }

  /** Makes no further attempts. A link that is up is left to its user. */
  stop(): void {
    this.#abort.abort();
  }

  async #run(): Promise<void> {
    const { reconnect, clock, connected, disconnected, connectFailed, ended } = this.#options;
    const { signal } = this.#abort;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const link = await this.#open();
      if (signal.aborted) {
        return;
      }
      const since = clock.now();
      let why: Status;
      if (link instanceof StatusError) {
        why = link;
      } else {
        connected(link);
        why = await link.closed;
        if (signal.aborted) {
          return;
        }
      }
      const wasConnected = link !== why;
      if (wasConnected && clock.now() - since >= stableMs) {
        attempt = 0;
      }
      if (
        (wasConnected && why.code === Code.OK) ||
        reconnect === false ||
        !isRetryable(why) ||
        attempt + 1 >= reconnect.maxAttempts
      ) {
        ended(why, wasConnected);
        return;
      }
      if (wasConnected) {
        disconnected(why);
      } else {
        connectFailed(why);
      }
      // No sooner than the peer has asked for, and not all of its clients at once.
      await waitToRetry(clock, backoff(reconnect, attempt, clock), retryAfterMs(why), signal);
    }
  }

  /** Makes one link, or says why there is none. One that comes after the connector was stopped is closed. */
  async #open(): Promise<Link | StatusError> {
    const { signal } = this.#abort;
    try {
      const link = await this.#options.open(signal);
      if (signal.aborted) {
        await link.close(status(Code.OK));
      }
      return link;
    } catch (error) {
      return toStatusError(error);
    }
  }
}

/** Checks the option `reconnect` and fills in its defaults. Throws INVALID_ARGUMENT. */
export function checkReconnect(options: ReconnectOptions | false = {}): Required<ReconnectOptions> | false {
  if (options === false) {
    return false;
  }
  if (typeof options !== "object" || options === null) {
    throw invalidArgument("reconnect", options, "must be false, or an object with delays");
  }
  const { initialDelayMs = 500, maxDelayMs = 30_000, maxAttempts = Number.POSITIVE_INFINITY } = options;
  for (const [name, value] of Object.entries({ initialDelayMs, maxDelayMs })) {
    checkMilliseconds(`reconnect.${name}`, value);
  }
  if (maxAttempts !== Number.POSITIVE_INFINITY && (!Number.isSafeInteger(maxAttempts) || maxAttempts < 1)) {
    throw invalidArgument("reconnect.maxAttempts", maxAttempts, "must be a positive integer");
  }
  return { initialDelayMs, maxDelayMs, maxAttempts };
}
