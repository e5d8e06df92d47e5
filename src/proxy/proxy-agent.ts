import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { Agent } from "../agent/agent.js";
import { streamCancel } from "../agent/tasks/stream-cancel.js";
import { taskFailure } from "../agent/tasks/task-failure.js";
import type { Tracing } from "../agent/tracing.js";
import type { EventMap } from "../base/events.js";
import { Code, formatStatus, invalidArgument, type Status, show, status, toStatusError } from "../base/status.js";
import type { AgentBus, AnyBusMessage } from "../bus/agent-bus.js";
import type { Incoming, Link, LinkConsumer, Offer } from "../link/link.js";
import { busMessage } from "../message/build.js";
import { isSystemType, setCustomSchema } from "../message/custom-schema.js";
import { LocalMessage } from "../message/local-message.js";
import { deliveredBy, markClosed, markDelivered } from "../message/provenance.js";
import { isSystem } from "../message/traits.js";
import type { BodyCase, FrameKind } from "../message/types.js";
import { maxAnnouncementBytes } from "./announcement.js";
import { Announcer } from "./announcer.js";
import { functionCallFailure } from "./function-call-failure.js";
import { newsOf } from "./news.js";
import { type Refusals, refusals } from "./offers.js";
import { type DenyRule, describeMessage, Policy, type PolicyOptions } from "./policy.js";

/** Which way a message crosses, seen from the proxy's own bus. */
export type CrossingDirection = "in" | "out";

/** A message that the policy denied, without its content. */
export interface Denial {
  readonly direction: CrossingDirection;
  readonly rule: DenyRule;
  readonly source: string;
  readonly target: string | undefined;
  /** The case of the message; for one with live references what it calls itself. */
  readonly case: BodyCase | string;
  /** The kind of the frame, in case `frame`. */
  readonly kind: FrameKind | undefined;
  /** The name of the application's or Python's type, where there is one. */
  readonly typeName: string | undefined;
}

/** The events that both proxies have. */
export type ProxyEvents = {
  /** A message has crossed: it was sent to the peer, or put on the local bus. `bytes` is its encoded size. */
  crossed: [message: BusMessage, direction: CrossingDirection, bytes: number];
  /** The policy denied a message, which was dropped. */
  denied: [denial: Denial];
  /** A message of the peer's that nobody here can know was dropped. */
  invalid: [reason: string, bytes: number];
  /** An allowed message could not be encoded, sent, or put on the local bus. */
  undelivered: [message: BusMessage, status: Status];
  /**
   * The peer has said that it doesn't take what this proxy may send: these types, or with the second argument everything,
   * because it has no such agent. What it doesn't take is denied from then on, with the rule `peer`.
   */
  refused: [types: readonly string[], remoteAgentName: string | undefined];
  /** The connection is lost. What is sent is kept, and goes on over the next one, if there is one in time. */
  suspended: [status: Status];
  /** There is a connection again, and nothing was lost. */
  resumed: [outageMs: number];
};

/** How many messages met which fate since the proxy was made. */
export interface ProxyStats {
  readonly crossedIn: number;
  readonly crossedOut: number;
  readonly denied: number;
  readonly invalid: number;
  readonly undelivered: number;
}

/**
 * Stands for a remote agent on the local bus. It answers for that agent's name, sends what the policy allows over
 * its link, and puts what the policy allows of what comes back on the bus.
 */
export abstract class ProxyAgent<Events extends EventMap> extends Agent<ProxyEvents & Events> {
  readonly #localAgentName: string;
  readonly #remoteAgentName: string;
  readonly #policy: Policy;
  readonly #side: PolicyOptions["side"];
  #crossedIn = 0;
  #crossedOut = 0;
  #deniedCount = 0;
  #invalidCount = 0;
  #undeliveredCount = 0;
  readonly #announcer: Announcer;
  #link: Link | undefined;
  #refusals: Refusals | undefined;
  /** Whether something is worth a line in the log, and at which level. */
  #levelOf = newsOf();
  #release: () => void = () => {};

  /** A client's proxy is inactive until it is told to connect. */
  constructor(name: string, options: PolicyOptions) {
    const { side, localAgentName, remoteAgentName } = options;
    super(name, { active: side === "server" });
    this.#policy = new Policy(options);
    if (name === localAgentName || name === remoteAgentName) {
      throw invalidArgument("name", name, "must differ from the names of its agents");
    }
    this.#localAgentName = localAgentName;
    this.#remoteAgentName = remoteAgentName;
    this.#side = side;
    this.#announcer = new Announcer({ side, localAgentName, remoteAgentName });
  }

  /** How many messages met which fate since the proxy was made. */
  get stats(): ProxyStats {
    return {
      crossedIn: this.#crossedIn,
      crossedOut: this.#crossedOut,
      denied: this.#deniedCount,
      invalid: this.#invalidCount,
      undelivered: this.#undeliveredCount,
    };
  }

  protected override get addresses(): readonly string[] {
    return [this.#remoteAgentName];
  }

  /** Bridges the bus and a link, until the link closes or `dropLink()` is called. */
  protected useLink(link: Link): void {
    const { bus, registry } = this.context;
    const local = this.#localAgentName;
    this.#link = link;
    this.#refusals = undefined;
    this.#levelOf = newsOf(link);
    const stopAnnouncing = this.#announcer.start(link, registry, (error) => {
      // A link that is closing tells its end itself.
      if (toStatusError(error).code !== Code.UNAVAILABLE) {
        this.reportError(error);
      }
    });
    const stopRelief = bus.on("relieved", (subscriber) => subscriber === local && link.resume());
    const stopListening = bus.on("undelivered", (message, why) => {
      if (!(message instanceof LocalMessage) && deliveredBy(message) === link) {
        this.#taskLost(message, why);
      }
    });
    this.#release = () => {
      this.#release = () => {};
      this.#link = undefined;
      markClosed(link);
      stopListening();
      stopRelief();
      stopAnnouncing();
    };
    const policy = this.#policy;
    // To a server it is nothing out of the ordinary, and a client can do it as often as it likes.
    const ofConnections =
      this.#side === "client" ? ({ lost: "warn", back: "info" } as const) : ({ lost: "debug", back: "debug" } as const);
    const consumer: LinkConsumer = {
      pythonTypes: policy.pythonTypes,
      // Made when a link asks for it: a session of a server would keep it.
      get offer() {
        return policy.takes;
      },
      isSystemType: (typeName) => {
        const schema = policy.customTypes.get(typeName);
        return schema === undefined ? undefined : isSystemType(schema);
      },
      offered: (offer) => this.#offered(offer),
      suspended: (why) => {
        const text = "the connection was lost, and the link waits for another";
        this.context.logger[ofConnections.lost](text, { proxy: this.name, status: formatStatus(why) });
        this.#emitProxyEvent("suspended", why);
      },
      resumed: (outageMs) => {
        this.context.logger[ofConnections.back]("the link goes on over another connection", {
          proxy: this.name,
          outageMs,
        });
        this.#emitProxyEvent("resumed", outageMs);
      },
      message: (incoming) => this.#inbound(link, incoming),
      invalid: (reason, bytes) => {
        this.#invalidCount++;
        this.context.logger.debug("a message was invalid", { proxy: this.name, reason });
        this.#emitProxyEvent("invalid", reason, bytes);
      },
      undelivered: (message, why) => {
        // The proxy's own announcement is no message that anybody sent.
        if (message.body.case !== "agentRegistry") {
          this.#undelivered(message, why);
        }
      },
    };
    try {
      link.receive(consumer);
    } catch (error) {
      // Another proxy has the link: this one must not send over it either.
      this.#release();
      throw error;
    }
    void link.closed.then(() => {
      if (this.#link === link) {
        this.#release();
      }
    });
  }

  /** Stops forwarding at once, and closes the link. Resolves with whether there was one. */
  protected async dropLink(why: Status): Promise<boolean> {
    const link = this.#link;
    this.#release();
    await link?.close(why);
    return link !== undefined;
  }

  protected override onBusMessage(message: AnyBusMessage): void | Promise<void> {
    if (message instanceof LocalMessage) {
      if (message.target === this.#remoteAgentName) {
        this.#denied("out", "local", { ...message, case: message.body.case, kind: undefined, typeName: undefined });
      }
      return;
    }
    const verdict = this.#policy.outbound(message);
    if (verdict === "ignore") {
      return;
    }
    if (verdict !== "allow") {
      this.#denied("out", verdict, describeMessage(message));
      this.#taskLost(message, this.#permissionDenied(verdict));
      return;
    }
    const link = this.#link;
    if (link === undefined) {
      const why = status(Code.UNAVAILABLE, `there is no connection to ${show(this.#remoteAgentName)}`);
      this.#undelivered(message, why);
      return;
    }
    if (deliveredBy(message) === link) {
      this.#denied("out", "provenance", describeMessage(message));
      return;
    }
    if (this.#refusals?.has(describeMessage(message)) === true) {
      this.#denied("out", "peer", describeMessage(message));
      this.#taskLost(message, this.#permissionDenied("peer"));
      return;
    }
    try {
      this.#crossed(message, "out", this.#send(message, link));
    } catch (error) {
      this.#undelivered(message, toStatusError(error));
      return;
    }
    // Data messages wait in the bounded queue while the peer is slow; system messages are few, and don't.
    return isSystem(message) ? undefined : link.drained();
  }

  #send(message: BusMessage, link: Link): number {
    const { tracing } = this.context;
    return tracing === undefined ? link.send(message) : sendTraced(message, link, tracing, this.name);
  }

  #inbound(link: Link, incoming: Incoming): void {
    // Whatever a transport does, nothing comes in over a link that was dropped.
    if (this.#link !== link) {
      return;
    }
    const { peeked } = incoming;
    const verdict = this.#policy.inbound(peeked);
    if (verdict === "announcement" && incoming.bytes > maxAnnouncementBytes) {
      this.#denied("in", "announcement", peeked);
      return;
    }
    if (verdict !== "allow" && verdict !== "announcement") {
      this.#denied("in", verdict, peeked);
      this.#requestDenied(incoming, verdict);
      return;
    }
    const message = incoming.decode();
    if (message === undefined) {
      return;
    }
    if (verdict === "announcement") {
      if (!this.#announcer.receive(message)) {
        this.#denied("in", "announcement", peeked);
      }
      return;
    }
    // What came for all is for the local agent alone.
    message.target ??= this.#localAgentName;
    if (message.body.case === "custom" && peeked.typeName !== undefined) {
      const schema = this.#policy.customTypes.get(peeked.typeName);
      if (schema !== undefined) {
        setCustomSchema(message.body.value, schema);
      }
    }
    markDelivered(message, link);
    const { bus, tracing } = this.context;
    try {
      if (tracing === undefined) {
        bus.send(message, incoming.bytes);
      } else {
        receiveTraced(message, incoming.bytes, bus, tracing, this.name);
      }
    } catch (error) {
      this.#undelivered(message, toStatusError(error));
      return;
    }
    this.#crossed(message, "in", incoming.bytes);
    if (bus.isCongested(this.#localAgentName)) {
      link.pause();
    }
  }

  /** Tells a remote requester that its task isn't let in, if the policy lets that out. */
  #requestDenied(incoming: Incoming, verdict: DenyRule): void {
    if (verdict !== "case" || incoming.peeked.case !== "taskRequest") {
      return;
    }
    const answer = { source: this.#localAgentName, target: this.#remoteAgentName };
    if (this.#policy.outbound(busMessage("taskResponseUrgent", {}, answer)) === "allow") {
      const message = incoming.decode();
      if (message !== undefined) {
        this.#taskLost(message, this.#permissionDenied(verdict));
      }
    }
  }

  /** The peer has said what it takes: better now than with the first message that it denies. */
  #offered(takes: Offer): void {
    const hasAgent = takes.agents.includes(this.#remoteAgentName);
    const nothing = { agents: [], cases: [], frameKinds: [], customTypes: [], pythonTypes: [] };
    const found = refusals(this.#policy.sends, hasAgent ? takes : nothing);
    this.#refusals = found.names.length === 0 ? undefined : found;
    const level = hasAgent && found.names.length === 0 ? undefined : this.#levelOf("refused");
    if (level !== undefined) {
      this.context.logger[level]("the peer doesn't take all that this proxy may send", {
        proxy: this.name,
        missingAgent: hasAgent ? undefined : this.#remoteAgentName,
        types: found.names.slice(0, 20).join(", "),
      });
      this.#emitProxyEvent("refused", found.names, hasAgent ? undefined : this.#remoteAgentName);
    }
  }

  #permissionDenied(rule: DenyRule): Status {
    return status(
      Code.PERMISSION_DENIED,
      `the policy of proxy ${show(this.name)} denies it (rule ${rule}): see forwardMessages`,
    );
  }

  #crossed(message: BusMessage, direction: CrossingDirection, bytes: number): void {
    if (direction === "in") {
      this.#crossedIn++;
    } else {
      this.#crossedOut++;
    }
    this.#emitProxyEvent("crossed", message, direction, bytes);
  }

  #denied(direction: CrossingDirection, rule: DenyRule, message: Omit<Denial, "direction" | "rule">): void {
    this.#deniedCount++;
    const { source, target, case: kase, kind, typeName } = message;
    // What comes in is the peer's doing, so that it gets fewer lines.
    const level = this.#levelOf(direction === "in" ? `in ${rule}` : `out ${rule} ${kase}`);
    if (level !== undefined) {
      this.context.logger[level]("the policy denied a message; more like it are no warnings", {
        proxy: this.name,
        direction,
        rule,
        source,
        target,
        case: kase,
        kind,
        type: typeName,
      });
    }
    this.#emitProxyEvent("denied", { direction, rule, source, target, case: kase, kind, typeName });
  }

  #undelivered(message: BusMessage, why: Status): void {
    this.#undeliveredCount++;
    const level = this.#levelOf(`undelivered ${why.code}`);
    if (level !== undefined) {
      this.context.logger[level]("a message was not delivered; more like it are no warnings", {
        proxy: this.name,
        case: message.body.case,
        status: formatStatus(why),
      });
    }
    this.#emitProxyEvent("undelivered", message, why);
    this.#resultLost(message, why);
    this.#taskLost(message, why);
  }

  /** Tells who keeps the conversation at the other end that a function has ended whose result was lost here. */
  #resultLost(message: BusMessage, why: Status): void {
    const isOwn = message.source === this.#localAgentName;
    const failure = isOwn ? functionCallFailure(message, why, this.#remoteAgentName) : undefined;
    if (failure !== undefined) {
      this.#tellOfLoss(failure, message);
    }
  }

  /**
   * Tells the requester of a task, on whichever side it is, that a message about it was lost here, and the worker of a
   * stream that nobody waits for any more.
   */
  #taskLost(message: BusMessage, why: Status): void {
    const failure = taskFailure(message, why);
    // Whom a response didn't reach because it isn't there can't be told so either.
    if (failure === undefined || (why.code === Code.NOT_FOUND && failure.target === message.target)) {
      return;
    }
    this.#tellOfLoss(failure, message);
    const cancel = streamCancel(message, why);
    if (cancel !== undefined) {
      this.#tellOfLoss(cancel, message);
    }
  }

  #tellOfLoss(news: BusMessage, lost: BusMessage): void {
    if (this.context.tracing !== undefined && lost.traceContext !== undefined) {
      news.traceContext = lost.traceContext;
    }
    try {
      if (news.target !== this.#remoteAgentName) {
        this.context.bus.send(news);
      } else if (this.#link !== undefined && this.#policy.outbound(news) === "allow") {
        this.#crossed(news, "out", this.#send(news, this.#link));
      }
    } catch (error) {
      this.context.logger.debug("nobody could be told that a message was lost", {
        proxy: this.name,
        error,
      });
    }
  }

  /** Emits an event of proxies: in a generic class the compiler can't see that `Events` leaves them as they are. */
  #emitProxyEvent<Name extends keyof ProxyEvents>(name: Name, ...args: ProxyEvents[Name]): void {
    (this.emit as unknown as (name: Name, ...args: ProxyEvents[Name]) => void).call(this, name, ...args);
  }
}

// On their own, since a method with a closure in it allocates what that takes also when it doesn't make one.

function sendTraced(message: BusMessage, link: Link, tracing: Tracing, proxy: string): number {
  return tracing.send(message, proxy, (traced) => link.send(traced));
}

function receiveTraced(message: BusMessage, bytes: number, bus: AgentBus, tracing: Tracing, proxy: string): void {
  tracing.receive(message, proxy, bytes, () => bus.send(message, bytes));
}
