import { ask, type Given } from "../base/given.js";
import { checkProtocols } from "./check-options.js";

/** What is said when connecting, as the application gives it. */
export interface GivenRequest {
  readonly url: Given<string | URL>;
  readonly headers?: Given<Readonly<Record<string, string>>>;
  readonly protocols?: Given<readonly string[]>;
}

/** What is said when connecting, checked. */
export interface ConnectRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocols: readonly string[];
}

/** Checks what depends on the sort of WebSocket. */
export interface RequestChecks {
  /** Checks where to connect to. Throws INVALID_ARGUMENT. */
  checkUrl(url: string | URL): URL;
  /** Checks the headers to set, and copies them. Throws INVALID_ARGUMENT, also where such WebSockets set none. */
  checkHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
}

/**
 * Checks what is given as a value, so that what can't work is told at once. Gives the whole, or undefined where a part of it
 * has to be asked for. Throws INVALID_ARGUMENT.
 */
export function checkRequest(
  checks: RequestChecks,
  { url, headers = {}, protocols = [] }: GivenRequest,
): ConnectRequest | undefined {
  const checkedUrl = typeof url === "function" ? undefined : checks.checkUrl(url);
  const checkedHeaders = typeof headers === "function" ? undefined : checks.checkHeaders(headers);
  const checkedProtocols = typeof protocols === "function" ? undefined : checkProtocols(protocols);
  return checkedUrl === undefined || checkedHeaders === undefined || checkedProtocols === undefined
    ? undefined
    : { url: checkedUrl, headers: checkedHeaders, protocols: checkedProtocols };
}

/** Asks for the parts that are functions. Rejects with what one of them throws, and with INVALID_ARGUMENT. */
export async function askForRequest(
  checks: RequestChecks,
  { url, headers = {}, protocols = [] }: GivenRequest,
): Promise<ConnectRequest> {
  const [askedUrl, askedHeaders, askedProtocols] = await Promise.all([ask(url), ask(headers), ask(protocols)]);
  return {
    url: checks.checkUrl(askedUrl),
    headers: checks.checkHeaders(askedHeaders),
    protocols: checkProtocols(askedProtocols),
  };
}
