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

/** The queues of one sort of messages. */
interface Lanes {
  readonly system: LaneQueue;
  readonly data: LaneQueue;
}

/**
 * The queue of one subscriber: a lane for system messages and one for data messages. Each lane handles one
 * message at a time. The data lane starts a message only when the system lane has nothing left to do, but a
 * system message doesn't wait for a data message to end.
 *
 * Prompt messages have a pair of lanes of their own, which wait for no promise: a handler may await what they bring.
 */
export class Mailbox implements Deliverer {
  readonly subscriber: BusSubscriber;
  isScheduled = false;
  following: Deliverer | undefined;
  readonly #system: LaneQueue;
  readonly #data: LaneQueue;
  /** Made when the first prompt message comes: most subscribers get none. */
  #prompt: Lanes | undefined;
  readonly #limits: QueueLimits;
  readonly #scheduler: Scheduler;
  readonly #events: MailboxEvents;
  #systemBusy = false;
  #dataBusy = false;
  #congested = false;
  /** Whether those should pause who feed it prompt messages: these are handled whatever holds up the others. */
  #promptCongested = false;
  #closed = false;

  constructor(subscriber: BusSubscriber, limits: QueueLimits, scheduler: Scheduler, events: MailboxEvents) {
    this.subscriber = subscriber;
    this.#limits = limits;
    const { system, data } = makeLanes(limits);
    this.#system = system;
    this.#data = data;
    this.#scheduler = scheduler;
    this.#events = events;
  }

  /** Whether those who feed the mailbox should pause. */
  get congested(): boolean {
    return this.#congested;
  }

  /** Whether those should pause who send messages such as this one. */
  congestedFor(message: AnyBusMessage): boolean {
    return this.#isPrompt(message) ? this.#promptCongested : this.#congested;
  }

  /** Messages that wait. */
  get length(): number {
    return this.#system.length + this.#data.length + this.#promptLength;
  }

  get runnable(): boolean {
    if (this.#closed) {
      return false;
    }
    if (this.#promptLength > 0) {
      return true;
    }
    if (this.#systemBusy) {
      return false;
    }
    return this.#system.length > 0 || (!this.#dataBusy && this.#data.length > 0);
  }

  /** Queues a message of `size` bytes, if it can be done. */
  offer(message: AnyBusMessage, size: number): Offer {
    const local = message instanceof LocalMessage;
    const system = local ? message.isSystem : isSystem(message);
    const prompt = this.#isPrompt(message);
    const lane = prompt ? this.#promptLanes[system ? "system" : "data"] : system ? this.#system : this.#data;
    const offer = lane.offer(message, size, !local && isDroppable(message));
    if (offer.outcome === "queued") {
      if (lane.high) {
        this.#congested = true;
        this.#promptCongested ||= prompt;
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
      this.#deliverNext();
      delivered++;
    }
    if (this.#congested && this.#promptLow) {
      const relieved = this.#promptCongested;
      this.#promptCongested = false;
      this.#congested = !this.#data.low || !this.#system.low;
      if (relieved || !this.#congested) {
        this.#events.relieved(this.subscriber);
      }
    }
    return delivered;
  }

  /** Drops what waits. A handler that is running goes on. */
  close(): void {
    this.#closed = true;
  }

  #isPrompt(message: AnyBusMessage): boolean {
    return this.subscriber.isPrompt?.(message) === true;
  }

  get #promptLength(): number {
    return this.#prompt === undefined ? 0 : this.#prompt.system.length + this.#prompt.data.length;
  }

  get #promptLow(): boolean {
    return this.#prompt === undefined || (this.#prompt.system.low && this.#prompt.data.low);
  }

  get #promptLanes(): Lanes {
    this.#prompt ??= makeLanes(this.#limits);
    return this.#prompt;
  }

  /** Delivers one message; there is one that may be delivered. */
  #deliverNext(): void {
    const urgent = this.#prompt?.system.shift();
    if (urgent !== undefined) {
      this.#handlePrompt(urgent);
      return;
    }
    const system = this.#systemBusy ? undefined : this.#system.shift();
    if (system !== undefined) {
      this.#handle(system, true);
      return;
    }
    const prompt = this.#prompt?.data.shift();
    if (prompt !== undefined) {
      this.#handlePrompt(prompt);
      return;
    }
    this.#handle(this.#data.shift() as AnyBusMessage, false);
  }

  #handlePrompt(message: AnyBusMessage): void {
    this.#call(message)?.catch((error: unknown) => this.#events.failed(this.subscriber, message, error));
  }

  #call(message: AnyBusMessage): Promise<void> | undefined {
    try {
      const result = this.subscriber.onBusMessage(message);
      return result instanceof Promise ? result : undefined;
    } catch (error) {
      this.#events.failed(this.subscriber, message, error);
      return undefined;
    }
  }

  #handle(message: AnyBusMessage, system: boolean): void {
    const result = this.#call(message);
    if (result === undefined) {
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

function makeLanes(limits: QueueLimits): Lanes {
  return {
    system: new LaneQueue(limits.maxSystemMessages, limits.maxSystemBytes),
    data: new LaneQueue(limits.maxMessages, limits.maxBytes),
  };
}
