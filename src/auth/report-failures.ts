import type { Logger } from "../base/logger.js";
import { StatusError } from "../base/status.js";
import type { Authenticate, AuthenticationRequest } from "./authenticate.js";

/**
 * Has the first failure of a hook logged: whoever runs the server must get to know that it refuses everybody, and its clients
 * are told no more than that it can't now. A refusal is no failure. Strangers can cause the next at will, so that they aren't
 * logged.
 */
export function reportFailures(authenticate: Authenticate, logger: Logger): Authenticate {
  let hasFailed = false;
  const failed = ({ peer }: AuthenticationRequest, error: unknown) => {
    if (!hasFailed) {
      hasFailed = true;
      logger.error("authenticate() failed, and its client was refused; this is logged once", {
        peer: peer.address,
        error,
      });
    }
  };
  return async (request) => {
    try {
      const principal = await authenticate(request);
      if (typeof principal?.name !== "string") {
        // Whoever asks the hook refuses the client.
        failed(
          request,
          new TypeError("authenticate() must return a principal, or throw a status to refuse the client"),
        );
      }
      return principal;
    } catch (error) {
      if (!(error instanceof StatusError)) {
        failed(request, error);
      }
      throw error;
    }
  };
}
