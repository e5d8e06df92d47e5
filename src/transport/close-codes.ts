import { Code, escapeControls, type Status, status } from "../base/status.js";

/** What a close code means, and whether connecting again may help. */
interface Meaning {
  readonly code: Code;
  readonly retryable: boolean;
  readonly afterMs?: number;
}

const passing: Meaning = { code: Code.UNAVAILABLE, retryable: true };
const broken: Meaning = { code: Code.INTERNAL, retryable: false };

/**
 * What a WebSocket close code means, as a gRPC code, and whether connecting again may help. Codes from 4000
 * are `4000 + gRPC code`, of which only UNAVAILABLE is worth another attempt.
 *
 * The codes below 4000 are those of RFC 6455, section 7.4.1, and its registry.
 */
export const closeCodes: Readonly<Record<number, Meaning>> = {
  1000: { code: Code.OK, retryable: false },
  1001: passing,
  1002: broken,
  1003: broken,
  1005: passing,
  1006: passing,
  1007: broken,
  1008: { code: Code.PERMISSION_DENIED, retryable: false },
  1009: { code: Code.RESOURCE_EXHAUSTED, retryable: true },
  1010: broken,
  1011: passing,
  1012: passing,
  1013: { ...passing, afterMs: 10_000 },
  1014: passing,
};

/** The close code to send for a status: `4000 + gRPC code`. */
export function statusToCloseCode(code: Code): number {
  return 4000 + code;
}

/**
 * The status that a received close code and reason stand for. An unknown code is UNKNOWN, and not retried. The
 * reason is the peer's text: its control characters are escaped, for it may end up in a log or on a terminal.
 */
export function closeCodeToStatus(closeCode: number, reason: string): Status {
  const ours = closeCode - 4000;
  const { code, ...retry } =
    Code[ours] !== undefined
      ? { code: ours as Code, retryable: ours === Code.UNAVAILABLE }
      : (closeCodes[closeCode] ?? { code: Code.UNKNOWN, retryable: false });
  const message =
    reason !== "" ? escapeControls(reason) : code === Code.OK ? "" : `the peer closed the connection with ${closeCode}`;
  return status(code, message, [{ type: "retryInfo", ...retry }]);
}

/** Cuts a close reason to the 123 bytes of UTF-8 that a WebSocket close frame can hold. */
export function closeReason(message: string): string {
  const encoder = new TextEncoder();
  if (encoder.encode(message).length <= 123) {
    return message;
  }
  const bytes = new Uint8Array(120);
  const { read } = encoder.encodeInto(message, bytes);
  return `${message.slice(0, read)}…`;
}
