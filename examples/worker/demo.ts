/**
 * A task for an agent in another process: `npm run example:worker`. Two processes, bridged over a WebSocket; the worker
 * tells how far it is, and Ctrl-C cancels the task.
 */
import { fileURLToPath } from "node:url";
import { readOptions } from "../support/command-line.js";
import { runProcesses, typescript } from "../support/processes.js";

const { limit = "5000000" } = readOptions("example:worker", "Has an agent in another process count primes.", {
  limit: { value: "N", help: "below which number to count (default 5000000)" },
});
const terminal = process.stdout.isTTY === true;
const processes = runProcesses();
const well = await processes.converse(
  { name: "worker", command: typescript(file("worker.ts"), "--port", "0") },
  (url) => {
    const command = typescript(file("boss.ts"), "--url", url, "--limit", limit);
    return terminal ? { command } : { command, name: "boss" };
  },
);
process.exitCode = well || processes.interrupted ? 0 : 1;

function file(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
