import type { Given } from "../base/given.js";
import { Code, invalidArgument, StatusError, toStatusError } from "../base/status.js";
import type { Peer, Principal } from "../transport/transport.js";
import { unauthenticated } from "./unauthenticated.js";

/** What proves to a server who a client is. The protocol doesn't look into it. */
export interface Credential {
  /** How to read the value, for instance `"bearer"`. */
  readonly type: string;
  readonly value: Uint8Array;
}

/** A credential, or what gives one for each connection anew. */
export type GivenCredential = Given<Credential | undefined>;

/** What a server's application decides on. */
export interface AuthenticationRequest {
  /** What the client has sent, if it has sent any. */
  readonly credential: Credential | undefined;
  /** Where it connects from, and what came with the request to connect. */
  readonly peer: Peer;
}

/**
 * Finds out who a client is. Throws a status, of UNAUTHENTICATED or PERMISSION_DENIED, to refuse it, whose text the client
 * gets to read; anything else that it throws is UNAVAILABLE to the client, without its text, which then tries again. It is
 * also asked when the client of a resumable link goes on with a session, or renews its credential, which it may only as the
 * same principal.
 */
export type Authenticate = (request: AuthenticationRequest) => Principal | Promise<Principal>;

/** The largest credential, in bytes: it has to fit into the first frame. */
const maxCredentialBytes = 8_192;

/** Checks a credential, and gives it without what else the object may have. Throws INVALID_ARGUMENT, which shows nothing of it. */
export function checkCredential(credential: Credential | undefined): Credential | undefined {
  if (credential === undefined) {
    return undefined;
  }
  if (typeof credential !== "object" || credential === null || typeof credential.type !== "string") {
    throw invalidArgument("credential", typeof credential, "must be an object with a type and a value");
  }
  const { type, value } = credential;
  if (!(value instanceof Uint8Array) || value.length > maxCredentialBytes) {
    throw invalidArgument("credential.value", "…", `must be a Uint8Array of at most ${maxCredentialBytes} bytes`);
  }
  return { type, value };
}

/**
 * Asks the application who a client is; without a hook everybody is nobody in particular. Rejects with a status where it
 * refuses, where it fails, and where what it says has expired `now`.
 */
export async function identify(
  authenticate: Authenticate | undefined,
  request: AuthenticationRequest,
  now: () => number,
): Promise<Principal | undefined> {
  if (authenticate === undefined) {
    return undefined;
  }
  let principal: Principal;
  try {
    principal = await authenticate(request);
  } catch (error) {
    if (error instanceof StatusError) {
      throw error;
    }
    // Whatever it asks may answer the next time.
    throw new StatusError(Code.UNAVAILABLE, "the server can't authenticate the client now; try again later", {
      cause: toStatusError(error),
    });
  }
  if (typeof principal?.name !== "string") {
    throw new StatusError(Code.INTERNAL, "the server failed to authenticate the client: its hook gave no principal");
  }
  const { expiresAt } = principal;
  // A time that isn't a number would never come.
  if (expiresAt !== undefined && !Number.isFinite(expiresAt)) {
    throw new StatusError(Code.INTERNAL, "the server failed to authenticate the client: expiresAt is no time");
  }
  if (expiresAt !== undefined && expiresAt <= now()) {
    throw unauthenticated();
  }
  return principal;
}

/** Whether two principals are the same one, and may do the same. */
export function isSamePrincipal(a: Principal | undefined, b: Principal | undefined): boolean {
  return a?.name === b?.name && a?.policy === b?.policy;
}
