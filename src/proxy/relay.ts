import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { streamCancel } from "../agent/tasks/stream-cancel.js";
import { taskFailure } from "../agent/tasks/task-failure.js";
import { TypedEvents } from "../base/events.js";
import { type Logger, safeLogger } from "../base/logger.js";
import { Code, formatStatus, type Status, status, toStatusError } from "../base/status.js";
import type { Peeked } from "../codec/codec.js";
import type { Incoming, LinkConsumer } from "../link/link.js";
import { isSystemType } from "../message/custom-schema.js";
import { announcement, maxAnnouncementBytes, readAnnouncement } from "./announcement.js";
import { functionCallFailure } from "./function-call-failure.js";
import { newsOf } from "./news.js";
import { type DenyRule, describeMessage } from "./policy.js";
import { type RelayDirection, type RelayOptions, type Way, waysAcross } from "./relay-ways.js";
import type { Session } from "./session.js";

/** A message that the policy of a relay denied, without its content. */
export interface RelayDenial extends Peeked {
  readonly direction: RelayDirection;
  readonly rule: DenyRule;
}

/** The events of a relay. */
export type RelayEvents = {
  /** A message has crossed. `bytes` is its encoded size. */
  crossed: [message: Peeked, direction: RelayDirection, bytes: number];
  /** The policy denied a message, which was dropped. */
  denied: [denial: RelayDenial];
  /** A message that nobody here can know was dropped. */
  invalid: [reason: string, direction: RelayDirection, bytes: number];
  /** An allowed message could not be sent, or not be handed over before its link closed. */
  undelivered: [message: BusMessage, direction: RelayDirection, status: Status];
};

/** How many messages met which fate. */
export interface RelayStats {
  readonly crossedToBack: number;
  readonly crossedToFront: number;
  readonly denied: number;
  readonly invalid: number;
  readonly undelivered: number;
}

/**
 * Forwards messages between a client, at the front, and a server, at the back, each in a session of its own: a gateway
 * that decides who may come in, and what crosses, in front of a server that can't.
 *
 * What crosses is decided as proxies decide it, for the two agents that the options name: from no more than a peek, so
 * that messages are handed on byte by byte as they came, hop counts included. In the JSON dialects they are decoded
 * too, and dropped where that fails, since Python imports each class that a message names at any depth. Announcements
 * alone are made anew, so that they tell of the one agent and of no runner that another peer has.
 *
 * A side that reads too slowly slows down the other. When a side ends, the other is closed with its status. The relay
 * is then over: a client that comes back is a new session, with a back and a relay of its own.
 *
 * Throws FAILED_PRECONDITION when the two sessions speak different dialects, and INVALID_ARGUMENT for a bad option. The
 * sessions are then left as they are. Throws FAILED_PRECONDITION, too, when one of them is in use already: the other may
 * be of no use either then, and is to be closed.
 */
export function relay(front: Session, back: Session, options: RelayOptions): Relay {
  return new Relay(front, back, options);
}

/** What `relay()` gives: its events, its counts and its end. */
export class Relay extends TypedEvents<RelayEvents> {
  /**
   * Resolves, once both sessions are closed, with the status of the one that ended first. Never rejects. OK means that
   * it was closed on purpose.
   */
  readonly closed: Promise<Status>;
  readonly #logger: Logger;
  readonly #ways: Readonly<Record<RelayDirection, Way>>;
  readonly #stats = { toBack: 0, toFront: 0, denied: 0, invalid: 0, undelivered: 0 };
  /** Whether something is worth a line in the log, and at which level. */
  readonly #levelOf: ReturnType<typeof newsOf>;
  #isOver = false;

  constructor(front: Session, back: Session, options: RelayOptions) {
    super();
    this.#logger = safeLogger(options.logger);
    this.#ways = waysAcross(front, back, options);
    this.#levelOf = newsOf(front.link);
    try {
      front.link.receive(this.#consumer(this.#ways.toBack, this.#ways.toFront));
      back.link.receive(this.#consumer(this.#ways.toFront, this.#ways.toBack));
    } catch (error) {
      // Somebody else has one of the links: nothing may cross to it.
      this.#isOver = true;
      throw error;
    }
    this.closed = this.#untilOver(front, back);
  }

  /** How many messages met which fate. */
  get stats(): RelayStats {
    const { toBack, toFront, ...others } = this.#stats;
    return { crossedToBack: toBack, crossedToFront: toFront, ...others };
  }

  /** Takes what arrives on a link at the start of one way, which is at the end of another. */
  #consumer(way: Way, ending: Way): LinkConsumer {
    return {
      pythonTypes: way.policy.pythonTypes,
      offer: way.policy.takes,
      isSystemType: (typeName) => {
        const schema = way.policy.customTypes.get(typeName);
        return schema === undefined ? undefined : isSystemType(schema);
      },
      message: (incoming) => this.#arrived(way, incoming),
      invalid: (reason, bytes) => {
        this.#stats.invalid++;
        this.emit("invalid", reason, way.direction, bytes);
      },
      undelivered: (message, why) => {
        this.#undelivered(ending, message, why);
        // Where it was lost with its link, who waits for it learns of the end of its session.
        if (lostAlone.has(why.code)) {
          this.#taskLost(ending, message, why);
        }
      },
    };
  }

  #arrived(way: Way, incoming: Incoming): void {
    // Whatever a transport does, nothing crosses once a side has ended.
    if (this.#isOver) {
      return;
    }
    const { from, to, policy } = way;
    const { peeked } = incoming;
    const verdict = policy.inbound(peeked);
    if (verdict === "announcement") {
      this.#announced(way, incoming);
      return;
    }
    if (verdict !== "allow") {
      this.#denied(way, verdict, incoming);
      return;
    }
    if (!from.peekSuffices && incoming.decode() === undefined) {
      return;
    }
    try {
      to.forward(incoming);
    } catch (error) {
      this.#refused(way, incoming, toStatusError(error));
      return;
    }
    this.#crossed(way, peeked, incoming.bytes);
    const drained = to.drained();
    if (drained !== undefined) {
      from.pause();
      void drained.then(() => from.resume());
    }
  }

  /** Announces what is announced of the one agent that the other side may know of. */
  #announced(way: Way, incoming: Incoming): void {
    if (incoming.bytes > maxAnnouncementBytes) {
      this.#denied(way, "announcement", incoming);
      return;
    }
    const message = incoming.decode();
    if (message === undefined) {
      return;
    }
    const announced = readAnnouncement(message, way.route.localAgentName);
    if (announced === undefined) {
      this.#denied(way, "announcement", incoming);
      return;
    }
    const own = announcement(way.route, announced);
    try {
      this.#send(way, own);
    } catch (error) {
      this.#undelivered(way, own, toStatusError(error));
    }
  }

  /** Sends a message of the relay's own. */
  #send(way: Way, message: BusMessage): void {
    this.#crossed(way, describeMessage(message), way.to.send(message));
  }

  #crossed(way: Way, message: Peeked, bytes: number): void {
    this.#stats[way.direction]++;
    this.emit("crossed", message, way.direction, bytes);
  }

  #denied(way: Way, rule: DenyRule, incoming: Incoming): void {
    const { direction } = way;
    const { peeked } = incoming;
    this.#stats.denied++;
    const level = this.#levelOf(`${direction} ${rule}`);
    if (level !== undefined) {
      this.#logger[level]("the policy of a relay denied a message; more like it are no warnings", {
        direction,
        rule,
        ...peeked,
      });
    }
    this.emit("denied", { direction, rule, ...peeked });
    // As a proxy does, which knows that the agents are the right ones.
    if (rule === "case" && peeked.case === "taskRequest" && this.#opposite(way).endsTasks) {
      const why = `the policy of a relay denies it (rule ${rule}): see forwardMessages`;
      this.#taskLost(way, incoming.decode(), status(Code.PERMISSION_DENIED, why));
    }
  }

  /** Tells of a message that the link at the end of its way didn't take. */
  #refused(way: Way, incoming: Incoming, why: Status): void {
    const message = incoming.decode();
    if (message !== undefined) {
      this.#undelivered(way, message, why);
      this.#taskLost(way, message, why);
    }
  }

  #undelivered(way: Way, message: BusMessage, why: Status): void {
    this.#stats.undelivered++;
    const level = this.#levelOf(`${way.direction} undelivered ${why.code}`);
    if (level !== undefined) {
      this.#logger[level]("a message was not delivered by a relay; more like it are no warnings", {
        direction: way.direction,
        case: message.body.case,
        status: formatStatus(why),
      });
    }
    this.emit("undelivered", message, way.direction, why);
  }

  /**
   * Tells the requester of a task, on whichever side it is, that a message about it was lost here, and the worker of a
   * stream that nobody waits for any more. Whoever keeps a conversation is told of a function whose result was lost.
   */
  #taskLost(way: Way, message: BusMessage | undefined, why: Status): void {
    if (message === undefined) {
      return;
    }
    for (const news of [
      taskFailure(message, why),
      streamCancel(message, why),
      functionCallFailure(message, why, message.target),
    ]) {
      if (news !== undefined) {
        this.#tellOfLoss(news.target === message.target ? way : this.#opposite(way), news);
      }
    }
  }

  #tellOfLoss(way: Way, news: BusMessage): void {
    if (way.policy.inbound(describeMessage(news)) === "allow") {
      try {
        this.#send(way, news);
      } catch (error) {
        this.#logger.debug("an end of a task could not be told that a relay lost a message", { error });
      }
    }
  }

  #opposite(way: Way): Way {
    return way.direction === "toBack" ? this.#ways.toFront : this.#ways.toBack;
  }

  /** Closes each side when the other has ended. */
  async #untilOver(front: Session, back: Session): Promise<Status> {
    const first = await Promise.race([front.closed.then(() => front), back.closed.then(() => back)]);
    this.#isOver = true;
    const why = await first.closed;
    await (first === front ? back.close(passedOn(why, "the client")) : front.close(passedOn(why, "the server")));
    return why;
  }

  protected override reportHandlerError(event: string, error: unknown): void {
    this.#logger.error("a handler of a relay's event failed", { event, error });
  }
}

/** With which codes a link gives up a message and goes on: it was no longer worth sending, or could not get through. */
const lostAlone: ReadonlySet<Code> = new Set([Code.DEADLINE_EXCEEDED, Code.RESOURCE_EXHAUSTED]);

/** What one side is told of the end of the other. Where that is can be no business of its. */
function passedOn(why: Status, who: string): Status {
  return why.code === Code.OK
    ? why
    : why.code === Code.UNAVAILABLE
      ? status(Code.UNAVAILABLE, `${who} at the other end of a relay is gone`)
      : status(why.code, `${who} at the other end of a relay: ${why.message}`);
}
