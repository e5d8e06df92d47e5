import type { Status } from "../../base/status.js";
import type { LinkConsumer, Offer } from "../link.js";
import { lostMessage } from "./lost-message.js";

/** Messages that could not be delivered. */
interface Lost {
  readonly messages: readonly Uint8Array[];
  readonly why: Status;
}

/** The consumer of a link, who may come when there is something to tell already: that is kept for it. */
export class Audience {
  #consumer: LinkConsumer | undefined;
  /** What the peer has said about itself. */
  #offered: Offer | undefined;
  /** Why there is no connection, where nobody has been told yet. */
  #suspended: Status | undefined;
  #lost: Lost[] = [];

  get consumer(): LinkConsumer | undefined {
    return this.#consumer;
  }

  /** The consumer is there. It is told what was kept for it soon, not within the call that names it. */
  seat(consumer: LinkConsumer): void {
    this.#consumer = consumer;
    queueMicrotask(() => this.#tell());
  }

  /** The peer has said what it takes. */
  offered(offer: Offer): void {
    this.#offered = offer;
    this.#tell();
  }

  /** The connection is lost. */
  suspended(why: Status): void {
    this.#suspended = why;
    this.#tell();
  }

  /** There is a connection again. Who hasn't been told that one was lost has nothing to know. */
  resumed(outageMs: number): void {
    if (this.#suspended === undefined) {
      this.#consumer?.resumed?.(outageMs);
    }
    this.#suspended = undefined;
  }

  /** Messages could not be delivered. */
  undelivered(messages: readonly Uint8Array[], why: Status): void {
    if (messages.length > 0) {
      this.#lost.push({ messages, why });
      this.#tell();
    }
  }

  /** The link has ended: what the peer takes, and how the connection is, is of no use any more. What is lost is told all the same. */
  end(): void {
    this.#offered = undefined;
    this.#suspended = undefined;
  }

  #tell(): void {
    const consumer = this.#consumer;
    if (consumer === undefined) {
      return;
    }
    const offer = this.#offered;
    if (offer !== undefined) {
      this.#offered = undefined;
      consumer.offered?.(offer);
    }
    const suspended = this.#suspended;
    if (suspended !== undefined) {
      this.#suspended = undefined;
      consumer.suspended?.(suspended);
    }
    const lost = this.#lost;
    this.#lost = [];
    for (const { messages, why } of lost) {
      for (const message of messages) {
        consumer.undelivered(lostMessage(message), why);
      }
    }
  }
}
