import { LocalMessage } from "../message/local-message.js";
import { isDroppable, isSystem } from "../message/traits.js";
import type { AnyBusMessage, BusSubscriber, QueueLimits } from "./agent-bus.js";
import { LaneQueue, type Offer } from "./lane-queue.js";
import type { Deliverer, Scheduler } from "./scheduler.js";

/** What a mailbox tells its bus. */
export interface MailboxEvents {
  /** The subscriber's handler threw, or its promise rejected. */
  failed(subscriber: BusSubscriber, message: AnyBusMessage, error: unknown): void;
  /** The queue was congested and has drained. */
  relieved(subscriber: BusSubscriber): void;
}

/**
 * The queue of one subscriber: a lane for system messages and one for data messages. Each lane handles one
 * message at a time. The data lane starts a message only when the system lane has nothing left to do, but a
 * system message doesn't wait for a data message to end.
 */
export class Mailbox implements Deliverer {
  readonly subscriber: BusSubscriber;
  readonly #system: LaneQueue;
  readonly #data: LaneQueue;
  readonly #scheduler: Scheduler;
  readonly #events: MailboxEvents;
  #systemBusy = false;
  #dataBusy = false;
  #congested = false;
  #closed = false;

  constructor(subscriber: BusSubscriber, limits: QueueLimits, scheduler: Scheduler, events: MailboxEvents) {
    this.subscriber = subscriber;
    this.#system = new LaneQueue(limits.maxSystemMessages, limits.maxSystemBytes);
    this.#data = new LaneQueue(limits.maxMessages, limits.maxBytes);
    this.#scheduler = scheduler;
    this.#events = events;
  }

  /** Whether those who feed the mailbox should pause. */
  get congested(): boolean {
    return this.#congested;
  }

  /** Messages that wait. */
  get length(): number {
    return this.#system.length + this.#data.length;
  }

  get runnable(): boolean {
    if (this.#closed || this.#systemBusy) {
      return false;
    }
    return this.#system.length > 0 || (!this.#dataBusy && this.#data.length > 0);
  }

  /** Queues a message of `size` bytes, if it can be done. */
  offer(message: AnyBusMessage, size: number): Offer {
    const local = message instanceof LocalMessage;
    const lane = local || isSystem(message) ? this.#system : this.#data;
    const offer = lane.offer(message, size, !local && isDroppable(message));
    if (offer.outcome === "queued") {
      if (!this.#congested && lane.high) {
        this.#congested = true;
      }
      if (this.runnable) {
        this.#scheduler.schedule(this);
      }
    }
    return offer;
  }

  deliver(limit: number): number {
    let delivered = 0;
    while (delivered < limit && this.runnable) {
      const message = this.#system.shift();
      if (message !== undefined) {
        this.#handle(message, true);
      } else {
        this.#handle(this.#data.shift() as AnyBusMessage, false);
      }
      delivered++;
    }
    if (this.#congested && this.#data.low && this.#system.low) {
      this.#congested = false;
      this.#events.relieved(this.subscriber);
    }
    return delivered;
  }

  /** Drops what waits. A handler that is running goes on. */
  close(): void {
    this.#closed = true;
    this.#scheduler.unschedule(this);
  }

  #handle(message: AnyBusMessage, system: boolean): void {
    let result: void | Promise<void>;
    try {
      result = this.subscriber.onBusMessage(message);
    } catch (error) {
      this.#events.failed(this.subscriber, message, error);
      return;
    }
    if (!(result instanceof Promise)) {
      return;
    }
    this.#setBusy(system, true);
    result
      .catch((error: unknown) => this.#events.failed(this.subscriber, message, error))
      .finally(() => {
        this.#setBusy(system, false);
        if (this.runnable) {
          this.#scheduler.schedule(this);
        }
      });
  }

  #setBusy(system: boolean, busy: boolean): void {
    if (system) {
      this.#systemBusy = busy;
    } else {
      this.#dataBusy = busy;
    }
  }
}
