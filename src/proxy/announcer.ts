import type { AgentRegistryEntry, BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { AgentInfo, AgentRegistry } from "../agent/registry.js";
import { randomName } from "../base/random-name.js";
import type { Link } from "../link/link.js";
import { busMessage } from "../message/build.js";
import { toJs } from "../message/value.js";

/** Between whom announcements are made. */
export interface AnnouncerOptions {
  readonly side: "client" | "server";
  readonly localAgentName: string;
  readonly remoteAgentName: string;
}

/**
 * Tells the peer of the local agent once that is ready, and the registry of the remote agent once the peer has told.
 * Every link is a runner of its own in both registries: runner names are made afresh for each, and those that the
 * peer names count for nothing.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  #remote: { readonly registry: AgentRegistry; readonly runner: string } | undefined;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /**
   * Announces over a link from now on. Returns a function that ends it, and takes the remote agent off the registry.
   * `failed` is told when the announcement can't be sent.
   */
  start(link: Link, registry: AgentRegistry, failed: (error: unknown) => void): () => void {
    const { localAgentName, remoteAgentName } = this.#options;
    const remote = { registry, runner: randomName("runner") };
    this.#remote = remote;
    if (!link.announces) {
      this.#register({});
    }
    const unwatch = registry.watch(localAgentName, {
      ready: (agent) => {
        if (agent.runner === registry.runnerName) {
          try {
            link.send(this.#announcement(agent));
          } catch (error) {
            failed(error);
          }
        }
      },
    });
    return () => {
      unwatch();
      this.#remote = undefined;
      registry.unregister(remoteAgentName, remote.runner);
    };
  }

  /** Takes an announcement of the peer's. Returns false when it doesn't announce the remote agent. */
  receive(message: BusMessage): boolean {
    const { remoteAgentName } = this.#options;
    const body = message.body;
    if (body.case === "agentReady" && message.source === remoteAgentName) {
      this.#register(body.value);
      return true;
    }
    const entry =
      body.case === "agentRegistry" ? body.value.agents.find((agent) => agent.name === remoteAgentName) : undefined;
    if (entry !== undefined) {
      this.#register(entry);
    }
    return entry !== undefined;
  }

  #register(known: Partial<Pick<AgentRegistryEntry, "active" | "bridged" | "startedAt">>): void {
    const { active, bridged } = known;
    const name = this.#options.remoteAgentName;
    const at = toJs(known.startedAt);
    const startedAt = typeof at === "number" ? at : undefined;
    this.#remote?.registry.register({ name, runner: this.#remote.runner, active, bridged, startedAt });
  }

  #announcement({ name, active, bridged, startedAt }: AgentInfo): BusMessage {
    // A Python server drops what isn't for its agent; a Python client wants announcements for all.
    const target = this.#options.side === "client" ? { target: this.#options.remoteAgentName } : {};
    return busMessage(
      "agentRegistry",
      { runner: randomName("runner"), agents: [{ name, active, bridged, startedAt }] },
      { source: name, ...target },
    );
  }
}
