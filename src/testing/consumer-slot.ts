import { consoleLogger } from "../base/logger.js";
import { Code, type Status, status } from "../base/status.js";
import type { Consumer } from "../transport/transport.js";

/** Where the consumer of a connection comes, and what waits for it there: the messages that were not handed over. */
export class ConsumerSlot {
  readonly #address: string;
  #consumer: Consumer | undefined;
  /** What was not handed over, and why where the connection behind has told it. */
  #lost: (readonly [bytes: Uint8Array, why: Status | undefined])[] = [];

  constructor(address: string) {
    this.#address = address;
  }

  get isTaken(): boolean {
    return this.#consumer !== undefined;
  }

  /** How many messages wait to be told as undelivered. */
  get lost(): number {
    return this.#lost.length;
  }

  take(consumer: Consumer): void {
    this.#consumer = consumer;
  }

  /** Gives the consumer a message. Returns whether it took it without throwing. */
  deliver(bytes: Uint8Array, isText: boolean): boolean {
    try {
      if (isText) {
        this.#consumer?.text?.(bytes);
      } else {
        this.#consumer?.message(bytes);
      }
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  lose(messages: readonly Uint8Array[], why?: Status): void {
    for (const bytes of messages) {
      this.#lost.push([bytes, why]);
    }
  }

  /** Takes back all but the oldest `count` of what was lost. */
  takeBack(count: number): readonly Uint8Array[] {
    return this.#lost.splice(count).map(([bytes]) => bytes);
  }

  /** Tells the consumer of what was lost, if there is one. `ending` is what the connection ended with. */
  tellLost(ending: Status | undefined): void {
    const consumer = this.#consumer;
    if (consumer === undefined) {
      return;
    }
    const lost = this.#lost;
    this.#lost = [];
    for (const [bytes, why = whyLost(ending)] of lost) {
      try {
        consumer.undelivered?.(bytes, why);
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  /** The consumer must not throw. When it does, that must not end the process. */
  #failed(error: unknown): void {
    consoleLogger.error("the consumer of a connection failed", { peer: this.#address, error });
  }
}

function whyLost(ending: Status | undefined): Status {
  return ending === undefined || ending.code === Code.OK
    ? status(Code.UNAVAILABLE, "the connection closed before the message was handed over")
    : ending;
}
