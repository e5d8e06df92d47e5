import { checkMilliseconds } from "../base/check-milliseconds.js";
import type { Clock } from "../base/clock.js";
import { deferred } from "../base/deferred.js";
import { Code, invalidArgument, isRetryable, type Status, StatusError, status, toStatusError } from "../base/status.js";
import type { Link } from "../link/link.js";

/** How long to wait between attempts to connect. */
export interface ReconnectOptions {
  /** Before the second attempt, in milliseconds. Each further wait is twice as long. Default: 500. */
  readonly initialDelayMs?: number;
  /** At most, in milliseconds. Default: 30 000. */
  readonly maxDelayMs?: number;
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

/** After so many the delay is beyond any maximum. */
const maxDoublings = 40;

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
      if ((wasConnected && why.code === Code.OK) || reconnect === false || !isRetryable(why)) {
        ended(why, wasConnected);
        return;
      }
      if (wasConnected) {
        if (clock.now() - since >= stableMs) {
          attempt = 0;
        }
        disconnected(why);
      } else {
        connectFailed(why);
      }
      await this.#wait(reconnect, attempt);
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

  /** Waits between half of the delay and all of it, so that clients of one server don't come back as one. */
  async #wait({ initialDelayMs, maxDelayMs }: Required<ReconnectOptions>, attempt: number): Promise<void> {
    const { signal } = this.#abort;
    // Who was told of the failure may have stopped the connector.
    if (signal.aborted) {
      return;
    }
    const delay = Math.min(maxDelayMs, initialDelayMs * 2 ** Math.min(attempt, maxDoublings));
    const waited = deferred();
    const prevent = this.#options.clock.after(delay * (0.5 + Math.random() / 2), waited.resolve);
    const stopped = () => waited.resolve();
    signal.addEventListener("abort", stopped);
    await waited.promise;
    signal.removeEventListener("abort", stopped);
    prevent();
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
  const { initialDelayMs = 500, maxDelayMs = 30_000 } = options;
  for (const [name, value] of Object.entries({ initialDelayMs, maxDelayMs })) {
    checkMilliseconds(`reconnect.${name}`, value);
  }
  return { initialDelayMs, maxDelayMs };
}
