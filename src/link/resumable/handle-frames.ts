import { type ControlFrame, type Goaway, Lane } from "../../../gen/crossbus/v1/link_pb.js";
import { Code, type Status, StatusError } from "../../base/status.js";
import type { Offer } from "../link.js";
import type { Channel, FrameHandler } from "./channel.js";
import { unreadable } from "./frame.js";
import type { Heartbeat } from "./heartbeat.js";
import type { Incoming } from "./incoming.js";
import type { Outgoing } from "./outgoing.js";
import { pongs } from "./pongs.js";
import type { LinkCounters } from "./stats.js";
import { toNumber } from "./terms.js";

/** The frames that are about a credential. */
export type Renewal = Extract<ControlFrame["kind"], { readonly case: "renew" | "renewed" }>;

/** The parts of a link that frames are for, and what it is told. */
export interface FrameHandlingOptions {
  readonly heartbeat: Heartbeat;
  readonly outgoing: Outgoing;
  readonly incoming: Incoming;
  readonly counters: LinkCounters;
  /** The time, which is the same for all that comes at once. */
  now(): number;
  /** Whether an end has said goodbye, after which no data is taken. */
  isLeaving(): boolean;
  /** The peer has proved that it got the last Welcome. */
  confirmed(): void;
  offered(offer: Offer): void;
  goaway(goaway: Goaway): void;
  renewal(kind: Renewal): void;
  broken(why: StatusError): void;
  closed(why: Status): void;
}

/** Makes what handles the frames that come over a channel, once hands were shaken, as long as it is the link's. */
export function handleFrames(channel: Channel, options: FrameHandlingOptions): FrameHandler {
  const { heartbeat, outgoing, incoming, counters } = options;
  let isConfirmed = false;
  const answer = pongs(channel);
  return {
    control(kind) {
      heartbeat.heard(options.now());
      if (kind.case === "ping") {
        answer(kind.value.token);
      } else {
        handleControl(kind, options);
      }
    },
    ack(ack) {
      heartbeat.heard(options.now());
      if (!isConfirmed) {
        isConfirmed = true;
        options.confirmed();
      }
      if (!outgoing.acknowledge(ack)) {
        throw unreadable("an ack counts what was never sent, or takes something back");
      }
    },
    data(frame) {
      heartbeat.heard(options.now());
      if (!options.isLeaving() && !incoming.receive(frame)) {
        counters.duplicates++;
      }
    },
    broken: options.broken,
    closed: options.closed,
  };
}

function handleControl(kind: ControlFrame["kind"], options: FrameHandlingOptions): void {
  const { outgoing, incoming, counters } = options;
  switch (kind.case) {
    case "pong": {
      const ms = outgoing.answered(kind.value.token);
      if (ms !== undefined) {
        counters.measured(ms);
      }
      break;
    }
    case "goaway":
      options.goaway(kind.value);
      break;
    case "offer":
      options.offered(kind.value);
      break;
    case "skip": {
      if (options.isLeaving()) {
        break;
      }
      const { lane, firstSequence, lastSequence, throughBytes } = kind.value;
      if (lane !== Lane.SYSTEM && lane !== Lane.DATA) {
        throw unreadable(`there is no lane ${lane}`);
      }
      const [first, last] = [toNumber(firstSequence), toNumber(lastSequence)];
      counters.expiredIn += incoming.skip(lane === Lane.SYSTEM, first, last, toNumber(throughBytes));
      break;
    }
    case "renew":
    case "renewed":
      options.renewal(kind);
      break;
    case "hello":
    case "welcome":
      throw new StatusError(Code.FAILED_PRECONDITION, `the peer sent a second ${kind.case}`);
    case undefined:
      // A kind that a newer peer may know.
      break;
  }
}
