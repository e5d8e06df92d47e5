import { type AgentInfo, BaseAgent, type BusMessage, busMessage, type Direction, type Frame } from "crossbus";
import { Conversation } from "crossbus/conversation";

/** What a customer's agent tells. */
type CustomerEvents = {
  /** A piece of a reply. */
  replyText: [text: string];
  /** A reply is complete. */
  reply: [text: string];
};

/**
 * The customer's side, which owns the media: here, text. It keeps the conversation, for any assistant that works as
 * Pipecat's do.
 */
export class Customer extends BaseAgent<CustomerEvents> {
  readonly #conversation = new Conversation(this.createBridge({ targetAgent: "assistant" }));

  constructor(name: string) {
    super(name);
    this.#conversation.on("reply", (text, interrupted) => {
      if (!interrupted) {
        this.emit("reply", text);
      }
    });
  }

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

  protected override onAgentGone(agent: AgentInfo): void {
    if (agent.name === "assistant") {
      this.#conversation.abandon();
    }
  }

  /** Takes a turn in the conversation. */
  say(content: string): void {
    this.#conversation.addUser(content);
  }

  /** Tries something that the policy has no entry for. */
  tryForbidden(): BusMessage {
    const request = busMessage("taskRequest", { taskId: "1", taskName: "refund everything" }, { target: "assistant" });
    this.send(request);
    return request;
  }

  protected override onBridgeFrame(received: Frame, direction: Direction): void {
    this.#conversation.receive(received, direction);
    if (received.kind.case === "llmText") {
      this.emit("replyText", received.kind.value.text);
    }
  }
}
