/** Something that a page may load, as its author would write it. */
export interface Feature {
  readonly name: string;
  /** What a page has that loads it and nothing else. */
  readonly code: string;
  /** Whether it is measured beside the minimal client, by what it adds to that. */
  readonly beside: boolean;
}

const client = `
  export { Agent, AgentRunner, Direction, frame } from "crossbus";
  export { WebSocketProxyClientAgent } from "crossbus/websocket";
`;

/** The least that talks to a server: a bus, an agent, the proxy, the resumable link, and Protocol Buffers. */
export const minimalClient: Feature = { name: "**minimal client over WebSocket**", code: client, beside: false };

const beside = (name: string, code: string): Feature => ({ name, code: `${client}${code}`, beside: true });

/** The rows of the table. */
export const features: readonly Feature[] = [
  { name: "a bus in the page", code: 'export { InProcessBus, busMessage, frame } from "crossbus";', beside: false },
  { name: "agents on it", code: 'export { Agent, AgentRunner, Direction, frame } from "crossbus";', beside: false },
  minimalClient,
  beside("tasks: `BaseAgent`", 'export { BaseAgent } from "crossbus";'),
  beside("tasks with schemas: `defineTask`", 'export { BaseAgent, defineTask } from "crossbus";'),
  beside("messages of your own: `customMessage`", 'export { customMessage, readCustom } from "crossbus";'),
  beside("lists for Pipecat: `PIPECAT_FRAMES`", 'export { PIPECAT_FRAMES, pythonType } from "crossbus";'),
  beside("server in the page: `serve`", 'export { ProxyServerAgent, serve } from "crossbus";'),
  beside("gateway: `connect`, `relay`", 'export { connect, relay } from "crossbus";'),
  beside("memory transport", 'export { MemoryTransport } from "crossbus/memory";'),
  beside("conversation with a model", 'export { Conversation } from "crossbus/conversation";'),
  beside("agent with a model, without `ai`", 'export { LLMAgent } from "crossbus/llm";'),
  beside("spans, without OpenTelemetry", 'export { tracing } from "crossbus/opentelemetry";'),
];
