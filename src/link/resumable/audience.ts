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
    queueMicrotask(() => {
      this.#tellOffered();
      this.#tellSuspended();
      this.#tellLost();
    });
  }

  /** The peer has said what it takes. */
  offered(offer: Offer): void {
    this.#offered = offer;
    this.#tellOffered();
  }

  /** The connection is lost. */
  suspended(why: Status): void {
    this.#suspended = why;
    this.#tellSuspended();
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
      this.#tellLost();
    }
  }

  /** The link has ended: what the peer takes, and how the connection is, is of no use any more. What is lost is told all the same. */
  end(): void {
    this.#offered = undefined;
    this.#suspended = undefined;
  }

  #tellOffered(): void {
    const offer = this.#offered;
    if (offer !== undefined && this.#consumer !== undefined) {
      this.#offered = undefined;
      this.#consumer.offered?.(offer);
    }
  }

  #tellSuspended(): void {
    const why = this.#suspended;
    if (why !== undefined && this.#consumer !== undefined) {
      this.#suspended = undefined;
      this.#consumer.suspended?.(why);
    }
  }

  #tellLost(): void {
    const consumer = this.#consumer;
    if (consumer === undefined) {
      return;
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
