import type { Deferred } from "../base/deferred.js";
import type { StatusError } from "../base/status.js";
import { LocalMessage } from "../message/local-message.js";
import type { HostedAgent } from "./hosted-agent.js";

/** What a runner is told of an agent to add. */
export interface AgentAddition {
  readonly agent: HostedAgent;
  /** Is called once the agent is on the bus, before it is started. What it throws keeps the agent from being added. */
  readonly adopt: () => void;
  /** Is settled with the outcome. */
  readonly done: Deferred<void>;
}

/** Asks the runner, which is its target, to add an agent as a child of the message's source. */
export class AddAgentMessage extends LocalMessage<"addAgent", AgentAddition> {
  constructor(
    agent: HostedAgent,
    adopt: () => void,
    done: Deferred<void>,
    envelope: { source: string; target: string },
  ) {
    super("addAgent", { agent, adopt, done }, envelope);
  }
}

/** Tells a parent, which is its target, of an error in one of its children. */
export class AgentLocalErrorMessage extends LocalMessage<"agentLocalError", { readonly error: StatusError }> {
  constructor(error: StatusError, envelope: { source: string; target: string }) {
    super("agentLocalError", { error }, envelope);
  }
}
