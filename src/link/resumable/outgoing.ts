import type { Clock } from "../../base/clock.js";
import { type Deferred, deferred } from "../../base/deferred.js";
import type { Channel } from "./channel.js";
import type { Ack } from "./frame.js";
import { maxSocketBytes, maxSystemRunBytes, systemBuffer, type Window } from "./limits.js";
import { Pace } from "./pace.js";
import { SendLane, type Skipped } from "./send-lane.js";

/** How long senders wait at most while the peer is there and takes nothing, in milliseconds. */
const maxStuckMs = 10_000;

/** When to look again at a connection that says it is drained and isn't, in milliseconds. */
const retryMs = 20;

/** What an `Outgoing` is told. */
export interface OutgoingOptions {
  readonly clock: Clock;
  /** How much is kept of the data lane. */
  readonly buffer: Window;
  /** What happens when that is full: with `block` senders wait when much is kept. */
  readonly overflow: "block" | "reject" | "reset";
}

/** Whom an `Outgoing` tells. */
export interface OutgoingListener {
  /** Messages have expired before they were sent. */
  expired(messages: readonly Uint8Array[]): void;
  /** Everything that was to be sent has been handed to the connection. */
  sent(): void;
}

/** What an end sends: its two lanes, and how they share the connection, if there is one. */
export class Outgoing {
  readonly system: SendLane;
  readonly data: SendLane;
  readonly #options: OutgoingOptions;
  readonly #listener: OutgoingListener;
  #channel: Channel | undefined;
  #pace = new Pace();
  /** Whether the socket has enough for now. */
  #isFull = false;
  #isPumping = false;
  #preventRetry = () => {};
  /** The bytes of system frames since the last data frame. */
  #systemRun = 0;
  #relieved: Deferred<void> | undefined;
  #preventStuck: (() => void) | undefined;
  /** Whether those that wait were let go, and nothing has been acknowledged since. */
  #isStuck = false;

  constructor(options: OutgoingOptions, listener: OutgoingListener) {
    this.#options = options;
    this.#listener = listener;
    this.system = new SendLane(true, systemBuffer);
    this.data = new SendLane(false, options.buffer);
  }

  /** How many messages have not been handed to this connection. */
  get unsent(): number {
    return this.system.unsent + this.data.unsent;
  }

  /** How many messages, and bytes, aren't acknowledged. */
  get length(): number {
    return this.system.length + this.data.length;
  }

  get bytes(): number {
    return this.system.bytes + this.data.bytes;
  }

  /** Sends over a connection from now on. The lanes are where the peer wants them. */
  attach(channel: Channel): void {
    this.#channel = channel;
    this.#isFull = false;
    this.#isStuck = false;
    this.#pace = new Pace();
    // Before any data, so that it tells how long a round trip takes without.
    this.ping();
    this.pump();
  }

  /** Asks the peer for a sign, which also tells what has arrived. */
  ping(): void {
    this.#channel?.sendControl({ case: "ping", value: { token: this.#pace.mark(this.#options.clock.now()) } });
  }

  /** Takes in a pong. Returns how long it took, in milliseconds; undefined for one that nobody waits for. */
  answered(token: bigint): number | undefined {
    const ms = this.#pace.answered(token, this.#options.clock.now());
    if (this.#pace.isMarkDue) {
      this.ping();
    } else if (this.#isFull) {
      this.#askForSign();
    }
    this.pump();
    return ms;
  }

  detach(): void {
    this.#channel = undefined;
    this.#preventRetry();
  }

  /** Takes in an ack. Returns whether it can be true. */
  acknowledge({ system, data }: Ack): boolean {
    const before = this.length;
    if (!this.system.acknowledge(system) || !this.data.acknowledge(data)) {
      return false;
    }
    if (this.length < before) {
      this.#isStuck = false;
    }
    this.#relieve();
    this.pump();
    return true;
  }

  /** Sends what may be sent. */
  pump(now = this.#options.clock.now()): void {
    const channel = this.#channel;
    if (channel === undefined || this.#isFull || this.#isPumping) {
      return;
    }
    this.#isPumping = true;
    try {
      while (this.unsent > 0 && channel === this.#channel && channel.isOpen) {
        if (channel.bufferedAmount >= maxSocketBytes) {
          this.#waitFor(channel);
          return;
        }
        const next = this.#take(now);
        if (next === undefined) {
          break;
        }
        if (next instanceof Uint8Array) {
          channel.send(next);
          if (this.#pace.sent(next.length)) {
            this.ping();
          }
        } else {
          channel.sendControl({ case: "skip", value: next.skip });
          if (next.expired.length > 0) {
            this.#listener.expired(next.expired);
          }
          this.#relieve();
        }
      }
    } finally {
      this.#isPumping = false;
    }
    if (this.unsent === 0) {
      this.#listener.sent();
    }
  }

  /** Resolves once there is room again; undefined while there is. */
  drained(): Promise<void> | undefined {
    if (this.#options.overflow !== "block" || this.#isStuck || !this.data.isAbove(1 / 2)) {
      return undefined;
    }
    if (this.#relieved === undefined) {
      this.#relieved = deferred();
      this.#watch(this.data.length);
    }
    return this.#relieved.promise;
  }

  /** Forgets everything, and returns what isn't acknowledged. */
  clear(): Uint8Array[] {
    this.detach();
    const left = [...this.system.clear(), ...this.data.clear()];
    this.#letGo();
    return left;
  }

  #take(now: number): Uint8Array | Skipped | undefined {
    if (this.#systemRun >= maxSystemRunBytes) {
      this.#systemRun = 0;
      // Its turn has come, however much of the others is on its way.
      return this.data.take(now) ?? this.#takeSystem(now);
    }
    return this.#takeSystem(now) ?? this.#takeData(now);
  }

  #takeData(now: number): Uint8Array | Skipped | undefined {
    return this.data.unsent === 0 || this.#pace.isHeld() ? undefined : this.data.take(now);
  }

  #takeSystem(now: number): Uint8Array | Skipped | undefined {
    const next = this.system.take(now);
    this.#systemRun = next instanceof Uint8Array ? this.#systemRun + next.length : 0;
    return next;
  }

  /**
   * Sees to it that an answer is on its way while the socket is full. Where a page is hidden it is what tells in time that there
   * is room again: a browser's socket has to be asked, and the timer for that is late, by up to a minute.
   */
  #askForSign(): void {
    if (!this.#pace.isAsking) {
      this.ping();
    }
  }

  #waitFor(channel: Channel): void {
    this.#isFull = true;
    this.#askForSign();
    const goOn = () => {
      if (channel === this.#channel) {
        this.#isFull = false;
        this.pump();
      }
    };
    void channel.drained(maxSocketBytes / 2).then(() => {
      if (channel.bufferedAmount < maxSocketBytes) {
        goOn();
      } else {
        // The connection is about to end, which its link is told in a moment.
        this.#preventRetry = this.#options.clock.after(retryMs, goOn);
      }
    });
  }

  #relieve(): void {
    if (this.#relieved !== undefined && !this.data.isAbove(1 / 4)) {
      this.#letGo();
    }
  }

  /** Lets those go that wait, when a peer that is there has taken nothing for too long. */
  #watch(length: number): void {
    this.#preventStuck = this.#options.clock.after(maxStuckMs, () => {
      if (this.#channel === undefined || this.data.length < length) {
        this.#watch(this.data.length);
      } else {
        this.#isStuck = true;
        this.#letGo();
      }
    });
  }

  #letGo(): void {
    this.#preventStuck?.();
    this.#preventStuck = undefined;
    this.#relieved?.resolve();
    this.#relieved = undefined;
  }
}
