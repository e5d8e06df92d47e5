/** Has an agent in another process count primes, and shows how far it is: `npm run example:worker` starts it. */
import { AgentRunner, BaseAgent, Code, formatStatus, StatusError, TASKS } from "crossbus";
import { WebSocketProxyClientAgent } from "crossbus/websocket";
import { main, readOptions } from "../support/command-line.js";
import { showProgress } from "./show-progress.js";

/** Has the primes below a limit counted. Resolves with the exit code. */
async function count(boss: BaseAgent, limit: number, signal: AbortSignal): Promise<number> {
  const progress = showProgress("counting primes");
  try {
    await using task = boss.requestTask("counter", { name: "countPrimes", payload: { limit }, signal });
    for await (const event of task) {
      if (event.type === "update") {
        const { done, limit: all } = event.data as { readonly done: number; readonly limit: number };
        progress.show(done / all);
      }
    }
    const { primes } = (await task) as { readonly primes: number };
    progress.end();
    console.log(`There are ${primes} primes below ${limit}.`);
    return 0;
  } catch (error) {
    progress.end();
    if (!(error instanceof StatusError)) {
      throw error;
    }
    console.log(error.code === Code.CANCELLED ? "Cancelled." : `Failed: ${formatStatus(error)}`);
    return error.code === Code.CANCELLED ? 0 : 1;
  }
}

await main(async () => {
  const options = readOptions("example:worker", "Has an agent in another process count primes.", {
    url: { value: "URL", help: "where the worker listens (default ws://127.0.0.1:8765/ws)" },
    limit: { value: "N", help: "below which number to count (default 5000000)" },
  });
  const limit = Number(options.limit ?? "5000000");

  // Ctrl-C cancels the task: the worker is told, and the session ends when that is done.
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => interrupt.abort());
  }
  const runner = new AgentRunner({ handleSigint: false });
  const boss = new BaseAgent("boss");
  await runner.addAgent(boss);
  await runner.addAgent(
    new WebSocketProxyClientAgent("proxy", {
      url: options.url ?? "ws://127.0.0.1:8765/ws",
      localAgentName: "boss",
      remoteAgentName: "counter",
      forwardMessages: TASKS,
    }),
  );
  let exitCode = 1;
  boss.on("ready", async () => {
    boss.activateAgent("proxy");
    exitCode = await count(boss, limit, interrupt.signal);
    boss.end();
  });
  await runner.run();
  return exitCode;
});
