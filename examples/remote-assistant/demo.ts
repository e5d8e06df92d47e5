/**
 * The demo: a server process with the Acme assistant and a client process with a customer, bridged over a
 * WebSocket. On a terminal you are the customer; otherwise a short conversation plays by itself.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = ["What do your rocket skates cost?", "Can I return an anvil?", "Thanks, bye!"];
const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true;
const children: ChildProcess[] = [];
let interrupted = false;

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    interrupted = true;
    for (const child of children) {
      child.kill("SIGTERM");
    }
  });
}

console.log("This demo starts two processes: a server with the assistant of the Acme shop, and a customer.");
console.log(
  "Each has a bus of its own. Proxy agents bridge them, and let frames between the two across, nothing else.\n",
);

const server = start("server.ts", ["--port", "0"], ["ignore", "pipe", "pipe"]);
prefix(server, "server | ");
const address = await listening(server);
if (address !== undefined) {
  const client = start(
    "client.ts",
    ["--url", address, "--trace", "--forbidden"],
    [interactive ? "inherit" : "pipe", interactive ? "inherit" : "pipe", interactive ? "inherit" : "pipe"],
  );
  if (interactive) {
    console.log("You are the customer. Ctrl-D or Ctrl-C ends the conversation.\n");
  } else {
    prefix(client, "client | ");
    client.stdin?.end(`${script.join("\n")}\n`);
  }
  const code = await exitCode(client);
  process.exitCode = interrupted ? 0 : code;
}
server.kill("SIGTERM");
if ((await exitCode(server)) !== 0 && !interrupted) {
  process.exitCode = 1;
}

function start(file: string, args: readonly string[], stdio: ("ignore" | "inherit" | "pipe")[]): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ["--import=tsx", path, ...args], { stdio });
  children.push(child);
  return child;
}

/** Shows what a process prints, each line behind the name of the process. */
function prefix(child: ChildProcess, text: string): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) {
      createInterface({ input: stream }).on("line", (line) => console.log(text + line));
    }
  }
}

/** Resolves with the address that the server listens at, or undefined when it exits before. */
async function listening(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) {
    return undefined;
  }
  const found = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      const match = /^listening on (\S+)$/.exec(line);
      if (match?.[1] !== undefined) {
        resolve(match[1]);
      }
    });
  });
  return Promise.race([found, exitCode(child).then(() => undefined)]);
}

async function exitCode(child: ChildProcess): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) {
    await once(child, "exit");
  }
  return child.exitCode ?? 1;
}
