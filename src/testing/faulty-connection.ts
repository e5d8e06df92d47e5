import type { Clock } from "../base/clock.js";
import { deferred } from "../base/deferred.js";
import { Code, formatStatus, type Status, StatusError, status } from "../base/status.js";
import { Timer } from "../transport/timer.js";
import type { Connection, Consumer, Peer } from "../transport/transport.js";
import { ConsumerSlot } from "./consumer-slot.js";
import { FarEnd } from "./far-end.js";
import type { Fault, FaultEvent, FaultStep } from "./fault.js";
import { FaultScript } from "./fault-script.js";
import { Lane, type LaneItem } from "./lane.js";
import { LastingFaults } from "./lasting-faults.js";
import type { Random } from "./random.js";
import { tear } from "./tear.js";

/** How long a peer may take to answer a close, in milliseconds, as with the transports of this package. */
const closeTimeoutMs = 3_000;

/** How long a consumer may take, in milliseconds, to take what arrived before the end. */
const takeTimeoutMs = 10_000;

/** What a connection with faults is made with. */
export interface FaultyConnectionOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly windowBytes: number;
  readonly script: readonly FaultStep[];
  /** Makes a second connection from the same peer, where this end is the one that connects. */
  readonly again: (() => Promise<Connection>) | undefined;
  /** Is told what was done. */
  note(event: Omit<FaultEvent, "atMs" | "connection">): void;
  /** Is called once nothing is left of the connection, at either end. */
  gone(): void;
}

/** One end of a connection, with faults on the way to the other one. */
export class FaultyConnection implements Connection {
  readonly #options: FaultyConnectionOptions;
  readonly #far: FarEnd;
  readonly #out: Lane;
  readonly #in: Lane;
  readonly #lasting: LastingFaults;
  readonly #script: FaultScript;
  readonly #closed = deferred<Status>();
  readonly #closing: Timer;
  readonly #taking: Timer;
  #changed = deferred();
  readonly #slot: ConsumerSlot;
  #isPaused = false;
  /** With what the connection ends, once nothing can be sent any more. */
  #ending: Status | undefined;
  /** Whether this end has called `close()`. */
  #hasClosed = false;
  /** Whether the connection broke here. */
  #isBroken = false;
  #isFinished = false;
  #truncatesNext = false;
  /** The message for which `send()` is under way. */
  #sending: Uint8Array | undefined;

  constructor(inner: Connection, options: FaultyConnectionOptions) {
    this.#options = options;
    const { clock, random, windowBytes } = options;
    const lane = { clock, random, windowBytes, changed: () => this.#hasChanged() };
    this.#out = new Lane({ ...lane, arrived: (item) => this.#leave(item) });
    this.#in = new Lane({ ...lane, arrived: (item) => this.#arrive(item) });
    this.#lasting = new LastingFaults({ out: this.#out, in: this.#in }, clock, (event) => options.note(event));
    this.#script = new FaultScript(options.script, clock, (fault) => this.inject(fault));
    this.#slot = new ConsumerSlot(inner.peer.address);
    this.#closing = new Timer(clock);
    this.#taking = new Timer(clock);
    this.#far = new FarEnd(inner, windowBytes, {
      message: (bytes, isText) => this.#come(bytes, isText),
      undelivered: (bytes, why) => this.#lose(bytes, why),
      ended: (why) => this.#farEnded(why),
    });
    options.note({ type: "connected" });
    this.#script.start();
  }

  get protocol(): string {
    return this.#far.connection.protocol;
  }

  get peer(): Peer {
    return this.#far.connection.peer;
  }

  get bufferedAmount(): number {
    return this.#isFinished ? 0 : this.#out.bufferedAmount + this.#far.connection.bufferedAmount;
  }

  get closed(): Promise<Status> {
    return this.#closed.promise;
  }

  send(bytes: Uint8Array): void {
    if (this.#ending !== undefined) {
      const why = formatStatus(this.#ending);
      throw new StatusError(Code.UNAVAILABLE, `the connection to ${this.peer.address} is closed: ${why}`);
    }
    this.#out.push({ bytes });
    if (this.#truncatesNext) {
      this.#break("truncate");
    }
    this.#script.sent();
    this.#sending = bytes;
    try {
      this.#out.pump();
    } finally {
      this.#sending = undefined;
    }
  }

  async drained(amount: number): Promise<void> {
    while (this.bufferedAmount > amount) {
      const own = this.#out.bufferedAmount;
      const behind = own > amount || this.#far.hasEnded ? [] : [this.#far.connection.drained(amount - own)];
      await Promise.race([this.#changed.promise, ...behind]);
    }
  }

  receive(consumer: Consumer): void {
    if (this.#slot.isTaken) {
      throw new StatusError(
        Code.FAILED_PRECONDITION,
        `the connection to ${this.peer.address} has a consumer already; call receive() once`,
      );
    }
    this.#slot.take(consumer);
    this.#far.receive(consumer.text !== undefined);
    if (this.#isFinished) {
      // In a later microtask, as the connection behind does: what that tells is older, and comes first.
      queueMicrotask(() => this.#slot.tellLost(this.#ending));
    }
  }

  pause(): void {
    this.#isPaused = true;
    this.#in.setHeld(true);
    this.#controlReading();
    this.#waitForConsumer();
  }

  resume(): void {
    this.#isPaused = false;
    this.#taking.clear();
    queueMicrotask(() => this.#in.setHeld(this.#isPaused));
    this.#controlReading();
  }

  close(closing: Status): Promise<Status> {
    if (!this.#isFinished && !this.#hasClosed) {
      this.#hasClosed = true;
      this.#script.stop();
      this.#in.dropMessages();
      this.#in.pump();
      if (this.#ending === undefined) {
        this.#ending = closing;
        this.#out.push({ end: closing });
        this.#out.pump();
      }
      this.#waitForPeer();
    }
    return this.closed;
  }

  /** Does one thing to the connection now, unless it has ended. */
  inject(fault: Fault): void {
    if (this.#isFinished || this.#isBroken) {
      return;
    }
    switch (fault.type) {
      case "cut":
        this.#cut(fault.ends ?? "both");
        break;
      case "truncate":
        this.#truncatesNext = this.#out.messages === 0;
        if (!this.#truncatesNext) {
          this.#break("truncate");
        }
        break;
      case "halfOpen":
      case "delay":
      case "throttle":
        this.#lasting.begin(fault);
        break;
      case "duplicate":
        this.#duplicate();
        break;
      case "refuse":
        // Of attempts to connect, and this is a connection.
        break;
    }
  }

  /** Ends all faults: what waits arrives, and an end that didn't notice the end of the other one does now. */
  heal(): void {
    this.#script.stop();
    this.#lasting.forget();
    this.#truncatesNext = false;
    this.#options.note({ type: "healed" });
    if (this.#isFinished || this.#isBroken) {
      this.#far.close(this.#broke());
    } else {
      this.#in.heal();
      this.#out.heal();
    }
  }

  #cut(ends: "both" | "near" | "far"): void {
    if (ends === "far") {
      this.#options.note({ type: "cut", ends });
      this.#out.sever();
      this.#in.sever();
      this.#far.close(this.#broke());
    } else {
      this.#break("cut", ends);
    }
  }

  /** Breaks the connection at this end, and at the far one too unless told otherwise. */
  #break(type: "cut" | "truncate", ends: "both" | "near" = "both"): void {
    const { random, note } = this.#options;
    this.#truncatesNext = false;
    this.#isBroken = true;
    this.#ending ??= this.#broke();
    this.#slot.lose(this.#far.detach());
    const known = this.#slot.lost;
    const out = tear(this.#out, random, { cutsMessage: type === "truncate", tellsAll: known > 0 });
    const incoming = tear(this.#in, random);
    this.#out.heal();
    // The far end may be closed, and this one not know yet: then nothing arrives, and all of it is told.
    const refused = this.#slot.takeBack(known);
    this.#slot.lose(refused.length > 0 ? [...refused, ...out.lost] : out.told);
    note({
      type,
      ...(type === "cut" ? { ends } : {}),
      ...out.written,
      outArrived: out.arrived - refused.length,
      outLost: out.lost.length + refused.length,
      told: this.#slot.lost,
      inArrived: incoming.arrived,
      inLost: incoming.lost.length,
    });
    if (ends === "both") {
      this.#far.close(this.#broke());
    }
    this.#in.push({ end: this.#ending });
    this.#in.heal();
    this.#waitForConsumer();
  }

  #duplicate(): void {
    const { again, note } = this.#options;
    if (again !== undefined) {
      note({ type: "duplicate" });
      this.#far.duplicate(again, (made) => note({ type: made ? "duplicated" : "notDuplicated" }));
    }
  }

  /** Something has reached the far end. */
  #leave({ bytes, end }: LaneItem): void {
    if (bytes === undefined) {
      this.#far.close(end);
      return;
    }
    try {
      this.#far.send(bytes);
    } catch (error) {
      // The far end is closed. Whether this one can know that already depends on what lies between.
      if (bytes === this.#sending && this.#in.isClear) {
        throw error;
      }
      this.#slot.lose([bytes]);
    }
  }

  /** The far end has sent something. */
  #come(bytes: Uint8Array, isText: boolean): void {
    if (this.#ending === undefined) {
      this.#in.push({ bytes, isText });
      this.#script.received();
      this.#in.pump();
      this.#controlReading();
    }
  }

  /** Something has reached this end. */
  #arrive({ bytes, isText, end }: LaneItem): void {
    if (bytes === undefined) {
      this.#finish(end);
      return;
    }
    if (!this.#slot.deliver(bytes, isText === true)) {
      void this.close(status(Code.INTERNAL, "a message could not be handled"));
    }
  }

  #farEnded(why: Status): void {
    if (this.#isFinished) {
      this.#options.gone();
    } else if (!this.#isBroken) {
      this.#in.push({ end: why });
      this.#in.pump();
      this.#waitForPeer();
      this.#waitForConsumer();
    }
  }

  /** After a close this end waits for the other one, though not for ever. */
  #waitForPeer(): void {
    // Where nothing lies between, the connection behind waits by itself.
    if (this.#hasClosed && !this.#isFinished && (!this.#out.isEmpty || this.#far.hasEnded)) {
      this.#closing.set(closeTimeoutMs, () => {
        const isHeard = !this.#out.isSilent;
        this.#slot.lose(this.#far.detach());
        this.#finish(this.#ending as Status);
        if (isHeard) {
          this.#far.close(this.#broke());
        }
      });
    }
  }

  /** After the end a consumer that has paused is waited for, though not for ever. */
  #waitForConsumer(): void {
    if (this.#isPaused && !this.#isFinished && (this.#isBroken || this.#far.hasEnded)) {
      this.#taking.set(takeTimeoutMs, () => {
        this.#in.dropMessages();
        this.#in.pump();
      });
    }
  }

  #finish(why: Status): void {
    if (this.#isFinished) {
      return;
    }
    this.#isFinished = true;
    this.#ending = why;
    this.#script.stop();
    this.#lasting.forget();
    this.#closing.clear();
    this.#taking.clear();
    // What is left there is lost.
    this.#out.sever();
    this.#slot.lose(tear(this.#out, this.#options.random, { tellsAll: this.#slot.lost > 0 }).told);
    this.#in.cut(0);
    this.#options.note({ type: "ended", status: formatStatus(why), told: this.#slot.lost });
    this.#slot.tellLost(why);
    this.#closed.resolve(why);
    this.#hasChanged();
    if (this.#far.hasEnded) {
      this.#far.close(why);
      this.#options.gone();
    }
  }

  #lose(bytes: Uint8Array, why: Status): void {
    this.#slot.lose([bytes], why);
    if (this.#isFinished) {
      this.#slot.tellLost(this.#ending);
    }
  }

  #broke(): Status {
    return status(Code.UNAVAILABLE, `the connection to ${this.peer.address} broke`);
  }

  /** Stops reading while nobody takes what arrives, or the network holds as much as it can. */
  #controlReading(): void {
    if (!this.#isBroken && !this.#isFinished) {
      this.#far.setReading(!this.#isPaused && this.#in.bytes <= this.#options.windowBytes);
    }
  }

  #hasChanged(): void {
    const changed = this.#changed;
    this.#changed = deferred();
    changed.resolve();
    this.#controlReading();
  }
}
