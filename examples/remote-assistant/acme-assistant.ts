import { BaseAgent, Direction, type Frame, type FrameContext, frame, type JsValue, toJs } from "crossbus";
import type { ChatMessage, Responder } from "./responder.js";

/**
 * The assistant of the Acme shop: a segment of somebody's pipeline that answers conversations, and passes on
 * whatever else comes along. The owner of the media keeps the conversation: the messages that it is activated with
 * are added there, and come back in a context for it to answer.
 */
export class AcmeAssistant extends BaseAgent {
  readonly #responder: Responder;

  constructor(name: string, responder: Responder) {
    super(name, { active: false, bridges: [] });
    this.#responder = responder;
  }

  protected override onActivated(args: JsValue | undefined): void {
    const { messages, run_llm: runLlm } = isRecord(args) ? args : {};
    if (Array.isArray(messages) && messages.length > 0) {
      this.pushFrame(frame("llmMessagesAppend", { messages, runLlm: runLlm !== false }), Direction.DOWNSTREAM);
    }
  }

  protected override onFrame(received: Frame, direction: Direction, { signal }: FrameContext): void | Promise<void> {
    if (received.kind.case !== "llmContext") {
      this.pushFrame(received, direction);
      return;
    }
    const messages = received.kind.value.context?.messages.map((message) => toJs(message)) ?? [];
    return this.#reply(readMessages(messages), signal);
  }

  async #reply(messages: readonly ChatMessage[], signal: AbortSignal): Promise<void> {
    this.pushFrame(frame("llmFullResponseStart"), Direction.DOWNSTREAM);
    try {
      for await (const text of this.#responder.respond(messages, signal)) {
        this.pushFrame(frame("llmText", { text }), Direction.DOWNSTREAM);
      }
    } catch (error) {
      // Interrupted: whatever was said stays said.
      if (!signal.aborted) {
        this.reportError(error);
        this.pushFrame(frame("llmText", { text: "Sorry, I can't answer right now." }), Direction.DOWNSTREAM);
      }
    }
    if (this.ready) {
      this.pushFrame(frame("llmFullResponseEnd"), Direction.DOWNSTREAM);
    }
  }
}

/** Reads messages as Pipecat and the OpenAI API write them. Those without text are left out. */
function readMessages(messages: JsValue | undefined): readonly ChatMessage[] {
  if (!Array.isArray(messages)) {
    return [];
  }
  return messages.flatMap((message: JsValue): readonly ChatMessage[] => {
    if (!isRecord(message) || typeof message["content"] !== "string") {
      return [];
    }
    const { role, content } = message;
    return [{ role: role === "assistant" || role === "system" ? role : "user", content }];
  });
}

function isRecord(value: JsValue | undefined): value is { readonly [key: string]: JsValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
