import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV3 } from "@ai-sdk/provider";
import { offlineModel } from "./offline-model.js";

/** Chooses what answers the customers: a language model where the environment names one, else a few canned answers. */
export function chooseModel(environment: NodeJS.ProcessEnv): {
  readonly model: LanguageModelV3;
  /** What it is, for people. */
  readonly description: string;
} {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL, OPENAI_MODEL } = environment;
  if (apiKey === undefined || apiKey === "") {
    const description = "a small offline responder with canned answers (set OPENAI_API_KEY for a language model)";
    return { model: offlineModel, description };
  }
  const baseURL = OPENAI_BASE_URL ?? "https://api.openai.com/v1";
  const name = OPENAI_MODEL ?? "gpt-4o-mini";
  const provider = createOpenAICompatible({ name: "openai", apiKey, baseURL });
  return { model: provider(name), description: `the language model ${name} at ${baseURL}` };
}
