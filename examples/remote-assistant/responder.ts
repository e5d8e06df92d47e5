import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { type ModelMessage, streamText } from "ai";

/** One entry of a conversation. */
export interface ChatMessage {
  readonly role: "user" | "assistant" | "system";
  readonly content: string;
}

/** Answers customers of the Acme shop. */
export interface Responder {
  /** What answers, for people. */
  readonly description: string;
  /** Streams the answer to a conversation, until `signal` aborts. */
  respond(messages: readonly ChatMessage[], signal: AbortSignal): AsyncIterable<string>;
}

/** A language model where the environment names one, else a few canned answers. */
export function chooseResponder(environment: NodeJS.ProcessEnv): Responder {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL } = environment;
  return OPENAI_API_KEY === undefined || OPENAI_API_KEY === ""
    ? offlineResponder
    : languageModelResponder(
        OPENAI_API_KEY,
        OPENAI_BASE_URL ?? "https://api.openai.com/v1",
        OPENAI_MODEL ?? "gpt-4o-mini",
      );
}

const instructions =
  "You are the assistant of Acme, a shop for improbable hardware (rockets, anvils, portable holes). " +
  "Greet customers, help them with products, orders and returns, and answer in one or two short sentences.";

function languageModelResponder(apiKey: string, baseURL: string, model: string): Responder {
  const provider = createOpenAICompatible({ name: "openai", apiKey, baseURL });
  return {
    description: `the language model ${model} at ${baseURL}`,
    async *respond(messages, signal) {
      const result = streamText({
        model: provider(model),
        system: instructions,
        messages: messages.map(({ role, content }): ModelMessage => ({ role, content })),
        abortSignal: signal,
        // Errors come out of the stream below; by default they would be printed here as well.
        onError: () => {},
      });
      for await (const part of result.fullStream) {
        if (part.type === "text-delta") {
          yield part.text;
        } else if (part.type === "error") {
          throw part.error;
        }
      }
    },
  };
}

const answers: readonly (readonly [about: RegExp, answer: string])[] = [
  [/hello|\bhi\b|greet/i, "Welcome to Acme! I'm the shop's assistant. What can I do for you?"],
  // Before the products: a question about returning one of them is about returns.
  [/return|refund/i, "You can return anything within 30 days, as long as it hasn't gone off."],
  [/rocket/i, "Our rocket skates are 149 dollars a pair, fuel not included. Please don't use them near cliffs."],
  [/anvil/i, "Anvils come in 10, 50 and 500 kilograms, from 39 dollars. The largest one ships by freight."],
  [/hole/i, "The portable hole is 89 dollars. Once applied to a wall it can't be returned."],
  [/order|deliver|ship/i, "Orders leave our warehouse the same day and take two to three days in the desert."],
  [/hour|open/i, "The shop is open from nine to five, every day but Friday the 13th."],
  [/thank|bye/i, "You're welcome. Mind the anvils on your way out!"],
];

const offlineResponder: Responder = {
  description: "a small offline responder with canned answers (set OPENAI_API_KEY for a language model)",
  async *respond(messages, signal) {
    const question = messages.at(-1)?.content ?? "";
    const answer = answers.find(([about]) => about.test(question))?.[1];
    const text = answer ?? "I only know about rockets, anvils, portable holes, orders, returns and our opening hours.";
    for (const word of text.split(/(?<= )/)) {
      signal.throwIfAborted();
      yield word;
      // As a language model would, so that the words can be seen to stream.
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  },
};
