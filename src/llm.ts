export { LLMAgent, type LLMAgentOptions, type ModelSettings, type QueuedFrame } from "./llm/llm-agent.js";
export type { ToolOptions } from "./llm/toolbox.js";
