import type { Logger } from "../base/logger.js";
import { StatusError, show } from "../base/status.js";
import type { Authenticate } from "./authenticate.js";

/**
 * Has the first failure of a hook logged: whoever runs the server must get to know that it refuses everybody, and its clients
 * are told no more than INTERNAL. A refusal is no failure. Strangers can cause the next at will, so that they aren't logged.
 */
export function reportFailures(authenticate: Authenticate, logger: Logger): Authenticate {
  let hasFailed = false;
  return async (request) => {
    try {
      const principal = await authenticate(request);
      if (typeof principal?.name !== "string") {
        throw new TypeError("authenticate() must return a principal, or throw a status to refuse the client");
      }
      return principal;
    } catch (error) {
      if (!(error instanceof StatusError) && !hasFailed) {
        hasFailed = true;
        logger.error("authenticate() failed, and its client was refused; this is logged once", {
          peer: show(request.peer.address),
          error,
        });
      }
      throw error;
    }
  };
}
