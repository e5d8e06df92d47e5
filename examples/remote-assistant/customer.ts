import { type AgentInfo, BaseAgent, type BusMessage, busMessage, Direction, type Frame, frame } from "crossbus";

/** What a customer's agent tells. */
type CustomerEvents = {
  /** A piece of a reply. */
  replyText: [text: string];
  /** A reply is complete. */
  reply: [text: string];
};

/**
 * The customer's side of the conversation, which owns the media: here, text. It keeps the conversation, and sends
 * it across the bridge at each turn.
 */
export class Customer extends BaseAgent<CustomerEvents> {
  readonly #bridge = this.createBridge({ targetAgent: "assistant" });
  readonly #messages: { readonly role: "user" | "assistant"; readonly content: string }[] = [];
  #reply = "";

  protected override onReady(): void {
    this.watchAgent("assistant");
    this.activateAgent("proxy");
  }

  /** The assistant is there, for the first time or again: it greets. */
  protected override onAgentReady(agent: AgentInfo): void {
    if (agent.name === "assistant") {
      const messages = [{ role: "user", content: "Greet the customer." }];
      this.activateAgent("assistant", { args: { messages, run_llm: true } });
    }
  }

  /** Takes a turn in the conversation. */
  say(content: string): void {
    this.#messages.push({ role: "user", content });
    const context = frame("llmContext", { context: { messages: this.#messages } });
    this.#bridge.send(context, Direction.DOWNSTREAM);
  }

  /** Tries something that the policy has no entry for. */
  tryForbidden(): BusMessage {
    const request = busMessage("taskRequest", { taskId: "1", taskName: "refund everything" }, { target: "assistant" });
    this.send(request);
    return request;
  }

  protected override onBridgeFrame({ kind }: Frame): void {
    switch (kind.case) {
      case "llmFullResponseStart":
        this.#reply = "";
        break;
      case "llmText":
        this.#reply += kind.value.text;
        this.emit("replyText", kind.value.text);
        break;
      case "llmFullResponseEnd":
        this.#messages.push({ role: "assistant", content: this.#reply });
        this.emit("reply", this.#reply);
        break;
    }
  }
}
