import { isSameBytes } from "../base/same-bytes.js";
import { invalidArgument } from "../base/status.js";
import type { Principal } from "../transport/transport.js";
import type { VerifyToken } from "./bearer.js";
import { checkBearerToken } from "./bearer-token.js";

/** A token, and whose it is. */
export interface TokenEntry {
  readonly token: string;
  readonly principal: Principal;
}

/**
 * Knows a fixed set of tokens, for `bearer()`. All of them are compared with the one given, in constant time, so that it
 * is for some dozens and not for thousands. Make tokens at random: `crypto.randomUUID()`, say.
 *
 * Throws INVALID_ARGUMENT, which shows no token, for what can't be sent as one, the empty text above all, and for a token
 * that is there twice.
 */
export function tokenTable(entries: readonly TokenEntry[]): VerifyToken {
  if (!Array.isArray(entries) || entries.length === 0) {
    throw invalidArgument("entries", entries, "must be an array of tokens and principals");
  }
  for (const [index, { token, principal }] of entries.entries()) {
    checkBearerToken(`entries[${index}].token`, token);
    if (typeof principal?.name !== "string") {
      throw invalidArgument(`entries[${index}].principal`, principal, "must be an object with a name");
    }
  }
  if (new Set(entries.map(({ token }) => token)).size < entries.length) {
    throw invalidArgument("entries", entries, "must have each token once");
  }
  // Digests are equally long whatever the tokens are, and take as long to compare.
  const known = Promise.all(
    entries.map(async ({ token, principal }) => ({ digest: await digestOf(token), principal })),
  );
  return async (token) => {
    const given = await digestOf(token);
    let found: Principal | undefined;
    for (const { digest, principal } of await known) {
      found = isSameBytes(digest, given) ? principal : found;
    }
    return found;
  };
}

async function digestOf(token: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
}
