/** Serves an agent that counts primes for others: `npm run example:worker` starts it. */
import { setImmediate as turn } from "node:timers/promises";
import { AgentRunner, BaseAgent, Code, StatusError, TASKS } from "crossbus";
import { listen, WebSocketProxyServerAgent } from "crossbus/websocket/server";
import { main, readOptions, readPort } from "../support/command-line.js";

/** How many numbers are looked at between two updates. */
const step = 100_000;

class Counter extends BaseAgent {
  constructor(name: string) {
    super(name);
    this.handleTask("countPrimes", async ({ payload, update, signal, requester }) => {
      const limit = readLimit(payload);
      console.log(`${requester} wants the primes below ${limit}`);
      signal.addEventListener("abort", () => console.log(`stopped: ${(signal.reason as Error).message}`));
      let primes = 0;
      for (let from = 0; from < limit; from += step) {
        const to = Math.min(from + step, limit);
        primes += countPrimes(from, to);
        update({ done: to, limit });
        // Lets others have their turn, and a cancellation come in.
        await turn();
        signal.throwIfAborted();
      }
      return { primes };
    });
  }
}

/** What isn't declared isn't checked: the payload is whatever the requester has sent. */
function readLimit(payload: unknown): number {
  const limit = (payload as { limit?: unknown } | undefined)?.limit;
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1 || limit > 1e9) {
    throw new StatusError(Code.INVALID_ARGUMENT, `payload.limit: must be from 1 to 1000000000, got ${String(limit)}`);
  }
  return limit;
}

function countPrimes(from: number, to: number): number {
  const composite = new Uint8Array(to - from);
  for (let factor = 2; factor * factor < to; factor++) {
    for (let n = Math.max(factor * factor, Math.ceil(from / factor) * factor); n < to; n += factor) {
      composite[n - from] = 1;
    }
  }
  let count = 0;
  for (let n = Math.max(from, 2); n < to; n++) {
    count += 1 - (composite[n - from] as number);
  }
  return count;
}

await main(async () => {
  const { port } = readOptions("example:worker", "Serves an agent that counts primes.", {
    port: { value: "N", help: "the port to listen at, 0 for any that is free (default 8765)" },
  });
  await using server = await listen({ port: readPort(port ?? "8765"), path: "/ws" }, async (session) => {
    const runner = new AgentRunner({ handleSigint: false });
    const proxy = new WebSocketProxyServerAgent("gateway", {
      session,
      agentName: "counter",
      remoteAgentName: "boss",
      forwardMessages: TASKS,
    });
    proxy.on("clientDisconnected", () => runner.cancel());
    await runner.addAgent(proxy);
    await runner.addAgent(new Counter("counter"));
    await runner.run();
  });
  console.log(`listening on ${server.address}`);
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, resolve);
    }
  });
  return 0;
});
