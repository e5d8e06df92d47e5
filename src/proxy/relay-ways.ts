import type { Logger } from "../base/logger.js";
import { Code, invalidArgument, StatusError } from "../base/status.js";
import type { Link } from "../link/link.js";
import type { ForwardEntry } from "../message/forward.js";
import type { AnnouncementRoute } from "./announcement.js";
import { Policy } from "./policy.js";
import { Session } from "./session.js";

/** What a relay is told. */
export interface RelayOptions {
  /** The agent behind the back, on the server's side. */
  readonly agentName: string;
  /** The agent behind the front, on the client's side. */
  readonly remoteAgentName: string;
  /** What may cross, either way. Everything else is denied. Default: nothing but what `forwardActivation` says. */
  readonly forwardMessages?: readonly ForwardEntry[];
  /** Whether the client's agent may activate and deactivate the server's. Default: true. */
  readonly forwardActivation?: boolean;
  /** Where log lines go. Default: the console, from warnings up. */
  readonly logger?: Logger;
}

/** Which way a message crosses a relay: to the server behind it, or to the client in front of it. */
export type RelayDirection = "toBack" | "toFront";

/** One of the two ways across. */
export interface Way {
  readonly direction: RelayDirection;
  readonly from: Link;
  readonly to: Link;
  /** That of whoever is at the end of this way, for what comes in there. */
  readonly policy: Policy;
  /** How an agent is announced on this way. */
  readonly route: AnnouncementRoute;
  /** Whether the end of a task that was lost here may be told on this way. */
  readonly endsTasks: boolean;
}

/** Checks what a relay is told. Throws INVALID_ARGUMENT and FAILED_PRECONDITION. */
export function waysAcross(
  front: Session,
  back: Session,
  options: RelayOptions,
): Readonly<Record<RelayDirection, Way>> {
  for (const [name, session] of Object.entries({ front, back })) {
    if (!(session instanceof Session)) {
      throw invalidArgument(name, session, "must be a session, of a listener's handler or of connect()");
    }
  }
  const { agentName, remoteAgentName, forwardMessages, forwardActivation } = options;
  const common = { forwardMessages, forwardActivation };
  const atBack = { side: "server", localAgentName: agentName, remoteAgentName, ...common } as const;
  const atFront = {
    side: "client",
    localAgentName: remoteAgentName,
    remoteAgentName: agentName,
    ...common,
  } as const;
  // The one at the back first: its options have the names that the relay's have.
  const toBack = new Policy(atBack);
  const toFront = new Policy(atFront);
  const [client, server] = [front.link, back.link];
  if (client.dialect !== server.dialect) {
    throw new StatusError(
      Code.FAILED_PRECONDITION,
      `the front of the relay speaks ${client.dialect} and its back ${server.dialect}: set the same dialect for both`,
    );
  }
  return {
    toBack: way("toBack", client, server, toBack, atFront),
    toFront: way("toFront", server, client, toFront, atBack),
  };
}

function way(direction: RelayDirection, from: Link, to: Link, policy: Policy, route: AnnouncementRoute): Way {
  const { localAgentName: source, remoteAgentName: target } = route;
  const end = { source, target, case: "taskResponseUrgent", kind: undefined, typeName: undefined } as const;
  return { direction, from, to, policy, route, endsTasks: policy.inbound(end) === "allow" };
}
