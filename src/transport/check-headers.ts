import { Code, invalidArgument, StatusError } from "../base/status.js";
import { headerNames, token } from "./check-options.js";

/** What a header's value may consist of. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The headers that belong to the handshake itself. */
const ownHeaders = /^(?:connection|upgrade|sec-websocket-.*|content-length|transfer-encoding)$/i;

/** Checks the headers of a request, and copies them. No message shows a value: it may be a secret. */
export function checkHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const name of headerNames(headers)) {
    const value: unknown = headers[name];
    if (!token.test(name)) {
      throw invalidArgument("headers", name, "a name must consist of letters, digits and !#$%&'*+-.^_`|~");
    }
    if (ownHeaders.test(name)) {
      throw invalidArgument("headers", name, "this header is set by the transport");
    }
    if (typeof value !== "string" || !headerValue.test(value)) {
      throw new StatusError(
        Code.INVALID_ARGUMENT,
        `headers: the value of ${name} must be a string of visible Latin-1 characters, spaces and tabs`,
        { details: [{ type: "badRequest", field: `headers.${name}` }] },
      );
    }
  }
  return { ...headers };
}
