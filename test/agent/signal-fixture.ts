import { AgentRunner } from "../../src/agent/agent-runner.js";
import { BaseAgent } from "../../src/agent/base-agent.js";

// A process of its own for the tests of signals: argument 2 is the options of the runner, argument 3 "hang" when its
// agent is not to end by itself.

class Agent extends BaseAgent {
  protected override onFinished(): Promise<void> | void {
    console.log("finishing");
    return process.argv[3] === "hang" ? new Promise(() => {}) : undefined;
  }
}

const runner = new AgentRunner({ ...JSON.parse(process.argv[2] ?? "{}"), cancelTimeoutMs: 60_000 });
await runner.addAgent(new Agent("agent"));
runner.on("ready", () => console.log("ready"));
// Nothing else keeps the process alive.
await runner.run();
console.log(`ran, ${process.listenerCount("SIGINT")} and ${process.listenerCount("SIGTERM")} listeners left`);
