import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { randomName } from "../base/random-name.js";
import { busMessage } from "../message/build.js";
import { toJs } from "../message/value.js";

/** What announces more than a runner full of agents isn't worth reading: anybody may send announcements. */
export const maxAnnouncementBytes = 65_536;

/** What is announced of an agent. */
export interface Announced {
  readonly active?: boolean | undefined;
  readonly bridged?: boolean | undefined;
  /** When the agent became ready, in seconds since the epoch. */
  readonly startedAt?: number | undefined;
}

/** Between whom an announcement is made: who makes it, on which side it is, and for whom it is. */
export interface AnnouncementRoute {
  readonly side: "client" | "server";
  readonly localAgentName: string;
  readonly remoteAgentName: string;
}

/** What a message announces of the agent with this name. Undefined when it doesn't announce it. */
export function readAnnouncement({ source, body }: BusMessage, agentName: string): Announced | undefined {
  const entry =
    body.case === "agentReady" && source === agentName
      ? body.value
      : body.case === "agentRegistry"
        ? body.value.agents.find((agent) => agent.name === agentName)
        : undefined;
  if (entry === undefined) {
    return undefined;
  }
  const { active, bridged } = entry;
  const startedAt = toJs(entry.startedAt);
  return { active, bridged, startedAt: typeof startedAt === "number" ? startedAt : undefined };
}

/** Announces the local agent to the peer, and nothing else. */
export function announcement(route: AnnouncementRoute, { active, bridged, startedAt }: Announced): BusMessage {
  const { side, localAgentName: name, remoteAgentName } = route;
  // A Python server drops what isn't for its agent; a Python client wants announcements for all.
  const target = side === "client" ? remoteAgentName : undefined;
  return busMessage(
    "agentRegistry",
    { runner: randomName("runner"), agents: [{ name, active, bridged, startedAt }] },
    { source: name, target },
  );
}
