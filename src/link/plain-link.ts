import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import { whenExpired } from "../auth/expiry.js";
import { type Clock, systemClock } from "../base/clock.js";
import { deferred } from "../base/deferred.js";
import { Code, type Status, StatusError } from "../base/status.js";
import type { Codec } from "../codec/codec.js";
import type { BodyCase } from "../message/types.js";
import type { Connection, Peer } from "../transport/transport.js";
import { checkMaxMessageBytes } from "./check-max-message-bytes.js";
import type { Incoming, Link, LinkConsumer } from "./link.js";
import { PlainReader } from "./plain-reader.js";

/** What can be said about a plain link. */
export interface PlainLinkOptions {
  /** Whether the peer announces its agents. */
  readonly announces: boolean;
  /** The largest message, in bytes, that is sent. Default: 1 MiB, as much as a Python client takes. */
  readonly maxMessageBytes?: number | undefined;
  /** Where time comes from. Default: the platform. */
  readonly clock?: Clock | undefined;
}

/** Buffered bytes above which senders of data messages wait: about a second of audio for a crowd. */
const highWaterBytes = 1_048_576;

/** Buffered bytes above which nothing is taken any more. */
const maxBufferedBytes = 16_777_216;

/**
 * How long senders wait for a peer that reads too slowly, in all. After that they go on until nothing more is taken:
 * whatever waits behind them, a deactivation say, must have its turn.
 */
const maxWaitMs = 10_000;

/** How long reading may pause. A Python peer takes a WebSocket that answers no ping for 20 s for dead. */
const maxPauseMs = 10_000;

/**
 * A link that lives as long as its one connection, with one encoded message in each of the connection's. It is
 * what Python peers speak. Nothing is acknowledged: what was on its way when the connection was lost is lost. It ends when
 * the peer's principal expires, which there is no way to renew.
 */
export class PlainLink implements Link {
  readonly announces: boolean;
  readonly #connection: Connection;
  readonly #codec: Codec;
  readonly #maxMessageBytes: number;
  readonly #clock: Clock;
  #endPause: (() => void) | undefined;
  /** Since when senders wait for the peer. */
  #slowSince: number | undefined;

  constructor(connection: Connection, codec: Codec, options: PlainLinkOptions) {
    this.#connection = connection;
    this.#codec = codec;
    this.announces = options.announces;
    this.#maxMessageBytes = checkMaxMessageBytes(options.maxMessageBytes);
    this.#clock = options.clock ?? systemClock;
    void this.closed.then(() => this.#endPause?.());
    void this.closed.then(whenExpired(this.#clock, this.peer.principal, (why) => void this.close(why)));
  }

  get peer(): Peer {
    return this.#connection.peer;
  }

  get dialect(): string {
    return this.#codec.name;
  }

  get peekSuffices(): boolean {
    return this.#codec.peekSuffices;
  }

  get closed(): Promise<Status> {
    return this.#connection.closed;
  }

  send(message: BusMessage): number {
    const bytes = this.#codec.encode(message);
    this.#send(bytes, message.body.case);
    return bytes.length;
  }

  forward({ encoded, peeked }: Incoming): void {
    this.#send(encoded, peeked.case);
  }

  drained(): Promise<void> | undefined {
    if (this.#connection.bufferedAmount <= highWaterBytes) {
      this.#slowSince = undefined;
      return undefined;
    }
    const now = this.#clock.now();
    this.#slowSince ??= now;
    const left = this.#slowSince + maxWaitMs - now;
    return left <= 0 ? undefined : this.#wait(left);
  }

  receive(consumer: LinkConsumer): void {
    this.#codec.allowTypes?.(consumer.pythonTypes);
    this.#connection.receive(new PlainReader(this.#connection, this.#codec, consumer));
  }

  pause(): void {
    if (this.#endPause === undefined) {
      this.#connection.pause();
      const prevent = this.#clock.after(maxPauseMs, () => this.resume());
      this.#endPause = () => {
        this.#endPause = undefined;
        prevent();
      };
    }
  }

  resume(): void {
    if (this.#endPause !== undefined) {
      this.#endPause();
      this.#connection.resume();
    }
  }

  close(status: Status): Promise<Status> {
    return this.#connection.close(status);
  }

  #send(bytes: Uint8Array, kase: BodyCase | undefined): void {
    if (bytes.length > this.#maxMessageBytes) {
      throw new StatusError(
        Code.RESOURCE_EXHAUSTED,
        `a ${kase} message of ${bytes.length} bytes exceeds maxMessageBytes, which is ${this.#maxMessageBytes}`,
      );
    }
    if (this.#connection.bufferedAmount + bytes.length > maxBufferedBytes) {
      throw new StatusError(
        Code.RESOURCE_EXHAUSTED,
        `the peer reads too slowly: ${this.#connection.bufferedAmount} bytes wait to be sent to it`,
      );
    }
    this.#connection.send(bytes);
  }

  async #wait(ms: number): Promise<void> {
    const timeout = deferred();
    const prevent = this.#clock.after(ms, timeout.resolve);
    const drained = this.#connection.drained(highWaterBytes / 4).then(() => {
      this.#slowSince = undefined;
    });
    await Promise.race([drained, timeout.promise]);
    prevent();
  }
}
