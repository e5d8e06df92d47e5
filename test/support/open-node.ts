import { getEventListeners } from "node:events";

/** The sockets and servers that keep this process alive. (Timers are counted by the clocks that tests hold.) */
export function openSockets(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Pipe/.test(name));
}

/** The sockets, servers and timers that do. */
export function openResources(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name));
}

/** How many listen for a signal to abort. */
export function abortListeners(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}

/** Lets the event loop turn once, and what came over the network in. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
