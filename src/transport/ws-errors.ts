import { overLimit } from "../base/over-limit.js";
import { Code, escapeControls, type Status, StatusError, status } from "../base/status.js";
import { reachError, tooLarge } from "./web-socket-errors.js";

/** The code and the text of what a WebSocket's error event carries. */
function readError(error: unknown): { readonly code: string; readonly text: string } {
  if (!(error instanceof Error)) {
    return { code: "", text: "" };
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  // A host with several addresses that all refuse yields an error without a message.
  // Some quote the peer, for instance what its certificate is for.
  return { code, text: error.message !== "" ? escapeControls(error.message) : code };
}

/**
 * The status for an error of an open connection that isn't the network's: the peer sent what this end doesn't
 * take. Undefined for all others, whose end the close event tells.
 */
export function receiveErrorToStatus(error: unknown, maxMessageBytes: number): Status | undefined {
  const { code, text } = readError(error);
  // The second is of a length that no number holds exactly.
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" || code === "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH") {
    return tooLarge(maxMessageBytes);
  }
  if (code === "WS_ERR_TOO_MANY_BUFFERED_PARTS") {
    return overLimit("maxFragments", "the peer sent a message in too many parts");
  }
  if (code.startsWith("WS_ERR_")) {
    return status(Code.INTERNAL, `the peer broke the WebSocket protocol: ${text}`);
  }
  return undefined;
}

/** The HTTP statuses below 500 that say "not now": Request Timeout, Too Early and Too Many Requests. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/** The error for a request to connect that was answered with an HTTP status instead of a WebSocket. */
export function refusedError(url: string, httpStatus: number): StatusError {
  if (httpStatus === 401) {
    return new StatusError(Code.UNAUTHENTICATED, `${url} refused the connection with 401; check the credentials`);
  }
  if (httpStatus === 403) {
    return new StatusError(Code.PERMISSION_DENIED, `${url} refused the connection with 403; check the permissions`);
  }
  if (httpStatus >= 500 || passing.has(httpStatus)) {
    return new StatusError(Code.UNAVAILABLE, `${url} refused the connection with ${httpStatus}; try again later`);
  }
  const remedy = httpStatus >= 300 && httpStatus < 400 ? "redirects are not followed" : "check the url";
  return new StatusError(Code.FAILED_PRECONDITION, `${url} refused the connection with ${httpStatus}; ${remedy}`);
}

/** What the codes of certificates that don't verify, and of failed TLS handshakes, have in common. */
const tlsError = /CERT|_SSL_|_TLS_|^EPROTO$|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|UNABLE_TO_/;

/** The error for a connection that a socket like that of `ws` could not make. */
export function connectError(url: string, error: unknown): StatusError {
  const { code, text } = readError(error);
  if (tlsError.test(code) && !code.includes("TIMEOUT")) {
    return new StatusError(
      Code.FAILED_PRECONDITION,
      `${url} can't be connected to safely: ${text}; check its certificate and that it speaks TLS`,
      { cause: error },
    );
  }
  // What has no code, or one of the HTTP parser, is an answer that no WebSocket server gives.
  if ((code === "" && text !== "") || code.startsWith("HPE_")) {
    return new StatusError(
      Code.FAILED_PRECONDITION,
      `${url} doesn't answer like a WebSocket server: ${text}; check the url`,
      { cause: error },
    );
  }
  if (text === "") {
    return reachError(url, error);
  }
  // A server that doesn't take this client's certificate hangs up as well, and so does one that speaks TLS to who doesn't.
  const remedy =
    code === "ECONNRESET" ? "check that it is running, TLS, and the client's certificate" : "check that it is running";
  return new StatusError(Code.UNAVAILABLE, `${url} can't be reached: ${text}; ${remedy}`, { cause: error });
}
