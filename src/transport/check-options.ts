import { longestMs as max } from "../base/check-milliseconds.js";
import { invalidArgument } from "../base/status.js";

/** Checks an option that counts bytes or milliseconds: a positive integer below 2^31. */
export function checkPositive(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw invalidArgument(name, value, `must be an integer from 1 to ${max}`);
  }
  return value;
}

/** What RFC 9110, section 5.6.2, calls a token. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Checks that headers are an object, and gives their names. Of a Headers or a Map nothing would be sent. */
export function headerNames(headers: Readonly<Record<string, string>>): readonly string[] {
  const prototype: unknown =
    typeof headers === "object" && headers !== null ? Object.getPrototypeOf(headers) : undefined;
  if (prototype !== Object.prototype && prototype !== null) {
    throw invalidArgument("headers", headers, "must be a plain object of names and values");
  }
  return Object.keys(headers);
}

/** Checks the subprotocols to offer, and copies them. */
export function checkProtocols(protocols: readonly string[]): readonly string[] {
  if (!Array.isArray(protocols)) {
    // The letters of a string would be taken for names.
    throw invalidArgument("protocols", typeof protocols, "must be an array of names");
  }
  for (const protocol of protocols) {
    if (typeof protocol !== "string" || !token.test(protocol)) {
      throw invalidArgument("protocols", showProtocol(protocol), "must be of letters, digits and !#$%&'*+-.^_`|~");
    }
  }
  if (new Set(protocols).size < protocols.length) {
    throw invalidArgument("protocols", showProtocols(protocols), "must name each protocol once");
  }
  return [...protocols];
}

/** Subprotocols as messages show them: what stands behind `bearer.` is a secret. */
export function showProtocols(protocols: readonly string[]): string {
  return protocols.map(showProtocol).join(", ");
}

function showProtocol<T>(protocol: T): T | string {
  return typeof protocol === "string" ? protocol.replace(/^(bearer\.).*/is, "$1…") : protocol;
}

/** Checks where to connect to. */
export function checkUrl(value: string | URL): URL {
  const text = String(value);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalidArgument("url", showUrlText(text), "must be like ws://host:port/path");
  }
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw invalidArgument("url", showUrlText(text), "must start with ws:// or wss://");
  }
  if (text.includes("#")) {
    throw invalidArgument("url", showUrlText(text), "must not have a fragment");
  }
  if (url.username !== "" || url.password !== "") {
    throw invalidArgument("url", showUrlText(text), "must not hold credentials; send them in headers");
  }
  return url;
}

/**
 * The text of a URL that can't be used, as messages show it: "…" stands for what may be credentials, and for query
 * and fragment. It need not parse, so in doubt less is shown.
 */
function showUrlText(text: string): string {
  const [, scheme = "", credentials = "", place = "", rest = ""] =
    /^(\s*(?:[a-z][a-z0-9+.-]*:\/\/)?)([^?#]*@)?([^?#]*)(.*)$/is.exec(text) ?? [];
  // A password with ? or # in it looks like this too.
  return rest.includes("@") ? `${scheme}…` : `${scheme}${credentials && "…@"}${place}${rest && `${rest[0]}…`}`;
}

/** A URL as messages show it: without credentials and query, which may hold secrets. */
export function showUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
