import { Code, invalidArgument, toStatusError } from "../base/status.js";
import type { Principal } from "../transport/transport.js";
import type { Authenticate } from "./authenticate.js";
import { unauthenticated } from "./unauthenticated.js";

/**
 * Lets those in whom one of several authenticators lets in; they are asked in order, until one does. One that refuses with
 * anything but UNAUTHENTICATED has the last word: it knows who it is, or is broken.
 *
 * Throws INVALID_ARGUMENT for what aren't functions, and for none.
 */
export function anyOf(...authenticators: readonly Authenticate[]): Authenticate {
  if (authenticators.length === 0 || authenticators.some((each) => typeof each !== "function")) {
    throw invalidArgument("authenticators", authenticators, "must be functions, one at least");
  }
  return async (request): Promise<Principal> => {
    for (const authenticate of authenticators) {
      try {
        return await authenticate(request);
      } catch (error) {
        if (toStatusError(error).code !== Code.UNAUTHENTICATED) {
          throw error;
        }
      }
    }
    throw unauthenticated();
  };
}
