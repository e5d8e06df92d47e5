import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { Logger } from "../base/logger.js";
import { busMessage } from "../message/build.js";
import type { HostedAgent } from "./hosted-agent.js";

/** What the children's parent does for them. */
export interface Parent {
  send(message: BusMessage): void;
  readonly logger: Logger;
}

/** The agents that an agent has added and that have not ended. */
export class Children {
  readonly #agents = new Map<string, HostedAgent>();

  get all(): readonly HostedAgent[] {
    return [...this.#agents.values()];
  }

  has(name: string): boolean {
    return this.#agents.has(name);
  }

  add(agent: HostedAgent): void {
    this.#agents.set(agent.name, agent);
    void agent.finished.then(() => {
      // The name may be another child's by now.
      if (this.#agents.get(agent.name) === agent) {
        this.#agents.delete(agent.name);
      }
    });
  }

  /** Has every child end once it has handled what is queued for it, and waits for them all. */
  async end(parent: Parent, reason: string | undefined): Promise<void> {
    // Again and again, since more may be added meanwhile.
    while (this.#agents.size > 0) {
      for (const child of this.all) {
        tell(parent, child, "endAgent", reason);
      }
      await Promise.all(this.all.map((child) => child.finished));
    }
  }

  /** Has every child end at once, and waits for none. */
  cancel(parent: Parent, reason: string | undefined): void {
    for (const child of this.all) {
      tell(parent, child, "cancelAgent", reason);
    }
  }
}

function tell(parent: Parent, child: HostedAgent, kind: "endAgent" | "cancelAgent", reason: string | undefined): void {
  try {
    parent.send(busMessage(kind, { reason }, { target: child.name }));
  } catch (error) {
    parent.logger.warn("an agent that can't be told to end is ended", { agent: child.name, error });
    void child.finish();
  }
}
