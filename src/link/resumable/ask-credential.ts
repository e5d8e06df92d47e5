import type { Credential } from "../../auth/authenticate.js";
import { Code, StatusError } from "../../base/status.js";
import { wait } from "../../base/wait.js";
import type { ClientRenewalOptions } from "./client-renewal.js";
import { handshakeTimeoutMs } from "./limits.js";

/**
 * What proves who this client is. Whoever gives it asks somebody over the network as a rule, and may get no answer: then
 * this rejects with UNAVAILABLE once an attempt to connect has taken its time, or as soon as `signal` aborts.
 */
export async function askCredential(
  { credential, clock }: ClientRenewalOptions,
  signal: AbortSignal,
): Promise<Credential | undefined> {
  const settled = new AbortController();
  const settle = () => settled.abort();
  // Gone with what it settles: a signal lives for many attempts.
  signal.addEventListener("abort", settle, { signal: settled.signal });
  const late = wait(clock, handshakeTimeoutMs, settled.signal).then(() => {
    throw new StatusError(Code.UNAVAILABLE, "credential: gave nothing in time");
  });
  try {
    return await Promise.race([credential?.(), late]);
  } finally {
    settle();
  }
}
