import { type Goaway, ResetReason } from "../../../gen/crossbus/v1/link_pb.js";
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
import type { Channel, Farewell } from "./channel.js";
import { deliver, isSystemMessage } from "./deliver.js";
import { handleFrames, type Renewal } from "./handle-frames.js";
import { Heartbeat } from "./heartbeat.js";
import { Incoming } from "./incoming.js";
import { goodbyeMs } from "./limits.js";
import { type CheckedResumableOptions, defaultTimeToLive, droppableMs } from "./options.js";
import { Outgoing } from "./outgoing.js";
import { farewellOf, goawayStatus, judgeLoss, resetStatus, withReason } from "./reset.js";
import type { SendLane } from "./send-lane.js";
import { LinkCounters, type LinkStats } from "./stats.js";
import type { Cursors, Terms } from "./terms.js";

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
  renewal(kind: Renewal, channel: Channel): void;
}

/**
 * A link that outlives its connections: what was on its way when one was lost is sent again over the next. Who owns the
 * link makes the connections and shakes hands over them; PROTOCOL.md has the rules.
 *
 * It is open while there is a connection, suspended while there is none, closing while it says goodbye, then closed.
 */
export class ResumableLink implements Link {
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
  readonly #audience = new Audience();
  /** Since when there is no connection; undefined before the first one. */
  #suspendedAt: number | undefined;
  /** What this end says goodbye with, or what the peer has said while messages wait for the consumer. */
  #farewell: { readonly status: Status; readonly isOurs: boolean } | undefined;
  #preventEnd: (() => void) | undefined;
  /** The numbers at which a message was missing. */
  readonly #gaps = { system: 0, data: 0 };

  /** The peer has broken the protocol, or sent what can't be read. */
  readonly #broken = (why: Status): void => this.end(withReason(why, ResetReason.PROTOCOL));

  readonly #decoder: Decoder = {
    decode: (message) => {
      try {
        return protobufCodec.decode(message, this.#options.elements);
      } catch (error) {
        this.#broken(toStatusError(error));
        return undefined;
      }
    },
  };

  constructor(options: ResumableLinkOptions) {
    this.#options = options;
    const { clock, buffer, overflow, maxMessageBytes } = options;
    this.#now = onceATurn(clock);
    this.#outgoing = new Outgoing({
      clock,
      buffer,
      blocks: overflow === "block",
      expired: (messages) => this.#expired(messages),
      sent: () => this.#sent(),
    });
    this.#incoming = new Incoming({
      clock,
      maxMessageBytes,
      deliver: (message, inSystemLane) => this.#deliver(message, inSystemLane),
      gap: (inSystemLane, expected) => this.#gap(inSystemLane ? "system" : "data", expected),
      taken: () => this.#taken(),
    });
  }

  get peer(): Peer {
    return this.#peer;
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
    this.#maxBytes = Math.min(maxMessageBytes, terms.peerMaxMessageBytes);
    this.#channel = channel;
    this.#state = "open";
    this.#heartbeat = new Heartbeat({
      clock,
      intervalMs: terms.heartbeatMs,
      ping: () => this.#outgoing.ping(),
      dead: () => this.#drop(status(Code.UNAVAILABLE, `${peer.address} doesn't answer a ping`)),
    });
    this.#heartbeat.start();
    channel.establish(
      handleFrames(channel, {
        heartbeat: this.#heartbeat,
        outgoing: this.#outgoing,
        incoming: this.#incoming,
        counters: this.#counters,
        now: this.#now,
        isLeaving: () => this.#farewell !== undefined,
        confirmed: () => this.#options.confirmed?.(),
        offered: (offer) => this.#audience.offered(offer),
        goaway: (goaway) => this.#goaway(goaway),
        renewal: (kind) => this.#options.renewal(kind, channel),
        broken: this.#broken,
        closed: (why) => this.#connectionClosed(why),
      }),
    );
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

  /** Lets go of the connection, which another one takes the place of. */
  fence(): void {
    if (this.#channel !== undefined) {
      const why = status(Code.ABORTED, "another connection has resumed the session");
      this.#suspend(this.#release(why, {}), why);
    }
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
    this.#release(why, farewellOf(why));
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
      deliver(message, inSystemLane, this.#audience.consumer as LinkConsumer, this.#decoder);
    } catch (error) {
      this.#broken(toStatusError(error));
    }
  }

  #gap(lane: "system" | "data", expected: number): void {
    const why = status(Code.DATA_LOSS, `message ${expected} of the ${lane} lane is missing`);
    if (this.#gaps[lane] === expected) {
      this.end(withReason(status(Code.UNAVAILABLE, `${why.message}, twice`), ResetReason.GAP));
      return;
    }
    this.#gaps[lane] = expected;
    this.#drop(why);
  }

  #goaway(goaway: Goaway): void {
    const why = goawayStatus(goaway);
    if (goaway.resumable) {
      this.#suspend(this.#release(status(Code.OK), { resumable: true }), why);
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
      this.#suspend(channel, loss.status, loss.afterMs);
    } else {
      this.end(this.#farewell?.status ?? loss.status);
    }
  }

  /** Closes the connection, over which the link doesn't go on. */
  #drop(why: Status): void {
    this.#suspend(this.#release(why, { resumable: true }), status(Code.UNAVAILABLE, why.message));
  }

  /** Lets go of the connection, and closes it. */
  #release(why: Status, farewell: Farewell): Channel | undefined {
    const channel = this.#channel;
    this.#channel = undefined;
    this.#heartbeat?.stop();
    channel?.release();
    channel?.close(why, farewell);
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
      this.#channel?.sayGoodbye(why, farewellOf(why));
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
    const message = `the peer hasn't acknowledged ${messages} messages of ${bytes} bytes, and more are not kept; see buffer`;
    if (this.#options.overflow === "reset") {
      this.end(resetStatus(ResetReason.OVERFLOW, message));
      return new StatusError(Code.UNAVAILABLE, message);
    }
    return new StatusError(Code.RESOURCE_EXHAUSTED, message);
  }

  #expired(messages: readonly Uint8Array[]): void {
    this.#counters.expiredOut += messages.length;
    const why = status(
      Code.DEADLINE_EXCEEDED,
      "the message was no longer worth sending when the peer could be reached",
    );
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
