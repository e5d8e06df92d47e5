import type { ControlFrame, Goaway } from "../../../gen/crossbus/v1/link_pb.js";
import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import type { Clock } from "../../base/clock.js";
import { deferred } from "../../base/deferred.js";
import { onceATurn } from "../../base/once-a-turn.js";
import { Code, retryAfterMs, type Status, StatusError, status, toStatusError } from "../../base/status.js";
import type { Elements } from "../../codec/elements.js";
import { protobufCodec } from "../../codec/protobuf.js";
import { frameTraits } from "../../message/case-traits.js";
import { isSystem } from "../../message/traits.js";
import type { Peer } from "../../transport/transport.js";
import type { Decoder } from "../arrived.js";
import type { Incoming as IncomingMessage, Link, LinkConsumer } from "../link.js";
import { Audience } from "./audience.js";
import type { Channel, FrameHandler } from "./channel.js";
import { deliver, isSystemMessage } from "./deliver.js";
import { unreadable } from "./frame.js";
import { Heartbeat } from "./heartbeat.js";
import { Incoming } from "./incoming.js";
import { goodbyeMs } from "./limits.js";
import { type CheckedResumableOptions, defaultTimeToLive, droppableMs } from "./options.js";
import { Outgoing } from "./outgoing.js";
import { pongs } from "./pongs.js";
import { goawayStatus, judgeLoss, reasonOf, resetStatus, withReason } from "./reset.js";
import type { SendLane } from "./send-lane.js";
import { LinkCounters, type LinkStats } from "./stats.js";
import type { Cursors, Terms } from "./terms.js";

/** The frames that are about a credential. */
export type Renewal = Extract<ControlFrame["kind"], { readonly case: "renew" | "renewed" }>;

/** What a link is made of. */
export interface ResumableLinkOptions extends CheckedResumableOptions {
  readonly side: "client" | "server";
  readonly clock: Clock;
  /** The largest message that this end takes and sends, in bytes. */
  readonly maxMessageBytes: number;
  /** How many elements a message may have that is read, and how many were read. Default: any number. */
  readonly elements?: Elements | undefined;
  /** The link has lost its connection. Whoever owns it sees to another, no earlier than `afterMs` from now, or ends it. */
  suspended(why: Status, afterMs: number): void;
  /** The peer has proved that it got the last Welcome. */
  confirmed?(): void;
  /** What the peer has to say of its credential, or of this end's. A status that is thrown ends the link. */
  renewal(kind: Renewal): void;
}

/**
 * A link that outlives its connections: what was on its way when one was lost is sent again over the next. Who owns the
 * link makes the connections and shakes hands over them; PROTOCOL.md has the rules.
 *
 * It is open while there is a connection, suspended while there is none, closing while it says goodbye, then closed.
 */
export class ResumableLink implements Link, Decoder {
  readonly announces = true;
  readonly dialect = protobufCodec.name;
  readonly peekSuffices = protobufCodec.peekSuffices;
  readonly #options: ResumableLinkOptions;
  /** The time, for what is done for each message. */
  readonly #now: () => number;
  readonly #counters = new LinkCounters();
  readonly #outgoing: Outgoing;
  readonly #incoming: Incoming;
  readonly #closed = deferred<Status>();
  #state: LinkStats["state"] = "suspended";
  #terms: Terms | undefined;
  #maxBytes = 0;
  #peer!: Peer;
  #channel: Channel | undefined;
  #heartbeat: Heartbeat | undefined;
  /** Answers the pings that come over the connection. */
  #answer: (token: bigint) => void = () => {};
  readonly #audience = new Audience();
  /** Since when there is no connection; undefined before the first one. */
  #suspendedAt: number | undefined;
  /** What this end says goodbye with, or what the peer has said while messages wait for the consumer. */
  #farewell: { readonly status: Status; readonly isOurs: boolean } | undefined;
  #preventEnd: (() => void) | undefined;
  /** Takes the frames that come over the connection, once hands were shaken. */
  readonly #handler: FrameHandler = {
    control: (kind) => {
      this.#heartbeat?.heard(this.#now());
      this.#control(kind);
    },
    ack: (ack) => {
      this.#heartbeat?.heard(this.#now());
      this.#options.confirmed?.();
      if (!this.#outgoing.acknowledge(ack)) {
        throw unreadable("an ack goes beyond what was sent, or back");
      }
    },
    data: (frame) => {
      this.#heartbeat?.heard(this.#now());
      // Whoever says goodbye takes no data any more.
      if (this.#farewell === undefined) {
        this.#incoming.receive(frame);
      }
    },
    broken: (why) => this.#broken(why),
    closed: (why) => this.#connectionClosed(why),
  };

  constructor(options: ResumableLinkOptions) {
    this.#options = options;
    this.#now = onceATurn(options.clock);
    this.#outgoing = new Outgoing(options, {
      expired: (messages) => this.#expired(messages),
      sent: () => this.#sent(),
    });
    this.#incoming = new Incoming(options, {
      deliver: (message, inSystemLane) => this.#deliver(message, inSystemLane),
      taken: () => this.#taken(),
    });
  }

  get peer(): Peer {
    return this.#peer;
  }

  /** Decodes a message that was delivered. What can't be read ends the link. */
  decode(message: Uint8Array): BusMessage | undefined {
    try {
      return protobufCodec.decode(message, this.#options.elements);
    } catch (error) {
      return this.#broken(error);
    }
  }

  get closed(): Promise<Status> {
    return this.#closed.promise;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** How many messages have got through, either way. It grows as long as the link gets anywhere. */
  get progress(): number {
    return this.#counters.messagesIn + this.#counters.messagesOut - this.#outgoing.length;
  }

  get terms(): Terms | undefined {
    return this.#terms;
  }

  send(message: BusMessage): number {
    this.#checkOpen();
    const lane = isSystem(message) ? this.#outgoing.system : this.#outgoing.data;
    const { headroom } = lane;
    const frame = protobufCodec.encode(message, headroom, lane.writer);
    this.#keep(lane, frame, headroom, message.body.case, this.#options.timeToLive(message));
    return frame.length - headroom;
  }

  forward(incoming: IncomingMessage): void {
    this.#checkOpen();
    const { encoded, peeked } = incoming;
    const lane =
      isSystemMessage(peeked, this.#audience.consumer) === true ? this.#outgoing.system : this.#outgoing.data;
    const { headroom } = lane;
    // A copy, which doesn't keep alive what arrived beside it.
    const frame = new Uint8Array(headroom + encoded.length);
    frame.set(encoded, headroom);
    this.#keep(lane, frame, headroom, peeked.case, this.#liveMs(incoming));
  }

  drained(): Promise<void> | undefined {
    return this.#outgoing.drained();
  }

  receive(consumer: LinkConsumer): void {
    if (this.#audience.consumer !== undefined) {
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `the link to ${this.#peer.address} has a consumer already; call receive() once`,
      );
    }
    this.#audience.seat(consumer);
    this.#sendOffer();
    this.#incoming.start();
  }

  pause(): void {
    this.#incoming.pause();
  }

  resume(): void {
    this.#incoming.resume();
  }

  close(why: Status): Promise<Status> {
    if (this.#state === "suspended") {
      this.end(why);
    } else if (this.#state === "open") {
      this.#state = "closing";
      this.#farewell = { status: why, isOurs: true };
      this.#preventEnd = this.#options.clock.after(goodbyeMs, () => this.end(why));
      // What was taken up to here has arrived: the peer must not be left to tell it as undelivered.
      this.#incoming.acknowledge();
      this.#outgoing.pump();
    }
    return this.closed;
  }

  /** What the link has done, and how it is. */
  stats(): LinkStats {
    return {
      ...this.#counters,
      state: this.#state,
      unacknowledged: this.#outgoing.length,
      unacknowledgedBytes: this.#outgoing.bytes,
      unsent: this.#outgoing.unsent,
      waiting: this.#incoming.waiting,
      duplicates: this.#incoming.system.duplicates + this.#incoming.data.duplicates,
    };
  }

  /** What the handshake tells the peer of this end. */
  cursors(): Cursors {
    return this.#incoming.cursors();
  }

  /** Goes back to what the peer has received. Returns whether it can be true, and the link can go on. */
  rewind({ system, data }: Cursors): boolean {
    return this.#outgoing.system.rewind(system.received, system) && this.#outgoing.data.rewind(data.received, data);
  }

  /** Goes on over a connection whose handshake is done. */
  attach(channel: Channel, peer: Peer, terms: Terms): void {
    const { clock, side, maxMessageBytes } = this.#options;
    this.#peer = peer;
    this.#terms = terms;
    this.#maxBytes = Math.min(maxMessageBytes, terms.maxMessageBytes);
    this.#channel = channel;
    this.#state = "open";
    this.#heartbeat = new Heartbeat({
      clock,
      intervalMs: terms.heartbeatMs,
      ping: () => this.#outgoing.ping(),
      dead: () => this.drop(status(Code.UNAVAILABLE, `${peer.address} doesn't answer a ping`)),
    });
    this.#heartbeat.start();
    this.#answer = pongs(channel);
    channel.establish(this.#handler);
    this.#incoming.attach(channel);
    if (side === "client") {
      this.#incoming.acknowledge();
    }
    this.#sendOffer();
    const since = this.#suspendedAt;
    this.#suspendedAt = undefined;
    if (since !== undefined) {
      this.#counters.resumes++;
      this.#counters.lastOutageMs = Math.max(0, clock.now() - since);
    }
    this.#outgoing.attach(channel);
    if (since !== undefined) {
      this.#audience.resumed(this.#counters.lastOutageMs);
    }
  }

  /** The peer has proved anew who it is. */
  identified(peer: Peer): void {
    this.#peer = peer;
  }

  /** Closes the connection, if there is one. The link goes on over another, which the peer makes where it is told `resumable`. */
  drop(why: Status, resumable = true): void {
    this.#suspend(this.#release(why, resumable), resumable ? status(Code.UNAVAILABLE, why.message) : why);
  }

  /** Asks the peer at once whether it is there, where this end may have stood still, or been cut off. */
  check(): void {
    this.#heartbeat?.check();
  }

  /** Ends the link at once. What isn't acknowledged is undelivered. */
  end(why: Status): void {
    if (this.#state === "closed") {
      return;
    }
    this.#state = "closed";
    this.#preventEnd?.();
    this.#release(why);
    const left = this.#outgoing.clear();
    this.#incoming.end();
    const told =
      why.code === Code.OK ? status(Code.CANCELLED, "the link closed before the message was acknowledged") : why;
    this.#audience.end();
    this.#audience.undelivered(left, told);
    this.#closed.resolve(why);
  }

  #checkOpen(): void {
    if (this.#state === "closing" || this.#state === "closed") {
      throw new StatusError(Code.UNAVAILABLE, `the link to ${this.#peer.address} is ${this.#state}`);
    }
  }

  /** How long a message that is handed on is worth sending. Only a rule of the application's needs it decoded. */
  #liveMs(incoming: IncomingMessage): number | undefined {
    const { timeToLive } = this.#options;
    const message = timeToLive === defaultTimeToLive ? undefined : incoming.decode();
    if (message !== undefined) {
      return timeToLive(message);
    }
    const { kind } = incoming.peeked;
    return kind !== undefined && frameTraits[kind].droppable ? droppableMs : undefined;
  }

  /** Checks the size of an encoded message, numbers it, keeps it, and sends it if that is possible now. */
  #keep(
    lane: SendLane,
    frame: Uint8Array,
    headroom: number,
    kase: string | undefined,
    liveMs: number | undefined,
  ): void {
    const size = frame.length - headroom;
    if (size > this.#maxBytes) {
      throw new StatusError(
        Code.RESOURCE_EXHAUSTED,
        `a ${kase} message of ${size} bytes exceeds maxMessageBytes, which is ${this.#maxBytes}`,
      );
    }
    if (!lane.fits(size)) {
      throw this.#overflow(lane.length, lane.bytes);
    }
    const now = this.#now();
    lane.push(frame, liveMs === undefined ? 0 : now + liveMs);
    this.#counters.messagesOut++;
    this.#counters.bytesOut += size;
    this.#outgoing.pump(now);
  }

  #deliver(message: Uint8Array, inSystemLane: boolean): void {
    this.#counters.messagesIn++;
    this.#counters.bytesIn += message.length;
    try {
      deliver(message, inSystemLane, this.#audience.consumer as LinkConsumer, this);
    } catch (error) {
      this.#broken(error);
    }
  }

  /** A message is missing, or the peer has broken the protocol, or sent what can't be read. */
  #broken(error: unknown): undefined {
    const why = toStatusError(error);
    if (why.code === Code.DATA_LOSS) {
      this.drop(why);
    } else {
      this.end(reasonOf(why) === 0 ? withReason(why, "protocol") : why);
    }
  }

  #control(kind: ControlFrame["kind"]): void {
    switch (kind.case) {
      case "ping":
        this.#answer(kind.value.token);
        break;
      case "pong": {
        const ms = this.#outgoing.answered(kind.value.token);
        if (ms !== undefined) {
          this.#counters.measured(ms);
        }
        break;
      }
      case "goaway":
        this.#goaway(kind.value);
        break;
      case "offer":
        this.#audience.offered(kind.value);
        break;
      case "skip":
        if (this.#farewell === undefined) {
          this.#counters.expiredIn += this.#incoming.skip(kind.value);
        }
        break;
      case "renew":
      case "renewed":
        this.#options.renewal(kind);
        break;
      case "hello":
      case "welcome":
        throw new StatusError(Code.FAILED_PRECONDITION, `the peer sent a second ${kind.case}`);
      case undefined:
        // A kind that a newer peer may know.
        break;
    }
  }

  #goaway(goaway: Goaway): void {
    const why = goawayStatus(goaway);
    if (goaway.resumable) {
      this.#suspend(this.#release(status(Code.OK), true), why);
    } else if (this.#farewell !== undefined) {
      // Both ends leave at the same time: neither takes anything any more.
      this.#incoming.acknowledge();
      this.end(this.#farewell.status);
    } else {
      this.#incoming.acknowledge();
      this.#farewell = { status: why, isOurs: false };
      this.#state = "closing";
      // What arrived before is still taken, for as long as the peer waits.
      this.#preventEnd = this.#options.clock.after(goodbyeMs / 2, () => this.end(why));
      this.#taken();
    }
  }

  #connectionClosed(why: Status): void {
    const loss = judgeLoss(why);
    const channel = this.#channel;
    this.#channel = undefined;
    if (loss.evict) {
      this.#evict(why);
    }
    if (loss.resume) {
      this.#suspend(channel, loss.status, retryAfterMs(why));
    } else {
      this.end(this.#farewell?.status ?? loss.status);
    }
  }

  /** Lets go of the connection, and closes it. */
  #release(why: Status, resumable = false): Channel | undefined {
    const channel = this.#channel;
    this.#channel = undefined;
    this.#heartbeat?.stop();
    channel?.release();
    channel?.close(why, resumable);
    return channel;
  }

  /** There is no connection any more. */
  #suspend(channel: Channel | undefined, why: Status, afterMs = retryAfterMs(why)): void {
    if (channel === undefined) {
      return;
    }
    this.#heartbeat?.stop();
    this.#outgoing.detach();
    this.#incoming.detach();
    if (this.#farewell !== undefined) {
      this.end(this.#farewell.status);
      return;
    }
    this.#state = "suspended";
    this.#suspendedAt = this.#options.clock.now();
    this.#audience.suspended(why);
    // Who was told may have closed the link.
    if (!this.isClosed) {
      this.#options.suspended(why, afterMs);
    }
  }

  /** Everything that was to be sent is with the connection. */
  #sent(): void {
    if (this.#farewell?.isOurs === true) {
      const why = this.#farewell.status;
      this.#channel?.sayGoodbye(why);
    }
  }

  /** Nothing waits for the consumer: a goodbye of the peer's takes effect. */
  #taken(): void {
    if (this.#farewell?.isOurs === false && this.#incoming.waiting === 0) {
      this.#incoming.acknowledge();
      this.end(this.#farewell.status);
    }
  }

  #overflow(messages: number, bytes: number): StatusError {
    const message = `${messages} messages of ${bytes} bytes aren't acknowledged, and buffer keeps no more`;
    if (this.#options.overflow === "reset") {
      this.end(resetStatus("overflow", message));
      return new StatusError(Code.UNAVAILABLE, message);
    }
    return new StatusError(Code.RESOURCE_EXHAUSTED, message);
  }

  #expired(messages: readonly Uint8Array[]): void {
    this.#counters.expiredOut += messages.length;
    const why = status(Code.DEADLINE_EXCEEDED, "the message expired before it could be sent; see timeToLive");
    this.#audience.undelivered(messages, why);
  }

  /** Something on the way doesn't let a message through: it must not take all others with it. */
  #evict(why: Status): void {
    const { system, data } = this.#outgoing;
    const message = data.evictLargest() ?? system.evictLargest();
    if (message !== undefined) {
      this.#audience.undelivered([message], status(Code.RESOURCE_EXHAUSTED, why.message));
    }
  }

  #sendOffer(): void {
    const offer = this.#audience.consumer?.offer;
    if (offer !== undefined && this.#state === "open") {
      this.#channel?.sendControl({ case: "offer", value: offer });
    }
  }
}
