import { after, afterEach } from "mocha";
import { AgentRunner, type AgentRunnerOptions } from "../../src/agent/agent-runner.js";
import type { HostedAgent } from "../../src/agent/hosted-agent.js";
import { asyncDispose } from "../../src/base/dispose.js";
import type { Logger } from "../../src/base/logger.js";

/** Makes runners for the tests of a suite, and ends what they leave. */
export interface Runners {
  /** A runner that doesn't run yet. */
  make(options?: AgentRunnerOptions): AgentRunner;
  /** A runner that runs, with these agents, which are ready. */
  start(...agents: readonly HostedAgent[]): Promise<AgentRunner>;
}

/** Provides a suite with runners that log to `logger`. */
export function useRunners(logger: Logger): Runners {
  let made: AgentRunner[] = [];
  const dispose = async () => {
    const all = made;
    made = [];
    await Promise.all(all.map((runner) => runner[asyncDispose]()));
  };
  afterEach(dispose);
  // Another hook that fails keeps the one above from running.
  after(dispose);
  const make = (options: AgentRunnerOptions = {}) => {
    const runner = new AgentRunner({ handleSigint: false, logger, ...options });
    made.push(runner);
    return runner;
  };
  return {
    make,
    async start(...agents) {
      const runner = make();
      for (const agent of agents) {
        await runner.addAgent(agent);
      }
      const ready = new Promise<void>((resolve) => {
        runner.once("ready", resolve);
      });
      void runner.run();
      await ready;
      return runner;
    },
  };
}
