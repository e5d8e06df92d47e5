import type { Clock } from "../base/clock.js";
import { deferred } from "../base/deferred.js";
import { Code, invalidArgument, isRetryable, type Status, toStatusError } from "../base/status.js";
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
  /** The link has closed. */
  disconnected(status: Status): void;
  /** An attempt has failed, and another will be made. */
  connectFailed(status: Status): void;
  /** The connector has come to its end by itself: OK where the peer ended it, else why it gave up. */
  ended(status: Status): void;
}

/** How long a link must have lived for the waits to start over. */
const stableMs = 5_000;

/** Keeps one link up, until it is stopped, the peer ends it, or trying again is no use. */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #abort = new AbortController();

  constructor(options: ConnectorOptions) {
    this.#options = options;
    void this.#run();
  }

  /** Makes no further attempts. A link that is up is left to its user. */
  stop(): void {
    this.#abort.abort();
  }

  async #run(): Promise<void> {
    const { open, reconnect, clock, connected, disconnected, connectFailed, ended } = this.#options;
    const { signal } = this.#abort;
    for (let attempt = 0; !signal.aborted; attempt++) {
      let why: Status;
      try {
        const link = await open(signal);
        const since = clock.now();
        if (signal.aborted) {
          await link.close({ code: Code.OK, message: "", details: [] });
          return;
        }
        connected(link);
        why = await link.closed;
        if (signal.aborted) {
          return;
        }
        if (clock.now() - since >= stableMs) {
          attempt = 0;
        }
        disconnected(why);
        if (why.code === Code.OK || reconnect === false || !isRetryable(why)) {
          ended(why);
          return;
        }
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        why = toStatusError(error);
        if (reconnect === false || !isRetryable(why)) {
          ended(why);
          return;
        }
        connectFailed(why);
      }
      await this.#wait(reconnect, attempt);
    }
  }

  /** Waits between half of the delay and all of it, so that clients of one server don't come back as one. */
  async #wait({ initialDelayMs, maxDelayMs }: Required<ReconnectOptions>, attempt: number): Promise<void> {
    const delay = Math.min(maxDelayMs, initialDelayMs * 2 ** attempt);
    const waited = deferred();
    const prevent = this.#options.clock.after(delay * (0.5 + Math.random() / 2), waited.resolve);
    const { signal } = this.#abort;
    signal.addEventListener("abort", () => waited.resolve(), { once: true });
    await waited.promise;
    prevent();
  }
}

/** Checks the option `reconnect` and fills in its defaults. Throws INVALID_ARGUMENT. */
export function checkReconnect(options: ReconnectOptions | false = {}): Required<ReconnectOptions> | false {
  if (options === false) {
    return false;
  }
  const { initialDelayMs = 500, maxDelayMs = 30_000 } = options;
  for (const [name, value] of Object.entries({ initialDelayMs, maxDelayMs })) {
    if (!Number.isFinite(value) || value < 0) {
      throw invalidArgument(`reconnect.${name}`, value, "must be a number of milliseconds");
    }
  }
  return { initialDelayMs, maxDelayMs };
}
