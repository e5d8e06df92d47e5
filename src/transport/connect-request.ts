import { ask, type Given } from "../base/given.js";
import { checkHeaders, checkProtocols, checkUrl } from "./check-options.js";

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

/**
 * Checks what is given as a value, so that what can't work is told at once. Gives the whole, or undefined where a part of it
 * has to be asked for. Throws INVALID_ARGUMENT.
 */
export function checkRequest({ url, headers = {}, protocols = [] }: GivenRequest): ConnectRequest | undefined {
  const checkedUrl = typeof url === "function" ? undefined : checkUrl(url);
  const checkedHeaders = typeof headers === "function" ? undefined : checkHeaders(headers);
  const checkedProtocols = typeof protocols === "function" ? undefined : checkProtocols(protocols);
  return checkedUrl === undefined || checkedHeaders === undefined || checkedProtocols === undefined
    ? undefined
    : { url: checkedUrl, headers: checkedHeaders, protocols: checkedProtocols };
}

/** Asks for the parts that are functions. Rejects with what one of them throws, and with INVALID_ARGUMENT. */
export async function askForRequest({ url, headers = {}, protocols = [] }: GivenRequest): Promise<ConnectRequest> {
  const [askedUrl, askedHeaders, askedProtocols] = await Promise.all([ask(url), ask(headers), ask(protocols)]);
  return {
    url: checkUrl(askedUrl),
    headers: checkHeaders(askedHeaders),
    protocols: checkProtocols(askedProtocols),
  };
}
