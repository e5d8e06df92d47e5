import type { Skip } from "../../../gen/crossbus/v1/link_pb.js";
import type { Clock } from "../../base/clock.js";
import type { Channel } from "./channel.js";
import { ackFrame, type DataFrame, LaneNumber, unreadable } from "./frame.js";
import { ackDelayMs, dataWindow, maxSocketBytes, systemWindow } from "./limits.js";
import { ReceiveLane } from "./receive-lane.js";
import { type Cursors, toNumber } from "./terms.js";

/** What an `Incoming` is told. */
export interface IncomingOptions {
  readonly clock: Clock;
  readonly maxMessageBytes: number;
}

/** Whom an `Incoming` tells. */
export interface IncomingListener {
  /** Hands a message to the consumer. */
  deliver(message: Uint8Array, isSystem: boolean): void;
  /** Nothing waits for the consumer any more. */
  taken(): void;
}

/** What an end receives: its two lanes, what the consumer has taken of them, and the acks. */
export class Incoming {
  readonly system: ReceiveLane;
  readonly data: ReceiveLane;
  readonly #options: IncomingOptions;
  readonly #listener: IncomingListener;
  #channel: Channel | undefined;
  #preventAck: (() => void) | undefined;
  #hasConsumer = false;
  #isPaused = false;
  #isOver = false;
  /** Whether the peer waits for credit that was kept back. */
  #owesCredit = false;

  constructor(options: IncomingOptions, listener: IncomingListener) {
    this.#options = options;
    this.#listener = listener;
    this.system = new ReceiveLane(true, systemWindow, options.maxMessageBytes);
    this.data = new ReceiveLane(false, dataWindow, options.maxMessageBytes);
  }

  /** How many messages wait for the consumer. */
  get waiting(): number {
    return this.system.waiting + this.data.waiting;
  }

  /** What to tell the peer in a handshake. */
  cursors(): Cursors {
    const lane = (from: ReceiveLane) => ({ received: from.received, ...from.acknowledge(this.#isPaused) });
    this.#owesCredit = this.#isPaused;
    return { system: lane(this.system), data: lane(this.data) };
  }

  /** Acknowledges over a connection from now on. */
  attach(channel: Channel): void {
    this.#channel = channel;
  }

  detach(): void {
    this.#channel = undefined;
    this.#preventAck?.();
    this.#preventAck = undefined;
    this.system.interrupt();
    this.data.interrupt();
  }

  /** The consumer is there, and gets what waits for it. */
  start(): void {
    this.#hasConsumer = true;
    this.#flushLater();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#flushLater();
    }
  }

  /** Delivers nothing any more. */
  end(): void {
    this.detach();
    this.#isOver = true;
    this.system.clear();
    this.data.clear();
  }

  /** Takes in a data frame. Throws a status for one that breaks the rules. */
  receive(frame: DataFrame): void {
    const lane = frame.isSystem ? this.system : this.data;
    const message = lane.accept(frame);
    if (message === undefined) {
      return;
    }
    if (this.#flows(lane) && lane.waiting === 0) {
      lane.consume();
      this.#listener.deliver(message, lane.isSystem);
      this.#acknowledgeSoon(lane);
    } else {
      lane.keep(message);
    }
  }

  /** Takes in that messages are never sent. Throws a status for what breaks the rules. Returns how many it are. */
  skip({ lane: number, firstSequence, lastSequence, throughBytes }: Skip): number {
    if (number !== LaneNumber.system && number !== LaneNumber.data) {
      throw unreadable(`there is no lane ${number}`);
    }
    const lane = number === LaneNumber.system ? this.system : this.data;
    const skipped = lane.skip(toNumber(firstSequence), toNumber(lastSequence), toNumber(throughBytes));
    if (skipped > 0 && lane.waiting === 0) {
      lane.consume();
      this.#acknowledgeSoon(lane);
    } else if (skipped > 0) {
      lane.keep(undefined);
    }
    return skipped;
  }

  /** Sends an ack now. */
  acknowledge(): void {
    const channel = this.#channel;
    this.#preventAck?.();
    this.#preventAck = undefined;
    if (channel === undefined) {
      return;
    }
    if (channel.bufferedAmount > 2 * maxSocketBytes) {
      // A peer that sends and doesn't read must not fill memory with what it is told.
      this.#setTimer();
      return;
    }
    this.#owesCredit = this.#isPaused;
    channel.send(
      ackFrame({ system: this.system.acknowledge(this.#isPaused), data: this.data.acknowledge(this.#isPaused) }),
    );
  }

  /** The system lane flows on while the consumer is congested, as far as its credit goes: there is a reserve for it. */
  #flows(lane: ReceiveLane): boolean {
    return this.#hasConsumer && !this.#isOver && (lane.isSystem || !this.#isPaused);
  }

  #acknowledgeSoon(lane: ReceiveLane): void {
    if (lane.isAckDue && !this.#isPaused) {
      this.acknowledge();
    } else if (this.#preventAck === undefined) {
      this.#setTimer();
    }
  }

  #setTimer(): void {
    if (this.#channel !== undefined) {
      this.#preventAck = this.#options.clock.after(ackDelayMs, () => {
        this.#preventAck = undefined;
        this.acknowledge();
      });
    }
  }

  /** Not at once: who attaches itself or resumes doesn't expect messages before that returns. */
  #flushLater(): void {
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    for (const lane of [this.system, this.data]) {
      while (lane.waiting > 0 && this.#flows(lane)) {
        const message = lane.shift();
        if (message !== undefined) {
          this.#listener.deliver(message, lane.isSystem);
        }
        if (lane.isAckDue && !this.#isPaused) {
          this.acknowledge();
        }
      }
    }
    if (!this.#isPaused && (this.#owesCredit || this.system.hasNews || this.data.hasNews)) {
      this.acknowledge();
    }
    if (this.waiting === 0) {
      this.#listener.taken();
    }
  }
}
