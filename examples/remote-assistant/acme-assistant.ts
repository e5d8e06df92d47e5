import { Direction, frame } from "crossbus";
import { LLMAgent, type LLMAgentOptions } from "crossbus/llm";

const instructions =
  "You are the assistant of Acme, a shop for improbable hardware (rockets, anvils, portable holes). " +
  "Greet customers, help them with products, orders and returns, and answer in one or two short sentences.";

/** The assistant of the Acme shop. When its model fails it says so, since customers would wait for an answer. */
export class AcmeAssistant extends LLMAgent {
  constructor(name: string, model: LLMAgentOptions["model"]) {
    super(name, { model, instructions });
  }

  protected override onError(): void {
    this.pushFrame(frame("llmText", { text: "Sorry, I can't answer right now." }), Direction.DOWNSTREAM);
  }
}
