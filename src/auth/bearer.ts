import { invalidArgument } from "../base/status.js";
import type { Principal } from "../transport/transport.js";
import type { Authenticate } from "./authenticate.js";
import { readBearerToken } from "./bearer-token.js";
import { unauthenticated } from "./unauthenticated.js";

/**
 * Says whose token it is; undefined for one that isn't valid. It may throw a status to say more, of PERMISSION_DENIED say,
 * whose text the client gets to read. It gets nothing but what can be a token, and must compare it with secrets in constant
 * time.
 */
export type VerifyToken = (token: string) => Principal | undefined | Promise<Principal | undefined>;

/**
 * Authenticates by a bearer token: in the first message of a resumable link (and whenever that is renewed), else in the
 * header `authorization`, else in a subprotocol `bearer.…`, as `bearerProtocols()` makes it.
 *
 * The token gives access to whoever has it: serve it over TLS only. Use `tokenTable()` for a handful of fixed tokens. Throws
 * INVALID_ARGUMENT where `verify` isn't a function.
 */
export function bearer(verify: VerifyToken): Authenticate {
  if (typeof verify !== "function") {
    throw invalidArgument("verify", verify, "must be a function that tells whose token it is");
  }
  return async (request) => {
    const token = readBearerToken(request);
    const principal = token === undefined ? undefined : await verify(token);
    if (principal === undefined) {
      throw unauthenticated();
    }
    return principal;
  };
}
