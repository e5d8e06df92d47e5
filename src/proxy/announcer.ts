import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { AgentRegistry } from "../agent/registry.js";
import { randomName } from "../base/random-name.js";
import type { Link } from "../link/link.js";
import { type Announced, type AnnouncementRoute, announcement, readAnnouncement } from "./announcement.js";

/**
 * Tells the peer of the local agent once that is ready, and the registry of the remote agent once the peer has told.
 * Every link is a runner of its own in both registries: runner names are made afresh for each, and those that the
 * peer names count for nothing.
 */
export class Announcer {
  readonly #options: AnnouncementRoute;
  #remote: { readonly registry: AgentRegistry; readonly runner: string } | undefined;

  constructor(options: AnnouncementRoute) {
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
            link.send(announcement(this.#options, agent));
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
    const announced = readAnnouncement(message, this.#options.remoteAgentName);
    if (announced !== undefined) {
      this.#register(announced);
    }
    return announced !== undefined;
  }

  #register(announced: Announced): void {
    const name = this.#options.remoteAgentName;
    this.#remote?.registry.register({ ...announced, name, runner: this.#remote.runner });
  }
}
