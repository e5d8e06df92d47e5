import type { Clock } from "../../base/clock.js";
import { type LimitName, overLimit } from "../../base/over-limit.js";
import type { Status } from "../../base/status.js";
import type { Elements } from "../../codec/elements.js";
import type { ChargingConnection } from "../../link/link.js";
import type { Connection, Consumer, Peer } from "../../transport/transport.js";
import { holderOf } from "./holder-of.js";
import { type KeptMeters, Meter } from "./kept-meters.js";
import type { CheckedLimits } from "./server-limits.js";
import { TokenBucket } from "./token-bucket.js";

/**
 * How many bytes an element counts as, beside its own. It may come in two, and becomes an object of at least this size, which
 * takes up to a microsecond to make.
 */
const elementBytes = 64;

/** No message of any dialect is shorter than this, in bytes. */
const tinyBytes = 4;

/**
 * How long reading stops at least, in milliseconds, so that it doesn't stop and go for each message, and at most, so
 * that pings are answered in time whatever the limits are.
 */
const shortestHoldMs = 50;
const longestHoldMs = 1_000;

/** What a metered connection is told. */
export interface MeterOptions {
  readonly limits: Pick<CheckedLimits, "messagesPerSecond" | "bytesPerSecond" | "tinyFramesPerSecond">;
  readonly clock: Clock;
  /** The meters of connections that have ended. */
  readonly kept: KeptMeters;
  /** Is told each time that reading stops because of a limit. */
  slowed(limit: LimitName): void;
}

/**
 * A connection whose peer may send so much a second. One that sends more is read more slowly, so that it has to wait
 * and nothing is lost; only for frames that no honest peer sends the connection closes.
 */
export class MeteredConnection implements ChargingConnection {
  /** The elements that are read of what comes over it, as soon as there is a link. */
  elements: Elements | undefined;
  readonly #inner: Connection;
  readonly #options: MeterOptions;
  #meter: Meter;
  /** Whose meter it is. Undefined as long as nobody knows, and again once the connection has ended. */
  #holder: string | undefined;
  #isIdentified = false;
  readonly #tiny: TokenBucket;
  /** Ends the time in which nothing is read because too much has come. */
  #endHold: (() => void) | undefined;
  /** Whether the consumer wants nothing at the moment. */
  #isPaused = false;
  #isOverdone = false;
  #count = 0;

  constructor(inner: Connection, options: MeterOptions) {
    const { limits, clock } = options;
    this.#inner = inner;
    this.#options = options;
    this.#meter = new Meter(limits, clock);
    this.#tiny = new TokenBucket(limits.tinyFramesPerSecond, clock);
    inner.onControl?.(() => this.#tinyFrame());
    void inner.closed.then(() => {
      this.#leave();
      this.#endHold?.();
    });
  }

  get protocol(): string {
    return this.#inner.protocol;
  }

  get peer(): Peer {
    return this.#inner.peer;
  }

  get bufferedAmount(): number {
    return this.#inner.bufferedAmount;
  }

  get closed(): Promise<Status> {
    return this.#inner.closed;
  }

  /** Whether its client is known, and was let in. */
  get isIdentified(): boolean {
    return this.#isIdentified;
  }

  /** How many messages went either way. */
  get count(): number {
    return this.#count;
  }

  send(bytes: Uint8Array): void {
    this.#count++;
    this.#inner.send(bytes);
  }

  drained(amount: number): Promise<void> {
    return this.#inner.drained(amount);
  }

  receive(consumer: Consumer): void {
    this.#inner.receive(new MeteredConsumer(this, consumer));
  }

  pause(): void {
    this.#isPaused = true;
    this.#inner.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#endHold === undefined) {
      this.#inner.resume();
    }
  }

  /** Goes on with the meter of a connection that this client had before, if there is one that isn't full yet. */
  identified(peer: Peer): void {
    this.#leave();
    this.#isIdentified = true;
    this.#holder = holderOf(peer);
    const meter = this.#options.kept.take(this.#holder);
    if (meter !== undefined) {
      this.#meter = meter;
      this.#charge(0, 0);
    }
  }

  close(why: Status): Promise<Status> {
    // Nothing is read from now on, however long the peer takes to close as well.
    this.#leave();
    return this.#inner.close(why);
  }

  /** Charges for a message of so many bytes that its consumer has taken, and for all elements that were read since the one before. */
  taken(bytes: number): void {
    const { elements } = this;
    let cost = bytes;
    this.#count++;
    if (elements !== undefined) {
      cost += elements.count * elementBytes;
      elements.count = 0;
    }
    if (bytes < tinyBytes) {
      this.#tinyFrame();
    }
    this.#charge(1, cost);
  }

  #charge(messages: number, bytes: number): void {
    const messagesMs = this.#meter.messages.take(messages);
    const bytesMs = this.#meter.bytes.take(bytes);
    if (messagesMs > 0 || bytesMs > 0) {
      this.#hold(Math.max(messagesMs, bytesMs), messagesMs > bytesMs ? "messagesPerSecond" : "bytesPerSecond");
    }
  }

  #hold(owedMs: number, limit: LimitName): void {
    if (this.#endHold !== undefined) {
      return;
    }
    this.#options.slowed(limit);
    this.#inner.pause();
    const ms = Math.min(longestHoldMs, Math.max(shortestHoldMs, Math.ceil(owedMs)));
    const prevent = this.#options.clock.after(ms, () => {
      this.#endHold = undefined;
      if (!this.#isPaused) {
        this.#inner.resume();
      }
    });
    this.#endHold = () => {
      this.#endHold = undefined;
      prevent();
    };
  }

  /** Leaves the meter to the next connection of the same client. */
  #leave(): void {
    if (this.#holder !== undefined) {
      this.#options.kept.keep(this.#holder, this.#meter);
      this.#holder = undefined;
    }
  }

  #tinyFrame(): void {
    if (!this.#isOverdone && this.#tiny.take(1) > 0) {
      this.#isOverdone = true;
      const { tinyFramesPerSecond } = this.#options.limits;
      const message = `the peer sends more than ${tinyFramesPerSecond} frames a second that say nothing`;
      void this.#inner.close(overLimit("tinyFramesPerSecond", message));
    }
  }
}

/** The consumer of a metered connection, which charges for what it is given. */
class MeteredConsumer implements Consumer {
  /** There where the consumer takes text. */
  declare readonly text?: (bytes: Uint8Array) => void;
  readonly #connection: MeteredConnection;
  readonly #consumer: Consumer;

  constructor(connection: MeteredConnection, consumer: Consumer) {
    this.#connection = connection;
    this.#consumer = consumer;
    if (consumer.text !== undefined) {
      this.text = (bytes) => {
        consumer.text?.(bytes);
        connection.taken(bytes.length);
      };
    }
  }

  message(bytes: Uint8Array): void {
    this.#consumer.message(bytes);
    this.#connection.taken(bytes.length);
  }

  undelivered(bytes: Uint8Array, why: Status): void {
    this.#consumer.undelivered?.(bytes, why);
  }
}
