import type { Goaway, ResetReason } from "../../../gen/crossbus/v1/link_pb.js";
import { longestMs } from "../../base/check-milliseconds.js";
import { Code, escapeControls, isRetryable, type Status, type StatusDetail, status } from "../../base/status.js";
import { oneofCase } from "../../message/from-init.js";
import { closeReason } from "../../transport/close-codes.js";
import { controlFrameType } from "./link-schema.js";

/**
 * Why a session could not go on:
 *
 * - `expired`: it was without a connection for longer than the grace period.
 * - `restarted`: the server that knew it is gone, and another answers.
 * - `unknownSession`: the server has forgotten it.
 * - `denied`: the server doesn't let this client have it.
 * - `gap`: a message was missing, twice at the same place.
 * - `overflow`: the buffer for what isn't acknowledged is full, and `overflow` is `"reset"`.
 * - `protocol`: an end broke the protocol, or sent what can't be read.
 * - `shutdown`: the server goes away.
 * - `gaveUp`: the client has made all the attempts that it may.
 * - `credentialExpired`: the client's credential has expired, and wasn't renewed in time.
 */
export type ResetReasonName = CamelCase<Exclude<keyof typeof ResetReason, "UNSPECIFIED">>;

type CamelCase<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${Lowercase<First>}${Capitalize<CamelCase<Rest>>}`
  : Lowercase<Name>;

/** The reasons by their numbers on the wire, as the schema names them. The first is none. */
const reasons = /*@__PURE__*/ reasonNames();

function reasonNames(): readonly string[] {
  const { fields } = oneofCase(controlFrameType, "kind", "goaway");
  const values = fields.find(({ localName }) => localName === "reason")?.enum?.values ?? [];
  return values.map(({ localName }) =>
    localName.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
}

/** Adds the reason of a reset to a status, as an `errorInfo` detail. */
export function withReason(why: Status, reason: ResetReasonName | undefined): Status {
  return reason === undefined ? why : status(why.code, why.message, [...why.details, { type: "errorInfo", reason }]);
}

/** Makes the status that a session ends with when it is reset. */
export function resetStatus(reason: ResetReasonName, message: string, code = Code.UNAVAILABLE): Status {
  return withReason(status(code, message), reason);
}

/**
 * What a server ends its sessions with when it goes away, so that clients come back to whoever serves next, no earlier
 * than `afterMs` from now.
 */
export function shutdownStatus(afterMs = 0): Status {
  const details: readonly StatusDetail[] = afterMs === 0 ? [] : [{ type: "retryInfo", retryable: true, afterMs }];
  const why = status(Code.UNAVAILABLE, "the server is shutting down", details);
  return withReason(why, "shutdown");
}

/** The number of the reason of a reset that a status has as a detail; 0 where it has none. */
export function reasonOf({ details }: Status): ResetReason {
  for (const detail of details) {
    // A limit that the peer has reached is named in the same way.
    const found = detail.type === "errorInfo" ? reasons.indexOf(detail.reason) : 0;
    if (found > 0) {
      return found;
    }
  }
  return 0;
}

/**
 * What the peer says with a Goaway. Its text, cut to what ours may have, may end up in a log or on a terminal, and its time
 * in a timer.
 */
export function goawayStatus({ code, message, retryAfterMs, reason }: Goaway): Status {
  const afterMs = Math.min(retryAfterMs, longestMs);
  const known = Code[code] === undefined ? Code.UNKNOWN : (code as Code);
  const details: readonly StatusDetail[] =
    afterMs === 0 ? [] : [{ type: "retryInfo", retryable: known === Code.UNAVAILABLE, afterMs }];
  return withReason(
    status(known, escapeControls(closeReason(message)), details),
    reason === 0 ? undefined : (reasons[reason] as ResetReasonName | undefined),
  );
}

/** What to do about a connection that was lost. */
export interface Loss {
  /** What is to be said of it. */
  readonly status: Status;
  /** Whether the session may go on over another connection. */
  readonly resume: boolean;
  /** Whether a message was too large for something on the way, which must not be sent again. */
  readonly evict: boolean;
}

/** Judges the status that a connection closed with, without a goodbye: the table of close codes in PROTOCOL.md. */
export function judgeLoss(closed: Status): Loss {
  const { code } = closed;
  const evict = code === Code.RESOURCE_EXHAUSTED && isRetryable(closed);
  const resume = evict || code === Code.OK || code === Code.UNAVAILABLE || code === Code.DATA_LOSS;
  const message = code === Code.OK ? "the peer closed the connection without saying goodbye" : closed.message;
  return { status: resume ? status(Code.UNAVAILABLE, message) : closed, resume, evict };
}
