/**
 * Two agents with language models hand a customer to each other: `npm run example:handoff`. The customer's agent owns
 * the media, here text, and keeps the conversation; whichever desk is active answers it.
 */
import { tool } from "ai";
import { AgentRunner, BaseAgent, type Direction, type Frame } from "crossbus";
import { Conversation } from "crossbus/conversation";
import { LLMAgent, type LLMAgentOptions } from "crossbus/llm";
import { z } from "zod";
import { main, readOptions } from "../support/command-line.js";
import { reception, sales } from "./models.js";

const script = ["Hello!", "What do your anvils cost?", "And the rocket skates?", "Can I return one?"];

/** A desk of the Acme shop. Its model may put the customer through to another one. */
class Desk extends LLMAgent {
  constructor(name: string, model: LLMAgentOptions["model"]) {
    super(name, { model, instructions: `You are the ${name} desk of the Acme shop.` });
    this.registerTool(
      "transfer",
      tool({
        description: "Puts the customer through to another desk.",
        inputSchema: z.object({ to: z.enum(["reception", "sales"]) }),
        execute: ({ to }) => {
          // It waits for this call to end. The other desk is to speak first; without a result this one is silent.
          const content = `You took over from the ${this.name} desk. Answer what the customer asked last.`;
          this.handoffTo(to, { args: { messages: [{ role: "developer", content }] } });
        },
      }),
    );
  }
}

/** The customer, who says the lines of the script, each when the last one was answered. */
class Customer extends BaseAgent {
  // The bridge has no target: it is for whichever desk is active.
  readonly #conversation = new Conversation(this.createBridge());
  readonly #lines = [...script];
  #desk = "";

  constructor(desks: readonly Desk[]) {
    super("customer");
    for (const desk of desks) {
      desk.on("activated", () => this.#served(desk.name));
    }
    this.#conversation.on("reply", (text) => {
      console.log(`${this.#desk}: ${text}`);
      this.#next();
    });
  }

  protected override onReady(): void {
    this.activateAgent("reception");
  }

  protected override onBridgeFrame(received: Frame, direction: Direction): void {
    this.#conversation.receive(received, direction);
  }

  #served(desk: string): void {
    const first = this.#desk === "";
    this.#desk = desk;
    if (first) {
      this.#next();
    } else {
      console.log(`(${desk} takes over)`);
    }
  }

  #next(): void {
    const line = this.#lines.shift();
    if (line === undefined) {
      this.end();
    } else {
      console.log(`you: ${line}`);
      this.#conversation.addUser(line);
    }
  }
}

await main(async () => {
  readOptions("example:handoff", "Two agents with language models hand a customer to each other.", {});
  const runner = new AgentRunner();
  const desks = [new Desk("reception", reception), new Desk("sales", sales)];
  for (const agent of [...desks, new Customer(desks)]) {
    await runner.addAgent(agent);
  }
  await runner.run();
  return 0;
});
