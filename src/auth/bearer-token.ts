import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { Code, StatusError } from "../base/status.js";
import { plainProtocol } from "../transport/plain-protocol.js";
import type { AuthenticationRequest, Credential } from "./authenticate.js";

/** The type of a credential that is a bearer token. */
const bearerType = "bearer";

const tokenPrefix = "bearer.";

/** What RFC 6750, section 2.1, lets a token consist of. Names, UUIDs, random base64 and JSON Web Tokens all do. */
const syntax = /^[A-Za-z0-9\-._~+/]+=*$/;

/** A longer one fits into no first message, and into few headers. */
const maxLength = 8_192;

/** Whether a text can be sent as a token in all the ways that there are. */
function isBearerToken(token: unknown): token is string {
  return typeof token === "string" && token.length <= maxLength && syntax.test(token);
}

/**
 * Makes the credential of a bearer token, for the option `credential` of a client's resumable link. Throws INVALID_ARGUMENT,
 * which shows nothing of it, for what can't be a token: it consists of letters, digits and -._~+/ with = at the end, and has
 * 8 192 characters at most.
 */
export function bearerCredential(token: string): Credential {
  return { type: bearerType, value: new TextEncoder().encode(checkBearerToken("token", token)) };
}

/**
 * Makes the subprotocols that carry a bearer token, for the option `protocols` of a WebSocket: browsers can set no headers.
 * The first is the one that the server selects on a plain link; the token isn't echoed. On a resumable link `credential` is
 * better: it can be renewed. Throws INVALID_ARGUMENT like `bearerCredential()`.
 */
export function bearerProtocols(token: string): readonly [plain: string, bearer: string] {
  const bytes = new TextEncoder().encode(checkBearerToken("token", token));
  return [plainProtocol, `${tokenPrefix}${base64Encode(bytes, "url")}`];
}

/** Checks a token that a program means to use. Throws INVALID_ARGUMENT, which shows nothing of it. */
export function checkBearerToken(field: string, token: string): string {
  if (!isBearerToken(token)) {
    const rule = `must be of letters, digits and -._~+/ with = at the end, and have ${maxLength} characters at most`;
    throw new StatusError(Code.INVALID_ARGUMENT, `${field}: ${rule}`, { details: [{ type: "badRequest", field }] });
  }
  return token;
}

/**
 * The bearer token of a request. What came in the first message, or to renew, counts before a header, and a header before a
 * subprotocol: the request to connect may be old by then. There is no falling back from one that isn't a token.
 */
export function readBearerToken({ credential, peer }: AuthenticationRequest): string | undefined {
  const token =
    credential?.type === bearerType
      ? textOf(credential.value)
      : (fromHeader(peer.metadata.get("authorization")) ?? fromProtocols(peer.metadata.get("sec-websocket-protocol")));
  return isBearerToken(token) ? token : undefined;
}

/** What stands behind the scheme. One who sends an empty token has sent one. */
function fromHeader(header = ""): string | undefined {
  return /^bearer(?: +|$)(.*)$/i.exec(header)?.[1];
}

/** Of several tokens nobody knows which one counts: then there is none. */
function fromProtocols(header = ""): string | undefined {
  const offered = header.split(",").map((name) => name.trim());
  const [token, ...others] = offered.filter((name) => name.startsWith(tokenPrefix));
  const encoded = token?.slice(tokenPrefix.length) ?? "";
  if (others.length > 0 || encoded.length > 2 * maxLength || !/^[\w-]+$/.test(encoded)) {
    return undefined;
  }
  try {
    return textOf(base64Decode(encoded));
  } catch {
    return undefined;
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
