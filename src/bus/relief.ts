import type { AgentBus } from "./agent-bus.js";

/**
 * For those who send much: resolves once the queue of whoever answers for `address` has room, or `signal` aborts.
 * Undefined where it has room now.
 */
export function relief(bus: AgentBus, address: string, signal: AbortSignal): Promise<void> | undefined {
  if (!bus.isCongested(address) || signal.aborted) {
    return undefined;
  }
  return new Promise((resolve) => {
    const done = () => {
      off();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const off = bus.on("relieved", () => {
      if (!bus.isCongested(address)) {
        done();
      }
    });
    signal.addEventListener("abort", done);
  });
}
