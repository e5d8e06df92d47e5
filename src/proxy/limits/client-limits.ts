import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import { limitOf, overLimit } from "../../base/over-limit.js";
import { Code, type StatusError, status, toStatusError } from "../../base/status.js";
import type { Arrival, Connection, Peer } from "../../transport/transport.js";
import type { Session } from "../session.js";
import { endWhenIdle } from "./end-when-idle.js";
import { KeptMeters } from "./kept-meters.js";
import { LimitCounters, type LimitsReached } from "./limit-counters.js";
import { MeteredConnection } from "./metered-connection.js";
import { PendingClients } from "./pending-clients.js";
import { type CheckedLimits, checkLimits, type ServerLimits } from "./server-limits.js";
import { SessionQuota } from "./session-quota.js";

/** A connection that was let in, as far as it is metered. */
export interface Admitted {
  readonly connection: MeteredConnection;
  /** Its client is let in, and isn't pending any more. */
  settled(): void;
}

/** Keeps the limits of one server, and counts how often they are reached. */
export class ClientLimits {
  readonly checked: CheckedLimits;
  readonly #clock: Clock;
  readonly #counters: LimitCounters;
  readonly #pending: PendingClients;
  readonly #quota: SessionQuota;
  readonly #kept = new KeptMeters();

  /** Throws INVALID_ARGUMENT for a limit that can't be kept. */
  constructor(limits: ServerLimits | undefined, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.checked = checkLimits(limits);
    this.#clock = clock;
    this.#counters = new LimitCounters(logger);
    this.#pending = new PendingClients(this.checked, this.#counters);
    this.#quota = new SessionQuota(this.checked.maxSessionsPerPrincipal);
  }

  /** How many clients aren't let in yet. */
  get pending(): number {
    return this.#pending.count;
  }

  /** How often each limit was reached up to now. */
  get reached(): LimitsReached {
    return this.#counters.reached;
  }

  /** How many clients were refused up to now. */
  get refused(): number {
    return this.#counters.refused;
  }

  /** For the transport: a client begins to connect. Throws a status for one that is too many. */
  readonly arrive = (address: string): Arrival => this.#pending.arrive(address);

  /** Takes a new connection, which is pending until it is settled. Closes one that is too many, and gives undefined. */
  admit(inner: Connection): Admitted | undefined {
    const { address } = inner.peer;
    let arrival: Arrival;
    try {
      arrival = this.arrive(address);
    } catch (error) {
      // It has counted already. Unlike others that have no room, this passes.
      void inner.close(status(Code.UNAVAILABLE, toStatusError(error).message));
      return undefined;
    }
    const slowed = (limit: keyof LimitsReached) => this.#counters.count(limit, address);
    const connection = new MeteredConnection(inner, {
      limits: this.checked,
      clock: this.#clock,
      kept: this.#kept,
      slowed,
    });
    void inner.closed.then((why) => {
      arrival.settle();
      // The end of an idle session is counted where it is decided: there need not be a connection.
      if (limitOf(why) !== "idleMs") {
        this.#counters.ended(why, address);
      }
      if (!connection.isIdentified) {
        this.#counters.turnedAway(why, address);
      }
    });
    return { connection, settled: () => arrival.settle() };
  }

  /** Why a client may not begin a session, if it may not. */
  refusal(peer: Peer): StatusError | undefined {
    return this.#quota.refusal(peer);
  }

  /** A session begins, in which `count` messages have gone either way. */
  began(session: Session, count: () => number): void {
    const { idleMs } = this.checked;
    const end = this.#quota.begin(session.peer);
    const prevent = endWhenIdle(this.#clock, idleMs, count, () => {
      this.#counters.count("idleMs", session.peer.address);
      const message = `there was no message for ${idleMs} ms`;
      void session.close(overLimit("idleMs", message, Code.DEADLINE_EXCEEDED));
    });
    void session.closed.then(() => {
      prevent();
      end();
    });
  }
}
