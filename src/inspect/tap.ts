import { type Clock, systemClock } from "../base/clock.js";
import { dispose } from "../base/dispose.js";
import { type Handler, TypedEvents } from "../base/events.js";
import { type Logger, safeLogger } from "../base/logger.js";
import { randomName } from "../base/random-name.js";
import { invalidArgument, type Status } from "../base/status.js";
import type { AgentBus, AnyBusMessage } from "../bus/agent-bus.js";
import { checkAgentName } from "../message/names.js";
import type { Denial, ProxyEvents } from "../proxy/proxy-agent.js";
import type { ProxyClientAgent, ProxyClientEvents } from "../proxy/proxy-client-agent.js";
import type { ProxyServerAgent, ProxyServerEvents } from "../proxy/proxy-server-agent.js";
import type { Relay } from "../proxy/relay.js";
import type { RelayDirection } from "../proxy/relay-ways.js";
import { clip, factsOf, peekedFacts, statusFacts } from "./message-facts.js";
import { RateLimit } from "./rate-limit.js";
import { Ring } from "./ring.js";
import type { TapEvent, TapRecord } from "./tap-record.js";
import { whyDenied } from "./why-denied.js";

/** What can be said about a tap. */
export interface TapOptions {
  /** What its records call it, for people. At most 256 bytes, without control characters. */
  readonly name: string;
  /** How many records it holds; beyond that the oldest go, and are counted. Default: 1 000. */
  readonly capacity?: number;
  /**
   * How many messages a second it records; what comes beyond that is only counted. What went wrong (denied, undelivered,
   * dropped, invalid) and what became of connections has as many of its own, so that a stream of audio hides none of it.
   * Default: 200.
   */
  readonly maxPerSecond?: number;
  /** Where handlers that fail are reported. Default: the console. */
  readonly logger?: Logger;
  /** Where time comes from. Default: the platform. */
  readonly clock?: Clock;
}

/** The events of a tap. */
export type TapEvents = {
  /** There is a record. Many may come in one turn: who writes them somewhere had better remember to `read()`. */
  record: [record: TapRecord];
};

/** How much a tap has seen, and how much of it it has no record of. */
export interface TapStats {
  readonly recorded: number;
  /** Records that made room for newer ones. */
  readonly overwritten: number;
  /** What the rate limit left out. */
  readonly leftOut: number;
  /** Messages of a bus that the queue of the tap had no room for. */
  readonly missed: number;
}

/** When a message was first seen, and its number; without one the rate limit left it out. */
interface Seen {
  readonly at: number;
  readonly message: number | undefined;
}

/**
 * A read-only tap: records what is on a bus and what crosses bridges, from whom to whom and of which type, never the
 * content. It is fed by what buses, proxies and relays tell anyway: where there is no tap nothing is spent on it, and
 * where there is one, nobody who sends or receives waits for it. Its memory is bounded, and so is what it records a
 * second.
 *
 * Watch a bus before agents are added to it, to see messages no later than they do.
 *
 * @example
 * const tap = new Tap({ name: "server" });
 * tap.watchBus(runner.bus);
 * tap.watchProxy(proxy);
 * tap.on("record", (record) => console.log(record));
 */
export class Tap extends TypedEvents<TapEvents> implements Disposable {
  readonly name: string;
  readonly #ring: Ring<TapRecord>;
  readonly #messages: RateLimit;
  readonly #troubles: RateLimit;
  readonly #logger: Logger;
  readonly #clock: Clock;
  /** The messages that were seen, for as long as somebody else holds them. */
  readonly #seen = new WeakMap<AnyBusMessage, Seen>();
  readonly #watches = new Set<() => void>();
  #numbered = 0;
  #leftOut = 0;
  /** How many were left out up to the last record. */
  #leftOutBefore = 0;
  #missed = 0;

  /** Throws INVALID_ARGUMENT for a bad option. */
  constructor(options: TapOptions) {
    super();
    const { name, capacity = 1_000, maxPerSecond = 200, clock = systemClock } = options;
    checkAgentName("name", name);
    this.name = name;
    this.#ring = new Ring(checkCount("capacity", capacity));
    this.#messages = new RateLimit(checkCount("maxPerSecond", maxPerSecond));
    this.#troubles = new RateLimit(maxPerSecond);
    this.#logger = safeLogger(options.logger);
    this.#clock = clock;
  }

  /** How much it has seen so far. */
  get stats(): TapStats {
    const { added, gone } = this.#ring;
    return { recorded: added, overwritten: gone, leftOut: this.#leftOut, missed: this.#missed };
  }

  /**
   * The records after the one with the number `after`, oldest first, and how many of them are gone already. Who begins
   * with 0, and goes on with the number of the last one, gets each record once, at a pace of their own.
   */
  read(after = 0): { readonly records: readonly TapRecord[]; readonly gone: number } {
    return { records: this.#ring.after(after), gone: Math.max(0, this.#ring.gone - after) };
  }

  /** Watches a bus: every message on it. Returns a function that stops it. */
  watchBus(bus: AgentBus): () => void {
    const name = randomName("tap");
    return this.#watch([
      bus.subscribe({ name, observes: true, onBusMessage: (message) => this.#sent(message) }),
      bus.on("undelivered", (message, why) => {
        this.#trouble({ event: "undelivered", ...this.#factsOf(message), ...statusFacts(why) });
      }),
      bus.on("dropped", (message, subscriber) => {
        if (subscriber === name) {
          this.#missed++;
        } else {
          this.#trouble({ event: "dropped", ...this.#factsOf(message), subscriber });
        }
      }),
      bus.on("missed", (_message, subscriber) => {
        if (subscriber === name) {
          this.#missed++;
        }
      }),
    ]);
  }

  /**
   * Watches one end of a bridge: what crosses, what doesn't and why, and what becomes of its connection. Returns a
   * function that stops it.
   */
  watchProxy(proxy: ProxyClientAgent | ProxyServerAgent): () => void {
    const bridge = proxy.name;
    // Neither proxy tells all of it: nothing comes of listening for what the other one tells.
    const told = proxy as unknown as Telling<ProxyEvents & ProxyClientEvents & ProxyServerEvents>;
    let isKept = false;
    const connected = () => {
      isKept = false;
      this.#trouble({ event: "connected", bridge });
    };
    const lost = (event: "suspended" | "disconnected" | "connectFailed" | "failed") => (why: Status) => {
      // A link that is suspended stays so while attempts to connect fail.
      isKept = event === "suspended" || (event === "connectFailed" && isKept);
      this.#trouble({ event, bridge, ...statusFacts(why) });
    };
    return this.#watch([
      told.on("crossed", (message, direction, bytes) => {
        const seen = this.#seen.get(message);
        const waitedMs =
          direction === "in" || seen === undefined ? undefined : Math.max(0, this.#clock.now() - seen.at);
        const event = { event: "crossed", bridge, direction, bytes, waitedMs, isKept } as const;
        this.#message(message, () => ({ ...event, ...this.#factsOf(message) }));
      }),
      told.on("denied", (denial) => this.#denied(bridge, denial)),
      told.on("invalid", (why, bytes) => {
        this.#trouble({ event: "invalid", bridge, direction: "in", bytes, why: clip(why) });
      }),
      told.on("undelivered", (message, why) => {
        this.#trouble({ event: "undelivered", bridge, ...this.#factsOf(message), ...statusFacts(why) });
      }),
      told.on("connected", connected),
      told.on("clientConnected", connected),
      told.on("suspended", lost("suspended")),
      told.on("resumed", (outageMs) => {
        isKept = false;
        this.#trouble({ event: "resumed", bridge, outageMs });
      }),
      told.on("disconnected", lost("disconnected")),
      told.on("clientDisconnected", lost("disconnected")),
      told.on("connectFailed", lost("connectFailed")),
      told.on("failed", lost("failed")),
    ]);
  }

  /**
   * Watches a relay, which has no bus. What goes to the back comes in, as at a server proxy in its place, and what goes to
   * the front goes out. Returns a function that stops it.
   *
   * @param name What the records call the relay.
   */
  watchRelay(relay: Relay, name: string): () => void {
    const seenAs = (direction: RelayDirection) => (direction === "toBack" ? "in" : "out");
    return this.#watch([
      relay.on("crossed", (peeked, direction, bytes) => {
        if (this.#passes(this.#messages)) {
          const event = { event: "crossed", bridge: name, direction: seenAs(direction), bytes, isKept: false } as const;
          this.#record({ ...event, ...peekedFacts(peeked) });
        }
      }),
      relay.on("denied", ({ direction, ...denial }) => {
        this.#denied(name, { direction: seenAs(direction), ...denial });
      }),
      relay.on("invalid", (why, direction, bytes) => {
        this.#trouble({ event: "invalid", bridge: name, direction: seenAs(direction), bytes, why: clip(why) });
      }),
      relay.on("undelivered", (message, _direction, why) => {
        this.#trouble({ event: "undelivered", bridge: name, ...this.#factsOf(message), ...statusFacts(why) });
      }),
    ]);
  }

  /** Stops watching. What was recorded stays. */
  close(): void {
    for (const stop of [...this.#watches]) {
      stop();
    }
  }

  [dispose](): void {
    this.close();
  }

  protected reportHandlerError(event: string, error: unknown): void {
    this.#logger.error("a handler of a tap's event failed", { tap: this.name, event, error });
  }

  #watch(offs: readonly (() => void)[]): () => void {
    const stop = () => {
      this.#watches.delete(stop);
      for (const off of offs) {
        off();
      }
    };
    this.#watches.add(stop);
    return stop;
  }

  #sent(message: AnyBusMessage): void {
    this.#message(message, () => ({ event: "sent", ...this.#factsOf(message) }));
  }

  /** Records what happens to a message, unless the rate limit has left out the message before, or does now. */
  #message(message: AnyBusMessage, event: () => TapEvent): void {
    const seen = this.#see(message);
    if (seen.message !== undefined) {
      this.#record(event());
    }
  }

  #see(message: AnyBusMessage): Seen {
    let seen = this.#seen.get(message);
    if (seen === undefined) {
      seen = { at: this.#clock.now(), message: this.#passes(this.#messages) ? ++this.#numbered : undefined };
      this.#seen.set(message, seen);
    }
    return seen;
  }

  #denied(bridge: string, denial: Omit<Denial, "kind" | "case"> & { readonly case: string; readonly kind?: unknown }) {
    const facts = peekedFacts(denial as Denial);
    const { direction, rule } = denial;
    this.#trouble({ event: "denied", bridge, direction, rule, why: whyDenied(rule, facts), ...facts });
  }

  #trouble(event: TapEvent): void {
    if (this.#passes(this.#troubles)) {
      this.#record(event);
    }
  }

  #passes(limit: RateLimit): boolean {
    const passes = limit.take(this.#clock.now());
    this.#leftOut += passes ? 0 : 1;
    return passes;
  }

  #factsOf(message: AnyBusMessage) {
    return { ...factsOf(message), message: this.#seen.get(message)?.message };
  }

  #record(event: TapEvent): void {
    const leftOut = this.#leftOut - this.#leftOutBefore;
    this.#leftOutBefore = this.#leftOut;
    const record = { ...event, number: this.#ring.added + 1, at: this.#clock.now(), tap: this.name, leftOut };
    this.#ring.add(record);
    this.emit("record", record);
  }
}

/** What tells events. */
interface Telling<Events extends Record<string, readonly unknown[]>> {
  on<Name extends keyof Events>(name: Name, handler: Handler<Events[Name]>): () => void;
}

function checkCount(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw invalidArgument(name, value, "must be a positive integer");
  }
  return value;
}
