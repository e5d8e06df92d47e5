/**
 * A moderator has several agents argue about one question at the same time, and sums up: `npm run example:debate`. It
 * is one task for a group of workers; what they have to say comes as they think of it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { AgentRunner, BaseAgent, formatStatus, TaskStatus } from "crossbus";
import { main, readOptions } from "../support/command-line.js";

interface Side {
  readonly points: readonly string[];
  readonly verdict: string;
  /** How long it thinks about each point, in milliseconds. */
  readonly pace: number;
}

const sides: Readonly<Record<string, Side>> = {
  advocate: {
    points: ["They beat the bus.", "Customers ask for them every day."],
    verdict: "yes",
    pace: 60,
  },
  critic: {
    points: ["Nobody has come back to review them.", "The cliffs around here are high."],
    verdict: "no",
    pace: 100,
  },
  accountant: {
    points: ["A pair earns 40 dollars.", "A refund costs 149."],
    verdict: "only without refunds",
    pace: 40,
  },
};

/** Argues for one side, one point after the other. */
class Debater extends BaseAgent {
  constructor(name: string, { points, verdict, pace }: Side) {
    super(name);
    this.handleTask("argue", async ({ update, signal }) => {
      for (const point of points) {
        await sleep(pace, undefined, { signal });
        update({ point });
      }
      return { verdict };
    });
  }
}

class Moderator extends BaseAgent {
  protected override onReady(): void {
    this.#debate("Should Acme sell rocket skates to coyotes?").then(
      () => this.end(),
      (error: unknown) => {
        // Interrupted: the agent has ended with all the others.
        if (this.ready) {
          this.reportError(error);
          this.end();
        }
      },
    );
  }

  async #debate(question: string): Promise<void> {
    console.log(`moderator: ${question}`);
    const names = Object.keys(sides);
    await using debate = this.requestTaskGroup(names, { name: "argue", payload: { question }, timeoutMs: 10_000 });
    for await (const event of debate) {
      if (event.type === "update") {
        console.log(`${event.agentName}: ${(event.data as { point: string }).point}`);
      }
    }
    console.log("moderator: Thank you. The verdicts:");
    for (const { agentName, status, response, error } of (await debate).values()) {
      const verdict = (response as { verdict: string } | undefined)?.verdict;
      console.log(`  ${agentName}: ${status === TaskStatus.COMPLETED ? verdict : error && formatStatus(error)}`);
    }
  }
}

await main(async () => {
  readOptions("example:debate", "Several agents argue about one question at the same time.", {});
  const runner = new AgentRunner();
  await runner.addAgent(new Moderator("moderator"));
  for (const [name, side] of Object.entries(sides)) {
    await runner.addAgent(new Debater(name, side));
  }
  await runner.run();
  return 0;
});
