import { longestMs } from "../../base/check-milliseconds.js";
import { invalidArgument } from "../../base/status.js";

/**
 * What a client may cost a server. Each limit has a default, and `Infinity` switches it off. What happens when one is
 * reached is said with it; `server.stats` counts it under the same name, and the log tells it once.
 *
 * An address is where a connection comes from: of IPv6 the first 64 bits, since whoever has one has all of those. Behind
 * a reverse proxy all clients have one address, that of the proxy, which should limit them itself: what is counted here per
 * address must then be switched off.
 */
export interface ServerLimits {
  /**
   * Connections whose client isn't let in yet: from the first byte of TCP to the end of the handshake, whatever that takes,
   * where the listener has a server of its own, else from the request to upgrade on. The next one gets HTTP 503, or its
   * connection cut: UNAVAILABLE at the client, which tries again later. Default: 1 000.
   */
  readonly maxPending?: number | undefined;
  /** The same for one address. The next one gets HTTP 429: UNAVAILABLE at the client as well. Default: 100. */
  readonly maxPendingPerAddress?: number | undefined;
  /**
   * Sessions of one principal, the suspended ones too; of one address for clients without a principal. The next one is
   * refused with RESOURCE_EXHAUSTED. Default: 1 000.
   */
  readonly maxSessionsPerPrincipal?: number | undefined;
  /**
   * Messages of a connection in a second, its fragments, acks and pings as one each on a resumable link. Four seconds'
   * worth may come at once. What comes faster isn't read until it is due, so that the client slows down and nothing is
   * lost. One message a second is always read, so that a connection doesn't seem dead. What a connection has used up by its
   * end the next one of the same principal, or address, doesn't have either until it is due. Default: 5 000.
   */
  readonly messagesPerSecond?: number | undefined;
  /**
   * Bytes of a connection in a second, by the same rules. Each element that is read of a message, as `maxElements` counts
   * them, counts as 64 bytes beside: few bytes may take long to read. Default: 8 MiB, or 131 072 elements, which take about
   * a tenth of a core.
   */
  readonly bytesPerSecond?: number | undefined;
  /**
   * Pings and pongs of WebSocket, and messages of fewer than 4 bytes, of a connection in a second: no honest client has any
   * use for many. Four seconds' worth may come at once. More closes the connection with RESOURCE_EXHAUSTED. Default: 100.
   */
  readonly tinyFramesPerSecond?: number | undefined;
  /**
   * Elements of one message, at any depth: the messages inside it in Protocol Buffers, of which a value in a list takes
   * one and a member of an object two; values, objects and arrays in JSON. One with more ends the session with
   * RESOURCE_EXHAUSTED. Default: 50 000, which take about 30 ms to read.
   */
  readonly maxElements?: number | undefined;
  /**
   * How long a session may go without a message either way, in milliseconds, as measured four times in that time. Then
   * it ends with DEADLINE_EXCEEDED. Default: 3 600 000, an hour.
   */
  readonly idleMs?: number | undefined;
}

/** These limits, checked and filled in. */
export type CheckedLimits = Readonly<Record<keyof ServerLimits, number>>;

/** What holds where nothing else is said. */
export const defaultLimits: CheckedLimits = {
  maxPending: 1_000,
  maxPendingPerAddress: 100,
  maxSessionsPerPrincipal: 1_000,
  messagesPerSecond: 5_000,
  bytesPerSecond: 8_388_608,
  tinyFramesPerSecond: 100,
  maxElements: 50_000,
  idleMs: 3_600_000,
};

/** Checks limits, and fills in the defaults. Throws INVALID_ARGUMENT that names the one that is wrong. */
export function checkLimits(limits: ServerLimits = {}): CheckedLimits {
  if (typeof limits !== "object" || limits === null) {
    throw invalidArgument("limits", limits, "must be an object with limits");
  }
  const checked: Record<keyof ServerLimits, number> = { ...defaultLimits };
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(defaultLimits, name)) {
      // A limit that isn't kept must not look like one.
      throw invalidArgument(`limits.${name}`, value, `must be one of ${Object.keys(defaultLimits).join(", ")}`);
    }
    if (value !== undefined) {
      checked[name as keyof ServerLimits] = checkLimit(name as keyof ServerLimits, value);
    }
  }
  return checked;
}

function checkLimit(name: keyof ServerLimits, value: unknown): number {
  const isRate = name.endsWith("PerSecond");
  const isNumber = typeof value === "number" && value >= 1 && (isRate || value === Infinity || Number.isInteger(value));
  if (!isNumber || (name === "idleMs" && value > longestMs && value !== Infinity)) {
    throw invalidArgument(`limits.${name}`, value, isRate ? "must be at least 1" : "must be a positive integer");
  }
  return value;
}
