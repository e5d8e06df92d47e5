import { TypedEvents } from "../base/events.js";
import { firstTime } from "../base/first-time.js";
import { type Logger, safeLogger } from "../base/logger.js";
import { Code, invalidArgument, type Status, StatusError, show, status } from "../base/status.js";
import { bodyTraits } from "../message/case-traits.js";
import { LocalMessage } from "../message/local-message.js";
import { approximateSize } from "../message/size.js";
import type { AgentBus, AnyBusMessage, BusEvents, BusSubscriber, QueueLimits } from "./agent-bus.js";
import { Mailbox, type MailboxEvents } from "./mailbox.js";
import { Scheduler } from "./scheduler.js";

/** What can be said about a bus in this process. */
export interface InProcessBusOptions {
  /** The bounds of each subscriber's queue. What is left out has the default that QueueLimits names. */
  readonly limits?: Partial<QueueLimits>;
  /** Where errors of subscribers are reported. Default: the console. */
  readonly logger?: Logger;
}

/** How many messages didn't get into the queue of whom they were for, since the bus was made. */
export interface BusStats {
  /** Refused since a queue was full: their sender was told, or `undelivered` was. */
  readonly refused: number;
  /** Media frames that a full queue has dropped. */
  readonly dropped: number;
}

const defaultLimits: QueueLimits = {
  maxMessages: 10_000,
  maxBytes: 67_108_864,
  maxSystemMessages: 1_000,
  maxSystemBytes: 16_777_216,
};

/** The size that a local message counts with: it holds references, whose size nobody knows. */
const localMessageSize = 64;

/** A bus within this process. */
export class InProcessBus extends TypedEvents<BusEvents> implements AgentBus {
  readonly #limits: QueueLimits;
  readonly #logger: Logger;
  readonly #scheduler = new Scheduler();
  readonly #mailboxes = new Set<Mailbox>();
  /** Made with the first one: as a rule there is none, and every message asks. */
  #observers: Set<Mailbox> | undefined;
  readonly #byAddress = new Map<string, Mailbox>();
  /** What was sent before start(). */
  #early: { readonly message: AnyBusMessage; readonly size: number }[] = [];
  #earlyBytes = 0;
  readonly #stats = { refused: 0, dropped: 0 };
  readonly #isNews = firstTime();
  readonly #mailboxEvents: MailboxEvents = {
    failed: (subscriber, message, error) => {
      this.#logger.error("a subscriber failed to handle a message", {
        subscriber: subscriber.name,
        message: describe(message),
        error,
      });
    },
    relieved: (subscriber) => this.emit("relieved", subscriber.name),
  };
  #state: "new" | "started" | "stopped" = "new";

  constructor(options: InProcessBusOptions = {}) {
    super();
    this.#limits = checkLimits({ ...defaultLimits, ...options.limits });
    this.#logger = safeLogger(options.logger);
  }

  /** How many messages full queues didn't take. */
  get stats(): BusStats {
    return { ...this.#stats };
  }

  send(message: AnyBusMessage, bytes = 0): void {
    if (message.source === "") {
      throw invalidArgument("message.source", message.source, "must be the name of the sender");
    }
    if (!(message instanceof LocalMessage) && !Object.hasOwn(bodyTraits, message.body.case ?? "")) {
      throw invalidArgument("message.body.case", message.body.case, "must be a case that the schema knows");
    }
    switch (this.#state) {
      case "started":
        this.#route(message, Math.max(bytes, sizeOf(message)));
        return;
      case "new":
        this.#keep(message, Math.max(bytes, sizeOf(message)));
        return;
      case "stopped":
        throw new StatusError(Code.UNAVAILABLE, `the bus has stopped, ${describe(message)} was not sent`);
    }
  }

  subscribe(subscriber: BusSubscriber): () => void {
    const addresses = [subscriber.name, ...(subscriber.addresses ?? [])];
    for (const [index, address] of addresses.entries()) {
      if (this.#byAddress.has(address) || addresses.indexOf(address) !== index) {
        throw new StatusError(
          Code.ALREADY_EXISTS,
          `an agent that answers to ${show(address)} is on this bus already: choose another name`,
        );
      }
    }
    const mailbox = new Mailbox(subscriber, this.#limits, this.#scheduler, this.#mailboxEvents);
    for (const address of addresses) {
      this.#byAddress.set(address, mailbox);
    }
    this.#mailboxes.add(mailbox);
    if (subscriber.observes === true) {
      this.#observers ??= new Set();
      this.#observers.add(mailbox);
    }
    return () => {
      if (this.#mailboxes.delete(mailbox)) {
        mailbox.close();
        this.#observers?.delete(mailbox);
        for (const address of addresses) {
          this.#byAddress.delete(address);
        }
        if (mailbox.congested) {
          // Those who paused for its sake would wait for ever.
          this.emit("relieved", subscriber.name);
        }
      }
    };
  }

  isCongested(address: string, message?: AnyBusMessage): boolean {
    const mailbox = this.#byAddress.get(address);
    return (message === undefined ? mailbox?.congested : mailbox?.congestedFor(message)) ?? false;
  }

  start(): void {
    if (this.#state !== "new") {
      return;
    }
    this.#state = "started";
    const early = this.#early;
    this.#early = [];
    for (const { message, size } of early) {
      try {
        this.#route(message, size);
      } catch (error) {
        // The sender is gone from the stack; what it would have been told becomes an event.
        this.emit("undelivered", message, error as StatusError);
      }
    }
  }

  stop(): void {
    this.#state = "stopped";
    this.#early = [];
    for (const mailbox of this.#mailboxes) {
      if (mailbox.length > 0) {
        this.#logger.debug("messages were dropped because the bus stopped", {
          subscriber: mailbox.subscriber.name,
          messages: mailbox.length,
        });
      }
      mailbox.close();
    }
    this.#mailboxes.clear();
    this.#observers = undefined;
    this.#byAddress.clear();
  }

  protected reportHandlerError(event: string, error: unknown): void {
    this.#logger.error("a handler of a bus event failed", { event, error });
  }

  #keep(message: AnyBusMessage, size: number): void {
    if (this.#early.length >= this.#limits.maxMessages || this.#earlyBytes + size > this.#limits.maxBytes) {
      this.#stats.refused++;
      throw new StatusError(
        Code.RESOURCE_EXHAUSTED,
        `too much was sent before the bus started (${this.#early.length} messages), ${describe(message)} was refused`,
      );
    }
    this.#earlyBytes += size;
    this.#early.push({ message, size });
  }

  #route(message: AnyBusMessage, size: number): void {
    if (message.target === undefined) {
      for (const mailbox of this.#mailboxes) {
        if (mailbox.subscriber.wants?.(message) !== false) {
          this.#offerOrTell(mailbox, message, size);
        }
      }
      return;
    }
    const receiver = this.#byAddress.get(message.target);
    if (this.#observers !== undefined) {
      for (const observer of this.#observers) {
        if (observer !== receiver) {
          this.#offerOrTell(observer, message, size);
        }
      }
    }
    if (receiver === undefined) {
      if (this.#isNews(message.target)) {
        this.#logger.warn("nobody answers to the target of a message", {
          target: message.target,
          source: message.source,
          case: message.body.case,
        });
      }
      this.emit(
        "undelivered",
        message,
        status(Code.NOT_FOUND, `nobody answers to ${show(message.target)}, ${describe(message)} was not delivered`),
      );
      return;
    }
    const refusal = this.#offer(receiver, message, size);
    if (refusal !== undefined) {
      throw StatusError.of(refusal);
    }
  }

  /** Offers a message that has other receivers too: that one can't take it is no concern of the sender's. */
  #offerOrTell(mailbox: Mailbox, message: AnyBusMessage, size: number): void {
    const refusal = this.#offer(mailbox, message, size);
    if (refusal === undefined) {
      return;
    }
    if (this.#observers?.has(mailbox) === true) {
      // Not undelivered: nobody is to take a task for lost because somebody who only looks on is slow.
      this.emit("missed", message, mailbox.subscriber.name);
    } else {
      this.emit("undelivered", message, refusal);
    }
  }

  #offer(mailbox: Mailbox, message: AnyBusMessage, size: number): Status | undefined {
    const offer = mailbox.offer(message, size);
    switch (offer.outcome) {
      case "queued":
        for (const evicted of offer.evicted) {
          this.#tellDropped(evicted, mailbox);
        }
        return undefined;
      case "dropped":
        this.#tellDropped(message, mailbox);
        return undefined;
      case "refused":
        this.#stats.refused++;
        return status(
          Code.RESOURCE_EXHAUSTED,
          `the queue of ${show(mailbox.subscriber.name)} is full (${mailbox.length} messages), ${describe(message)} was refused`,
        );
    }
  }

  #tellDropped(message: AnyBusMessage, mailbox: Mailbox): void {
    this.#stats.dropped++;
    if (!(message instanceof LocalMessage)) {
      this.emit("dropped", message, mailbox.subscriber.name);
    }
  }
}

function sizeOf(message: AnyBusMessage): number {
  return message instanceof LocalMessage ? localMessageSize : approximateSize(message);
}

/** Names a message for people, without its content. */
function describe(message: AnyBusMessage): string {
  return `${message.body.case} from ${show(message.source)}`;
}

function checkLimits(limits: QueueLimits): QueueLimits {
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw invalidArgument(`limits.${name}`, value, "must be a positive integer");
    }
  }
  return limits;
}
