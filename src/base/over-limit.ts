import { Code, type Status, StatusError } from "./status.js";

/** What a peer may cost: the options that say so, and the bounds that are fixed. */
export const limitNames = [
  "handshakeTimeoutMs",
  "maxPending",
  "maxPendingPerAddress",
  "maxSessionsPerPrincipal",
  "messagesPerSecond",
  "bytesPerSecond",
  "tinyFramesPerSecond",
  "maxMessageBytes",
  "maxFragments",
  "maxElements",
  "maxLevels",
  "idleMs",
] as const;

/** The name of a limit: that of its option, where there is one. */
export type LimitName = (typeof limitNames)[number];

const known: ReadonlySet<string> = /*@__PURE__*/ new Set(limitNames);

/**
 * Makes the status for a peer that has reached a limit, which an `errorInfo` detail names: whoever counts such things
 * finds it there. A peer can't make one, since details of this sort don't cross the wire.
 */
export function overLimit(limit: LimitName, message: string, code = Code.RESOURCE_EXHAUSTED): StatusError {
  return new StatusError(code, message, { details: [{ type: "errorInfo", reason: limit }] });
}

/** Adds to an error that it is about a limit. */
export function aboutLimit(limit: LimitName, { code, message, details }: StatusError): StatusError {
  return new StatusError(code, message, { details: [...details, { type: "errorInfo", reason: limit }] });
}

/** The limit that a status is about, if it is about one. */
export function limitOf({ details }: Status): LimitName | undefined {
  for (const detail of details) {
    if (detail.type === "errorInfo" && known.has(detail.reason)) {
      return detail.reason as LimitName;
    }
  }
  return undefined;
}
