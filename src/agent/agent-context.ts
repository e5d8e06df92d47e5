import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import type { StatusError } from "../base/status.js";
import type { AgentBus } from "../bus/agent-bus.js";
import type { AgentRegistry } from "./registry.js";
import type { Tracing } from "./tracing.js";

/** What a runner gives to an agent that is added to it. */
export interface AgentContext {
  readonly runnerName: string;
  readonly bus: AgentBus;
  readonly registry: AgentRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent unless somebody asked for it, and then nothing is done about it. */
  readonly tracing?: Tracing | undefined;
  /** Is told of an error in an agent that has no parent. */
  rootFailed(agentName: string, error: StatusError): void;
}
