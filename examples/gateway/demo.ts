/**
 * A gateway in front of a server that asks nobody who they are: `npm run example:gateway`. Three processes: the Acme
 * assistant, the gateway, and a customer, first one without the token and then one with it.
 */
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { readOptions } from "../support/command-line.js";
import { type Program, runProcesses, typescript } from "../support/processes.js";

readOptions("example:gateway", "Has customers talk to an assistant through a gateway that wants a token.", {});
const processes = runProcesses();
const script = ["What do your rocket skates cost?", "Thanks, bye!"];
const token = randomUUID();

const server: Program = { name: "server", command: typescript(file("../remote-assistant/server.ts"), "--port", "0") };
const gateway = (url: string): Program => ({
  name: "gateway",
  command: typescript(file("gateway.ts"), "--port", "0", "--back", url),
  environment: { GATEWAY_TOKEN: token },
});
const customer = (name: string, url: string, secret: string): Program => ({
  name,
  command: typescript(file("../remote-assistant/client.ts"), "--url", url),
  environment: { GATEWAY_TOKEN: secret },
  input: script,
});

const well = await processes.serve(server, (behind) =>
  processes.serve(gateway(behind), async (url) => {
    const wasLetIn = await processes.run(customer("stranger", url, "a-guess"));
    return !wasLetIn && (await processes.run(customer("customer", url, token)));
  }),
);
process.exitCode = well || processes.interrupted ? 0 : 1;

function file(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
