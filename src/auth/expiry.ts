import { atTime } from "../base/at-time.js";
import type { Clock } from "../base/clock.js";
import { Code, type Status, status } from "../base/status.js";
import type { Principal } from "../transport/transport.js";

/** What a session ends with when what its client has proved doesn't hold any more. */
function expiredStatus(): Status {
  return status(Code.UNAUTHENTICATED, "the client's credential has expired", [
    { type: "errorInfo", reason: "credentialExpired" },
  ]);
}

/**
 * Calls `expired` with the status to end with when a principal expires, if it ever does. Returns a function that prevents it.
 */
export function whenExpired(
  clock: Clock,
  principal: Principal | undefined,
  expired: (why: Status) => void,
): () => void {
  const at = principal?.expiresAt;
  return at === undefined ? () => {} : atTime(clock, at, () => expired(expiredStatus()));
}
