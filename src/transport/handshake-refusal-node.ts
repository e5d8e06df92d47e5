import type { TLSSocket } from "node:tls";
import { Code, type Status, status } from "../base/status.js";

/**
 * Why a client's TLS handshake has failed, where it didn't just go away: the codes are those of OpenSSL and Node, so that
 * nothing is in it that a client can write. The reason tells the sorts apart.
 */
export function handshakeRefusal(
  { code = "" }: NodeJS.ErrnoException,
  { authorizationError }: TLSSocket,
): Status | undefined {
  // Node calls it an error, and has its code there: to whom it isn't good enough it hangs up, and says no more than that.
  const unproven = code === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE" ? code : authorizationError;
  if (unproven) {
    const message = `it showed no certificate that tls.ca has signed (${unproven})`;
    return refusal(Code.UNAUTHENTICATED, "certificate", message);
  }
  if (code === "ERR_SSL_HTTP_REQUEST") {
    return refusal(Code.PERMISSION_DENIED, "http", "it speaks HTTP without TLS: its URL has to begin with wss");
  }
  return code.startsWith("ERR_SSL_")
    ? refusal(Code.PERMISSION_DENIED, "handshake", `its TLS handshake failed (${code})`)
    : undefined;
}

function refusal(code: Code, reason: string, message: string): Status {
  return status(code, message, [{ type: "errorInfo", reason }]);
}
