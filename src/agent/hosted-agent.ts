import type { AgentContext } from "./agent-context.js";

/** What a runner needs of an agent. */
export interface HostedAgent {
  readonly name: string;
  /** Whether the agent has started and has not ended. */
  readonly ready: boolean;
  /** Resolves once the agent has ended. */
  readonly finished: Promise<void>;

  /**
   * Puts the agent on the bus of a runner, not yet started.
   *
   * Throws ALREADY_EXISTS when its name is taken, and FAILED_PRECONDITION when it was added before.
   */
  attach(context: AgentContext, parent: string | undefined): void;

  /** Starts the agent. Resolves once it is ready and, if it starts active, was activated. */
  start(): Promise<void>;

  /** Takes the agent off the bus at once. Resolves once it has released what it holds. */
  finish(): Promise<void>;
}
