import type { LanguageModelV3, LanguageModelV3CallOptions, LanguageModelV3StreamPart } from "@ai-sdk/provider";

/** What a model does next: says something, or calls a tool. */
export type Reply = string | { readonly call: string; readonly input: object };

/**
 * Makes a language model, as the AI SDK has them, that needs no key: `reply` makes its answers, of what the user has
 * said so far, the last of it first.
 */
export function cannedModel(reply: (said: readonly string[]) => Reply): LanguageModelV3 {
  return {
    specificationVersion: "v3",
    provider: "acme",
    modelId: "canned",
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("this model streams only")),
    async doStream({ prompt, abortSignal }) {
      const parts = stream(reply(saidIn(prompt)), abortSignal);
      return {
        stream: new ReadableStream({
          async pull(controller) {
            const { done, value } = await parts.next();
            if (done === true) {
              controller.close();
            } else {
              controller.enqueue(value);
            }
          },
        }),
      };
    },
  };
}

function saidIn(prompt: LanguageModelV3CallOptions["prompt"]): readonly string[] {
  const said = prompt.flatMap(({ role, content }) =>
    role === "user" ? [content.map((part) => (part.type === "text" ? part.text : "")).join(" ")] : [],
  );
  return said.reverse();
}

let calls = 0;

async function* stream(reply: Reply, signal: AbortSignal | undefined): AsyncGenerator<LanguageModelV3StreamPart> {
  yield { type: "stream-start", warnings: [] };
  if (typeof reply === "string") {
    yield { type: "text-start", id: "reply" };
    for (const delta of reply.split(/(?<= )/)) {
      signal?.throwIfAborted();
      yield { type: "text-delta", id: "reply", delta };
      // As a language model would, so that the words can be seen to stream.
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    yield { type: "text-end", id: "reply" };
  } else {
    const toolCallId = `call_${++calls}`;
    yield { type: "tool-call", toolCallId, toolName: reply.call, input: JSON.stringify(reply.input) };
  }
  yield {
    type: "finish",
    usage: {
      inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: undefined, text: undefined, reasoning: undefined },
    },
    finishReason: { unified: "stop", raw: undefined },
  };
}
