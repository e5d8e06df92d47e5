import { type Clock, systemClock } from "../base/clock.js";
import { Code, invalidArgument, StatusError, status } from "../base/status.js";
import type {
  AcceptOptions,
  Connection,
  ConnectOptions,
  Listener,
  ServerTransport,
  Transport,
} from "../transport/transport.js";
import { checkFault, checkScript } from "./check-fault.js";
import type { Fault, FaultEvent, FaultStep, RefuseFault } from "./fault.js";
import { FaultyConnection } from "./faulty-connection.js";
import { seeded } from "./random.js";

/** What the faults of a transport are made of. */
export interface FaultOptions {
  /** What is to happen, and when. Default: nothing, so that the transport behaves as it does without the wrapper. */
  readonly script?: readonly FaultStep[];
  /**
   * Decides what is left to chance: what a cut takes with it, say. The same seed, script and traffic give the same log,
   * over the memory transport and with a `VirtualClock` to the last message. Default: 0.
   */
  readonly seed?: number;
  /** Where time comes from. Default: the platform. Give the transport inside the same one. */
  readonly clock?: Clock;
  /**
   * How many bytes the operating systems and the network take in each direction before it shows in `bufferedAmount` that
   * they don't arrive. What they took is lost without a word when the connection breaks. Default: 65,536. With 0 the
   * sender sees at once whatever is delayed.
   */
  readonly windowBytes?: number;
}

/** The faults of a wrapped transport, in the hands of a test. */
export interface Faults {
  /** What was done, in order. */
  readonly log: readonly FaultEvent[];
  /**
   * Has a fault happen now: to the connection of this number, counted as in `FaultStep`, or to all that live. A refusal is
   * for the attempts to come, until `heal()`; with a number for that attempt alone. Throws INVALID_ARGUMENT for what
   * can't be a fault.
   */
  inject(fault: Fault, connection?: number): void;
  /**
   * Ends all faults, and the script, for connections to come too. What waited arrives now. Where one end only knows that
   * the connection broke, the other one learns it. Call it at the end of a test to have nothing left that hangs.
   */
  heal(): void;
}

/** A transport with faults: it connects or listens as the one inside does. */
export type Faulty<T> = Pick<T, Extract<keyof T, "connect" | "listen">> & Faults;

/**
 * Puts a bad network around a transport. It goes where the transport went, so that what is tested need not know:
 *
 * ```ts
 * const clock = new VirtualClock();
 * const memory = new MemoryTransport({ clock });
 * const network = faulty(memory, { clock, seed: 1, script: [{ type: "cut", afterSent: 10 }] });
 * ```
 *
 * Where the transport connects, the ends that it connects are wrapped, and `listen()` is the transport's own; else those
 * that it accepts are. Either is enough: one end sees to the faults of both directions. They are faults of messages. What
 * the transport does below that by itself goes on, as the pings of a WebSocket do, and in place of a reset the far end
 * gets to see UNAVAILABLE with a message that the connection broke.
 *
 * Throws INVALID_ARGUMENT that names the step and the field for a script that can't be.
 */
export function faulty<T extends Transport | ServerTransport>(transport: T, options: FaultOptions = {}): Faulty<T> {
  const inner: Partial<Transport & ServerTransport> = transport;
  const network = new FaultyNetwork(options, inner.connect === undefined ? undefined : (transport as Transport));
  const { connect, listen } = inner;
  return {
    get log() {
      return network.log;
    },
    inject: (fault: Fault, connection?: number) => network.inject(fault, connection),
    heal: () => network.heal(),
    ...(connect === undefined ? {} : { connect: (how?: ConnectOptions) => network.connect(how) }),
    ...(listen === undefined
      ? {}
      : {
          listen: (accept: (connection: Connection) => unknown, how?: AcceptOptions): Promise<Listener> =>
            listen.call(transport, connect === undefined ? network.accepting(accept) : accept, how),
        }),
  } as unknown as Faulty<T>;
}

/** Counts the connections, and gives each its part of the script. */
class FaultyNetwork {
  readonly log: FaultEvent[] = [];
  readonly #transport: Transport | undefined;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #seed: number;
  readonly #windowBytes: number;
  readonly #live = new Map<number, FaultyConnection>();
  #script: readonly FaultStep[];
  #count = 0;

  constructor(options: FaultOptions, transport: Transport | undefined) {
    this.#transport = transport;
    this.#clock = options.clock ?? systemClock;
    this.#startedAt = this.#clock.now();
    this.#seed = options.seed ?? 0;
    this.#windowBytes = checkWindow(options.windowBytes ?? 65_536);
    this.#script = [...checkScript(options.script ?? [], transport !== undefined)];
  }

  async connect(how: ConnectOptions = {}): Promise<Connection> {
    const { signal, ...again } = how;
    const index = this.#count++;
    const refusal = this.#refusalOf(index);
    if (refusal !== undefined) {
      await this.#wait(refusal.afterMs ?? 0, signal);
      this.#note(index, { type: "refuse" });
      throw new StatusError(refusal.code ?? Code.UNAVAILABLE, "the attempt to connect was refused, as the script says");
    }
    const transport = this.#transport as Transport;
    const made = await transport.connect(how);
    return this.#wrap(made, index, () => transport.connect(again));
  }

  accepting(accept: (connection: Connection) => unknown): (connection: Connection) => unknown {
    return (made) => {
      const index = this.#count++;
      const refusal = this.#refusalOf(index);
      if (refusal === undefined) {
        return accept(this.#wrap(made, index, undefined));
      }
      this.#clock.after(refusal.afterMs ?? 0, () => {
        this.#note(index, { type: "refuse" });
        void made.close(status(refusal.code ?? Code.UNAVAILABLE, "refused, as the script says"));
      });
      return undefined;
    };
  }

  inject(fault: Fault, connection?: number): void {
    checkFault("fault", fault, this.#transport !== undefined);
    if (fault.type === "refuse") {
      this.#script = [...this.#script, { ...fault, ...(connection === undefined ? {} : { connection }) }];
      return;
    }
    for (const [index, live] of [...this.#live]) {
      if (connection === undefined || connection === index) {
        live.inject(fault);
      }
    }
  }

  heal(): void {
    this.#script = [];
    for (const live of [...this.#live.values()]) {
      live.heal();
    }
  }

  #wrap(made: Connection, index: number, again: (() => Promise<Connection>) | undefined): FaultyConnection {
    let isGone = false;
    const connection = new FaultyConnection(made, {
      clock: this.#clock,
      random: seeded(this.#seed, index),
      windowBytes: this.#windowBytes,
      script: this.#script.filter((step) => step.type !== "refuse" && isFor(step, index)),
      again,
      note: (event) => this.#note(index, event),
      gone: () => {
        isGone = true;
        this.#live.delete(index);
      },
    });
    if (!isGone) {
      this.#live.set(index, connection);
    }
    return connection;
  }

  #refusalOf(index: number): (RefuseFault & FaultStep) | undefined {
    return this.#script.find((step): step is RefuseFault & FaultStep => step.type === "refuse" && isFor(step, index));
  }

  #note(connection: number, event: Omit<FaultEvent, "atMs" | "connection">): void {
    this.log.push({ atMs: this.#clock.now() - this.#startedAt, connection, ...event });
  }

  /** Rejects with CANCELLED when the signal aborts before the time is over. */
  #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        prevent();
        reject(
          new StatusError(Code.CANCELLED, "the attempt to connect was given up", { cause: signal?.reason as unknown }),
        );
      };
      const done = (): void => {
        signal?.removeEventListener("abort", cancel);
        resolve();
      };
      const prevent = ms === 0 ? () => {} : this.#clock.after(ms, done);
      signal?.addEventListener("abort", cancel, { once: true });
      if (signal?.aborted === true) {
        cancel();
      } else if (ms === 0) {
        queueMicrotask(done);
      }
    });
  }
}

function isFor(step: FaultStep, index: number): boolean {
  return step.connection === undefined || step.connection === index;
}

function checkWindow(bytes: number): number {
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw invalidArgument("windowBytes", bytes, "must be an integer from 0 on");
  }
  return bytes;
}
