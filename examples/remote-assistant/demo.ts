/**
 * The demo: a server process with the Acme assistant and a client process with a customer, bridged over a
 * WebSocket. On a terminal you are the customer; otherwise a short conversation plays by itself.
 */
import { fileURLToPath } from "node:url";
import { type Program, runProcesses, typescript } from "../support/processes.js";

const script = ["What do your rocket skates cost?", "Can I return an anvil?", "Thanks, bye!"];
const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true;
const processes = runProcesses();

console.log("This demo starts two processes: a server with the assistant of the Acme shop, and a customer.");
console.log(
  "Each has a bus of its own. Proxy agents bridge them, and let frames between the two across, nothing else.\n",
);

const server: Program = { name: "server", command: typescript(file("server.ts"), "--port", "0") };
const well = await processes.converse(server, (url) => {
  const command = typescript(file("client.ts"), "--url", url, "--trace", "--forbidden");
  if (interactive) {
    console.log("You are the customer. Ctrl-D or Ctrl-C ends the conversation.\n");
    return { command };
  }
  return { command, name: "client", input: script };
});
process.exitCode = well || processes.interrupted ? 0 : 1;

function file(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
