import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { Handler } from "../base/events.js";
import type { Status } from "../base/status.js";
import type { LocalMessage } from "../message/local-message.js";

/** Whatever travels on a bus: messages of the schema, and messages with live references. */
export type AnyBusMessage = BusMessage | LocalMessage;

/** Takes part in a bus. */
export interface BusSubscriber {
  /** The name that messages for the subscriber have as target. Unique on the bus. */
  readonly name: string;
  /**
   * Further targets that the subscriber answers for, as a proxy does for its remote agent. Each is unique on
   * the bus, among names too. Default: none.
   */
  readonly addresses?: readonly string[];
  /** Whether the subscriber also gets what is targeted at others. Default: false. */
  readonly observes?: boolean;
  /**
   * Whether the subscriber has any use for a message that is for all. One that it hasn't isn't queued for it: that costs
   * least where there are many. Default: for every one.
   */
  readonly wants?: (message: AnyBusMessage) => boolean;
  /**
   * Whether a message is handled promptly: in its turn among those of its lane, but also while the promise of another
   * message is pending. Nothing waits for the promise of a prompt one. Default: none is.
   */
  readonly isPrompt?: (message: AnyBusMessage) => boolean;
  /**
   * Handles a message. Messages of one lane come one at a time and in order: the next waits for the promise of
   * this one. System messages come before queued data messages, and while the promise of a data message is
   * pending; data messages wait until no system message is left. What it throws is reported, and the lane goes
   * on.
   */
  onBusMessage(message: AnyBusMessage): void | Promise<void>;
}

/** The bounds of a subscriber's queue. */
export interface QueueLimits {
  /** Data messages that may wait. Default: 10 000. */
  readonly maxMessages: number;
  /** Bytes, roughly, that waiting data messages may hold. Default: 64 MiB. */
  readonly maxBytes: number;
  /** System messages that may wait, beside the data messages. Default: 1 000. */
  readonly maxSystemMessages: number;
  /** Bytes, roughly, that waiting system messages may hold. Default: 16 MiB. */
  readonly maxSystemBytes: number;
}

/** What a bus tells. */
export type BusEvents = {
  /** A message that reached no queue: nobody answers for its target, or a queue is full, as the status says. */
  undelivered: [message: AnyBusMessage, status: Status];
  /** An observer's queue was full, and it missed a message, which whoever else it is for gets all the same. */
  missed: [message: AnyBusMessage, subscriber: string];
  /** A media frame that a full queue dropped to make room. */
  dropped: [message: BusMessage, subscriber: string];
  /** A subscriber's queue, which was congested, has drained, or its prompt messages have, or the subscriber is gone. */
  relieved: [subscriber: string];
};

/**
 * Publish and subscribe of bus messages. A message with a target goes to whoever answers for it and to
 * observers, so that its cost doesn't grow with the number of agents; one without goes to all, the sender
 * included.
 */
export interface AgentBus {
  /**
   * Sends a message. Before `start()` it is kept, and delivered then. `bytes` is what the message keeps alive at least,
   * for the limits of queues, where the sender knows it: what came over a link keeps all of its bytes. Default: an
   * estimate. Receivers get the very message: it must not be changed afterwards.
   *
   * Throws INVALID_ARGUMENT for a message without source or body, RESOURCE_EXHAUSTED when the queue of the target
   * is full, and UNAVAILABLE once the bus has stopped.
   */
  send(message: AnyBusMessage, bytes?: number): void;

  /**
   * Adds a subscriber. Returns a function that removes it, with what waits for it. Throws ALREADY_EXISTS when
   * its name or one of its addresses is taken.
   */
  subscribe(subscriber: BusSubscriber): () => void;

  /**
   * Whether the queue of whoever answers for `address` is so full that those who feed it should pause. With `message`
   * only those count that would be ahead of it: a prompt message isn't held up by others.
   */
  isCongested(address: string, message?: AnyBusMessage): boolean;

  /** Starts to deliver, first what was sent before. */
  start(): void;

  /** Stops delivering, and drops what waits. */
  stop(): void;

  /** Calls `handler` at every event `name`. Returns a function that stops it. */
  on<Name extends keyof BusEvents>(name: Name, handler: Handler<BusEvents[Name]>): () => void;
}
