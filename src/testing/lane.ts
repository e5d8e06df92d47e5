import { longestMs } from "../base/check-milliseconds.js";
import type { Clock } from "../base/clock.js";
import type { Status } from "../base/status.js";
import { Timer } from "../transport/timer.js";
import { Fifo } from "./fifo.js";
import { integerUpTo, type Random } from "./random.js";

/** What goes along a lane: a message, or the end of the connection. */
export type LaneItem =
  | { readonly bytes: Uint8Array; readonly isText?: boolean; readonly end?: undefined }
  | { readonly end: Status; readonly bytes?: undefined; readonly isText?: undefined };

/** What a lane needs to know, and whom it tells what arrives at its other end, and that less waits in it. */
export interface LaneOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** How many bytes the operating systems and the network take in before a sender notices that they don't arrive. */
  readonly windowBytes: number;
  arrived(item: LaneItem): void;
  changed(): void;
}

/**
 * One direction of a connection with faults. Items leave it in the order in which they came, none before its time.
 * Without faults each leaves at once, within `pump()`.
 *
 * An item is first written, at the rate of the throttle, and then flies, for as long as the delay says.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #timer: Timer;
  /** What is on its way: first what flies, then what is to be written. */
  readonly #items = new Fifo<LaneItem>();
  /** When each item that flies arrives, though not before the one ahead of it. */
  #arrivals = new Fifo<number>();
  /** How many of the items were handed over: they are in the hands of the operating system, or fly. */
  #handedOver = 0;
  #handedOverBytes = 0;
  #messages = 0;
  #bytes = 0;
  #bytesPerSecond: number | undefined;
  /** Since when the line is free to write the next item. */
  #freeAt = 0;
  #delayMs = 0;
  #jitterMs = 0;
  #isSilent = false;
  #isSevered = false;
  #isHeld = false;
  #isPumping = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#timer = new Timer(options.clock);
  }

  /** How many messages are on their way. */
  get messages(): number {
    return this.#messages;
  }

  /** How many bytes are on their way. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many of the items on their way were handed over, the oldest ones. */
  get handedOver(): number {
    return this.#handedOver;
  }

  /** The bytes that have not been handed over. */
  get bufferedAmount(): number {
    return this.#bytes - this.#handedOverBytes;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** Whether nothing arrives, however long one waits. */
  get isSilent(): boolean {
    return this.#isSilent || this.#isSevered;
  }

  /** Whether an item would leave as soon as it comes. */
  get isClear(): boolean {
    return this.isEmpty && !this.isSilent && this.#delayMs + this.#jitterMs === 0 && this.#bytesPerSecond === undefined;
  }

  setSilent(silent: boolean): void {
    this.#isSilent = silent;
    this.pump();
  }

  /** Silent for good: the other end is gone. */
  sever(): void {
    this.#isSevered = true;
    this.pump();
  }

  /** Holds messages back that have arrived, because nobody takes them. */
  setHeld(held: boolean): void {
    this.#isHeld = held;
    this.pump();
  }

  /** Has what is written from now on fly for so long. */
  setDelay(ms: number, jitterMs: number): void {
    this.#delayMs = ms;
    this.#jitterMs = jitterMs;
  }

  setRate(bytesPerSecond: number | undefined): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#freeAt = this.#options.clock.now();
    this.pump();
  }

  /** Ends all faults. What is on its way arrives now. */
  heal(): void {
    this.#isSilent = false;
    this.#isSevered = false;
    this.setDelay(0, 0);
    const flying = this.#arrivals.length;
    this.#arrivals = new Fifo();
    for (let index = 0; index < flying; index++) {
      this.#arrivals.push(0);
    }
    this.setRate(undefined);
  }

  /** Takes an item in. It doesn't leave before `pump()` is called. */
  push(item: LaneItem): void {
    if (this.#items.length === this.#arrivals.length) {
      // A line that had nothing to do has not saved up what it could have written meanwhile.
      this.#freeAt = Math.max(this.#freeAt, this.#options.clock.now());
    }
    this.#items.push(item);
    this.#count(item, 1);
    this.#handOver();
  }

  /** Lets leave what can. */
  pump(): void {
    if (this.#isPumping) {
      return;
    }
    this.#isPumping = true;
    try {
      this.#write();
      for (let item = this.#takeArrived(); item !== undefined; item = this.#takeArrived()) {
        this.#options.arrived(item);
        this.#write();
      }
    } finally {
      this.#isPumping = false;
      this.#wait();
    }
  }

  /** Removes all but the oldest `count` items, and returns what is removed. */
  cut(count: number): readonly LaneItem[] {
    const items = this.#items.cut(count);
    for (const item of items) {
      this.#count(item, -1);
    }
    this.#arrivals.cut(count);
    this.#handedOver = 0;
    this.#handedOverBytes = 0;
    this.#handOver();
    this.#wait();
    this.#options.changed();
    return items;
  }

  /** Drops the messages, and leaves the end where there is one. */
  dropMessages(): void {
    const end = this.cut(0).find((item) => item.end !== undefined);
    if (end !== undefined) {
      this.push(end);
    }
  }

  #count(item: LaneItem, times: 1 | -1): void {
    this.#messages += item.bytes === undefined ? 0 : times;
    this.#bytes += times * sizeOf(item);
  }

  #write(): void {
    const now = this.#options.clock.now();
    for (let item = this.#nextToWrite(); item !== undefined; item = this.#nextToWrite()) {
      const writtenAt = this.#bytesPerSecond === undefined ? now : this.#freeAt + this.#writingMs(item);
      if (writtenAt > now) {
        return;
      }
      this.#freeAt = writtenAt;
      const jitterMs = this.#jitterMs === 0 ? 0 : integerUpTo(this.#jitterMs, this.#options.random);
      const flyingMs = this.#delayMs + jitterMs;
      this.#arrivals.push(writtenAt + flyingMs);
    }
  }

  #nextToWrite(): LaneItem | undefined {
    return this.#items.at(this.#arrivals.length);
  }

  #writingMs(item: LaneItem): number {
    return this.#bytesPerSecond === undefined ? 0 : (sizeOf(item) * 1000) / this.#bytesPerSecond;
  }

  #takeArrived(): LaneItem | undefined {
    const arrival = this.#arrivals.at(0);
    if (arrival === undefined || this.#isBlocked || arrival > this.#options.clock.now()) {
      return undefined;
    }
    const item = this.#items.shift() as LaneItem;
    this.#arrivals.shift();
    this.#count(item, -1);
    if (this.#handedOver > 0) {
      this.#handedOver -= 1;
      this.#handedOverBytes -= sizeOf(item);
    }
    this.#handOver();
    this.#options.changed();
    return item;
  }

  /** The end needs nobody to take it, once it is its turn. */
  get #isBlocked(): boolean {
    return this.isSilent || (this.#isHeld && this.#items.at(0)?.end === undefined);
  }

  /** Hands over as much as there is room for. */
  #handOver(): void {
    for (let item = this.#items.at(this.#handedOver); item !== undefined; item = this.#items.at(this.#handedOver)) {
      if (this.#handedOverBytes + sizeOf(item) > this.#options.windowBytes) {
        return;
      }
      this.#handedOver += 1;
      this.#handedOverBytes += sizeOf(item);
    }
  }

  #wait(): void {
    this.#timer.clear();
    const next = this.#nextToWrite();
    const arrives = this.#isBlocked ? Number.POSITIVE_INFINITY : (this.#arrivals.at(0) ?? Number.POSITIVE_INFINITY);
    const written = next === undefined ? Number.POSITIVE_INFINITY : this.#freeAt + this.#writingMs(next);
    const soonest = Math.min(arrives, written);
    if (soonest < Number.POSITIVE_INFINITY) {
      // Longer than platforms can wait is waited for in steps.
      const ms = Math.min(Math.max(0, Math.ceil(soonest - this.#options.clock.now())), longestMs);
      this.#timer.set(ms, () => this.pump());
    }
  }
}

function sizeOf({ bytes }: LaneItem): number {
  return bytes?.length ?? 0;
}
