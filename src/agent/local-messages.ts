import type { Deferred } from "../base/deferred.js";
import type { StatusError } from "../base/status.js";
import { LocalMessage } from "../message/local-message.js";
import type { HostedAgent } from "./hosted-agent.js";

/** Asks the runner, which is its target, to add an agent. `done` is settled with the outcome. */
export class AddAgentMessage extends LocalMessage<
  "addAgent",
  { readonly agent: HostedAgent; readonly done: Deferred<void> }
> {
  constructor(agent: HostedAgent, done: Deferred<void>, envelope: { source: string; target: string }) {
    super("addAgent", { agent, done }, envelope);
  }
}

/** Tells a parent, which is its target, of an error in one of its children. */
export class AgentLocalErrorMessage extends LocalMessage<"agentLocalError", { readonly error: StatusError }> {
  constructor(error: StatusError, envelope: { source: string; target: string }) {
    super("agentLocalError", { error }, envelope);
  }
}
