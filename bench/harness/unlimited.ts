import type { ServerLimits } from "../../src/index.js";

/** What is measured is how fast a server can be, not how fast it lets one client be. */
export const unlimited: ServerLimits = {
  maxPendingPerAddress: Number.POSITIVE_INFINITY,
  maxSessionsPerPrincipal: Number.POSITIVE_INFINITY,
  messagesPerSecond: Number.POSITIVE_INFINITY,
  bytesPerSecond: Number.POSITIVE_INFINITY,
};
