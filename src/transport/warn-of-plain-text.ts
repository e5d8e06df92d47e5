import { consoleLogger } from "../base/logger.js";

/** The hosts of this machine alone: what is sent to them leaves it on no wire. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The hosts that were warned of. */
const warned = new Set<string>();

/** Warns, once for each host, of a URL where everybody on the way can read and change what is sent. */
export function warnOfPlainText({ protocol, hostname }: URL): void {
  if (protocol === "ws:" && !loopback.test(hostname) && !warned.has(hostname)) {
    warned.add(hostname);
    consoleLogger.warn("what is sent over ws:// can be read and changed on the way; use wss://", { host: hostname });
  }
}
