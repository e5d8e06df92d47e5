import { type Authenticate, identify } from "../auth/authenticate.js";
import { reportFailures } from "../auth/report-failures.js";
import { checkMilliseconds } from "../base/check-milliseconds.js";
import { type Clock, systemClock } from "../base/clock.js";
import { deferred } from "../base/deferred.js";
import { asyncDispose } from "../base/dispose.js";
import { firstTime } from "../base/first-time.js";
import { type Logger, safeLogger } from "../base/logger.js";
import { Code, invalidArgument, type Status, status } from "../base/status.js";
import type { DialectOptions } from "../codec/dialect.js";
import { checkMaxMessageBytes } from "../link/check-max-message-bytes.js";
import type { Link } from "../link/link.js";
import { linkProtocol } from "../link/resumable/limits.js";
import { checkServerTime, type ResumableOptions } from "../link/resumable/options.js";
import { shutdownStatus } from "../link/resumable/reset.js";
import { ResumableServer } from "../link/resumable/server.js";
import { plainProtocol } from "../transport/plain-protocol.js";
import type { Connection, Peer, ServerTransport } from "../transport/transport.js";
import { ClientLimits } from "./limits/client-limits.js";
import type { LimitsReached } from "./limits/limit-counters.js";
import type { ServerLimits } from "./limits/server-limits.js";
import { checkLinkOptions } from "./link-options.js";
import { loadPlain } from "./load-plain.js";
import { shareNews } from "./news.js";
import { Session } from "./session.js";

/** What can be said about a server, whatever its transport. */
export interface ServeOptions extends DialectOptions, ResumableOptions {
  /**
   * Finds out who a client is: what it returns is `session.peer.principal`, for as long as that says. It throws a status,
   * of UNAUTHENTICATED or PERMISSION_DENIED, to refuse the client. `crossbus/auth` has ready-made ones.
   *
   * On a resumable link it is asked when the client has sent its first message, and again whenever the client connects anew
   * or renews its credential. On a plain link, which has no such messages, it is asked before the connection is granted, and
   * once only: the session ends when the principal expires. Default: everybody may connect.
   */
  readonly authenticate?: Authenticate | undefined;
  /**
   * How long a session lives without a connection, in milliseconds, so that its client can come back to it. Default:
   * 30 000. For resumable links.
   */
  readonly graceMs?: number;
  /**
   * How long a peer may be silent before it is asked whether it is there, in milliseconds, and how long it may take to
   * answer. Longer, and a connection that is dead is noticed later; shorter, and idle ones cost more. Default: 5 000.
   * For resumable links.
   */
  readonly heartbeatMs?: number;
  /** The largest message to send, in bytes; a larger one is undelivered. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
  /** What a client may cost. Each limit has a default of its own. */
  readonly limits?: ServerLimits;
  /** How long `close()` waits for the handlers of sessions, in milliseconds. Default: 10 000. */
  readonly closeTimeoutMs?: number;
  /** Where log lines go. Default: the console, from warnings up. */
  readonly logger?: Logger;
  /** Where time comes from. Default: the platform. */
  readonly clock?: Clock;
}

/**
 * Serves one session, and returns when it is done with it. The session is then closed: with OK, or with INTERNAL when
 * the handler throws, which concerns no other session.
 */
export type SessionHandler = (session: Session) => void | Promise<void>;

/** What can be said about the end of a server. */
export interface DrainOptions {
  /**
   * How long clients should wait before they connect again, in milliseconds, because the next server needs that long to
   * start. Only resumable links can tell them. Default: 0, which leaves it to their back-off.
   */
  readonly retryAfterMs?: number;
}

/** How many clients a server has, and how often they have reached its limits. */
export interface ServerStats {
  /** The clients that aren't let in yet, as `maxPending` counts them. */
  readonly pending: number;
  /** The sessions that last. */
  readonly sessions: number;
  /**
   * How many clients were refused since the server was made, for their origin, or because they didn't prove who they are or
   * may not do what they want: with UNAUTHENTICATED or PERMISSION_DENIED. Of a listener with a server of its own, those too
   * whose TLS handshake has failed.
   */
  readonly refused: number;
  /** How often each limit was reached since the server was made. */
  readonly reached: LimitsReached;
}

/** Something that serves sessions until it is closed. */
export interface Server extends AsyncDisposable {
  /** Where clients connect to, for instance `ws://127.0.0.1:8765/ws`. */
  readonly address: string;
  /** The sessions that last. */
  readonly sessions: ReadonlySet<Session>;
  /** How many clients it has at the moment, and how often they have reached its limits. */
  readonly stats: ServerStats;
  /**
   * Goes out of service, for a rolling restart: stops accepting, and ends all sessions with UNAVAILABLE (reason
   * `shutdown`), so that clients come back to whoever serves next. What is queued for a client is sent first, for 3 s at
   * most; what a client hasn't acknowledged by then is undelivered. No session can be resumed, since this server won't be
   * there: one whose client is away at the moment ends at once.
   *
   * Resolves once the sessions have ended. It doesn't wait for their handlers: `close()` does. Draining twice is the same
   * as draining once. Rejects with INVALID_ARGUMENT for a bad option.
   */
  drain(options?: DrainOptions): Promise<void>;
  /**
   * Drains, and waits for the handlers of the sessions, for as long as `closeTimeoutMs` says. Closing twice is the same
   * as closing once.
   */
  close(): Promise<void>;
}

/** How long a handler may go on after its session has ended before it is said to be forgotten. */
const overdueMs = 30_000;

/**
 * Listens on a transport, and calls `handler` with each peer's session.
 *
 * Rejects with what the transport's `listen()` rejects with, for instance ALREADY_EXISTS for a port that is taken,
 * and throws INVALID_ARGUMENT for a bad option.
 */
export async function serve(
  transport: ServerTransport,
  handler: SessionHandler,
  options: ServeOptions = {},
): Promise<Server> {
  const { closeTimeoutMs = 10_000, clock = systemClock } = options;
  const logger = safeLogger(options.logger);
  const maxMessageBytes = checkMaxMessageBytes(options.maxMessageBytes);
  checkMilliseconds("closeTimeoutMs", closeTimeoutMs);
  if (typeof transport?.listen !== "function") {
    throw invalidArgument("transport", transport, "must be a ServerTransport");
  }
  if (typeof handler !== "function") {
    throw invalidArgument("handler", handler, "must be a function that serves a session");
  }
  const resumable = checkLinkOptions(options);
  const graceMs = checkServerTime("graceMs", options.graceMs ?? 30_000);
  const heartbeatMs = checkServerTime("heartbeatMs", options.heartbeatMs ?? 5_000);
  const limits = new ClientLimits(options.limits, { clock, logger });
  const { maxElements } = limits.checked;
  const isNews = firstTime();
  const begin = (link: Link, count: () => number) => {
    shareNews(link, isNews);
    const session = new Session(link);
    limits.began(session, count);
    const handled = handle(session).finally(() => handlers.delete(handled));
    handlers.add(handled);
  };
  if (options.authenticate !== undefined && typeof options.authenticate !== "function") {
    throw invalidArgument("authenticate", options.authenticate, "must be a function that finds out who a client is");
  }
  const authenticate = options.authenticate && reportFailures(options.authenticate, logger);
  const links =
    resumable === undefined
      ? await loadPlain().then(({ plainLinks }) =>
          plainLinks({ ...options, authenticate, maxMessageBytes, maxElements, clock, logger, limits }, begin),
        )
      : new ResumableServer({
          ...resumable,
          clock,
          maxMessageBytes,
          maxElements,
          graceMs,
          heartbeatMs,
          authenticate,
          refusal: (peer) => limits.refusal(peer),
          accept: (link) => begin(link, () => link.progress),
        });
  const sessions = new Set<Session>();
  const handlers = new Set<Promise<void>>();
  /** What forgets the handlers that would be said to be forgotten. */
  const overdue = new Set<() => void>();
  let draining: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  async function handle(session: Session): Promise<void> {
    sessions.add(session);
    let isHandled = false;
    let forgetOverdue = () => {};
    void session.closed.then(() => {
      sessions.delete(session);
      // close() has a limit of its own.
      if (!isHandled && closing === undefined) {
        forgetOverdue = clock.after(overdueMs, () => {
          logger.warn("the handler of a session goes on although its peer is gone: end its runner when that happens", {
            peer: session.peer.address,
          });
        });
        overdue.add(forgetOverdue);
      }
    });
    try {
      await handler(session);
      await session.close();
    } catch (error) {
      logger.error("the handler of a session failed", { peer: session.peer.address, error });
      await session.close(status(Code.INTERNAL, "the server failed to handle this session"));
    } finally {
      isHandled = true;
      forgetOverdue();
      overdue.delete(forgetOverdue);
    }
  }

  function accept(connection: Connection): void {
    // One that was on its way when the listener closed.
    if (draining !== undefined) {
      void connection.close(shutdownStatus());
      return;
    }
    const admitted = limits.admit(connection);
    if (admitted !== undefined) {
      links.connected(admitted.connection, admitted.settled);
    }
  }

  const admit = (peer: Peer) => identify(authenticate, { credential: undefined, peer }, () => clock.now());
  const listener = await transport.listen(accept, {
    protocols: [resumable === undefined ? plainProtocol : linkProtocol],
    // Who the client of a resumable link is, its first message tells too.
    ...(resumable === undefined && authenticate !== undefined ? { admit } : {}),
    arrive: limits.arrive,
  });

  async function leave(why: Status): Promise<void> {
    const closed = listener.close();
    links.close(why);
    await Promise.all(Array.from(sessions, (session) => session.close(why)));
    await closed;
  }

  async function drain({ retryAfterMs = 0 }: DrainOptions = {}): Promise<void> {
    checkMilliseconds("retryAfterMs", retryAfterMs);
    draining ??= leave(shutdownStatus(retryAfterMs));
    await draining;
  }

  async function close(): Promise<void> {
    const drained = drain();
    for (const forget of overdue) {
      forget();
    }
    const timeout = deferred();
    const prevent = clock.after(closeTimeoutMs, () => {
      logger.error("sessions did not end in time and are left behind", { sessions: handlers.size });
      timeout.resolve();
    });
    await Promise.race([Promise.all(handlers), timeout.promise]);
    prevent();
    await drained;
  }

  const closeOnce = () => {
    closing ??= close();
    return closing;
  };
  return {
    address: listener.address,
    sessions,
    get stats() {
      return { pending: limits.pending, sessions: sessions.size, refused: limits.refused, reached: limits.reached };
    },
    drain,
    close: closeOnce,
    [asyncDispose]: closeOnce,
  };
}
