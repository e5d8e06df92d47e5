/**
 * A process of Crossbus's own, which a test can kill: one end of a bridge, as a line of JSON on standard input says. It
 * tells on standard output, a JSON a line, where it listens and that the agents know each other.
 */
import { createInterface } from "node:readline";
import { AgentRunner, BaseAgent, type DialectOptions } from "../../../src/index.js";
import { WebSocketProxyClientAgent } from "../../../src/websocket.js";
import { listen, WebSocketProxyServerAgent } from "../../../src/websocket-server.js";

interface Options {
  readonly url?: string;
  readonly dialect: DialectOptions;
}

function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

class Agent extends BaseAgent {
  protected override onReady(): void {
    this.watchAgent("py");
    this.activateAgent("proxy");
  }

  protected override onAgentReady(): void {
    tell({ connected: true });
  }
}

const [line] = await new Promise<readonly string[]>((resolve) => {
  createInterface({ input: process.stdin }).once("line", (...lines: string[]) => resolve(lines));
});
const { url, dialect } = JSON.parse(line ?? "{}") as Options;
if (url === undefined) {
  const server = await listen({ port: 0, ...dialect }, async (session) => {
    const runner = new AgentRunner({ handleSigint: false });
    await runner.addAgent(new WebSocketProxyServerAgent("proxy", { session, agentName: "ts", remoteAgentName: "py" }));
    await runner.addAgent(new Agent("ts"));
    await runner.run();
  });
  tell({ address: server.address });
} else {
  const runner = new AgentRunner();
  await runner.addAgent(new Agent("ts"));
  await runner.addAgent(
    new WebSocketProxyClientAgent("proxy", { url, localAgentName: "ts", remoteAgentName: "py", ...dialect }),
  );
  await runner.run();
}
