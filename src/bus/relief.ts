import type { AgentBus, AnyBusMessage } from "./agent-bus.js";

/**
 * For those who send much: resolves once the queue of whoever answers for `address` has room, or `signal` aborts.
 * Undefined where it has room now. With `message` it is the room for messages such as that one.
 *
 * Others may have waited for the same: to be sure of the room, ask again.
 */
export function relief(
  bus: AgentBus,
  address: string,
  signal: AbortSignal,
  message?: AnyBusMessage,
): Promise<void> | undefined {
  if (!bus.isCongested(address, message) || signal.aborted) {
    return undefined;
  }
  return new Promise((resolve) => {
    const done = () => {
      off();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const off = bus.on("relieved", () => {
      if (!bus.isCongested(address, message)) {
        done();
      }
    });
    signal.addEventListener("abort", done);
  });
}
