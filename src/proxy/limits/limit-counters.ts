import { isRefusal } from "../../auth/unauthenticated.js";
import { firstTime } from "../../base/first-time.js";
import type { Logger } from "../../base/logger.js";
import { type LimitName, limitNames, limitOf } from "../../base/over-limit.js";
import { Code, formatStatus, type Status } from "../../base/status.js";

/** How often each limit was reached, by the names of their options, and of those that are fixed. */
export type LimitsReached = Readonly<Record<LimitName, number>>;

/** Counts how often limits are reached, and clients refused, and says so in the log, once for each limit and sort of refusal. */
export class LimitCounters {
  readonly #logger: Logger;
  readonly #isNews = firstTime();
  readonly #reached = Object.fromEntries(limitNames.map((name) => [name, 0])) as Record<LimitName, number>;

  #refused = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** How often each was reached up to now. */
  get reached(): LimitsReached {
    return { ...this.#reached };
  }

  /** How many clients were refused up to now. */
  get refused(): number {
    return this.#refused;
  }

  /** A peer has reached a limit. */
  count(limit: LimitName, peer: string): void {
    this.#reached[limit]++;
    if (this.#isNews(limit)) {
      this.#logger.warn("a client has reached a limit; more like it are counted, and not logged", { limit, peer });
    }
  }

  /** A client that has no session is gone with a status, which may be why it wasn't let in. */
  turnedAway(why: Status, peer: string): void {
    if (isRefusal(why)) {
      this.#refused++;
      // Some of one code are told apart by a reason, which no peer can make, so that one sort doesn't hide another.
      const reason = why.details.find((detail) => detail.type === "errorInfo")?.reason;
      if (this.#isNews(`${Code[why.code]} ${reason}`)) {
        this.#logger.warn("a client was refused; more like it are counted, and not logged", {
          peer,
          status: formatStatus(why),
        });
      }
    }
  }

  /** Something has ended with a status, which may be about a limit. */
  ended(why: Status, peer: string): void {
    const limit = limitOf(why);
    if (limit !== undefined) {
      this.count(limit, peer);
    }
  }
}
