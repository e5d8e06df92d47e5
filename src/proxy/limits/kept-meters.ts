import type { Clock } from "../../base/clock.js";
import type { CheckedLimits } from "./server-limits.js";
import { TokenBucket } from "./token-bucket.js";

/** What a connection may still send: so many messages and bytes at once, and then so much a second. */
export class Meter {
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;

  constructor(limits: Pick<CheckedLimits, "messagesPerSecond" | "bytesPerSecond">, clock: Clock) {
    this.messages = new TokenBucket(limits.messagesPerSecond, clock);
    this.bytes = new TokenBucket(limits.bytesPerSecond, clock);
  }

  /** Whether it is as good as a new one. */
  get isFull(): boolean {
    return this.messages.isFull && this.bytes.isFull;
  }
}

/**
 * Keeps the meters of connections that have ended until they are full again, for the next connections of the same clients:
 * one that connects again and again has no more than one that stays.
 */
export class KeptMeters {
  /** By client. Who has left a meter last comes last, and of the meters of a client the one that was left last. */
  readonly #kept = new Map<string, Meter[]>();

  /** How many clients have left any. */
  get size(): number {
    return this.#kept.size;
  }

  /** The connection of a client has ended. */
  keep(holder: string, meter: Meter): void {
    this.#sweep();
    if (!meter.isFull) {
      const kept = this.#kept.get(holder) ?? [];
      kept.push(meter);
      this.#kept.delete(holder);
      this.#kept.set(holder, kept);
    }
  }

  /** The meter for a new connection of a client; undefined where it has left none. */
  take(holder: string): Meter | undefined {
    const kept = this.#kept.get(holder);
    const meter = kept?.pop();
    if (kept?.length === 0) {
      this.#kept.delete(holder);
    }
    return meter;
  }

  /** Forgets those that are full, and stops at the first client with one that isn't. What is left isn't older than a few seconds. */
  #sweep(): void {
    for (const [holder, kept] of this.#kept) {
      while (kept[0]?.isFull) {
        kept.shift();
      }
      if (kept.length > 0) {
        return;
      }
      this.#kept.delete(holder);
    }
  }
}
