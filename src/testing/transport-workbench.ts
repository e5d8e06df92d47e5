import { deferred } from "../base/deferred.js";
import { Code, formatStatus, type Status, status } from "../base/status.js";
import {
  type AcceptOptions,
  type Connection,
  type ConnectOptions,
  defaultMaxMessageBytes,
  type Listener,
  type ServerTransport,
  type Transport,
} from "../transport/transport.js";
import { record, recordedOf } from "./record.js";
import type { Bench } from "./run-case.js";

/** Both ends of the transport to check. */
export interface ConformanceRig {
  /** Connects to where `server` listens. */
  readonly transport: Transport;
  readonly server: ServerTransport;
  /**
   * Moves the clock of both ends by so many milliseconds. Without it the cases that wait for a peer that
   * doesn't read take as long as the transport does.
   */
  advance?(ms: number): void | Promise<void>;
  /**
   * Whether `connect()` gets to know with which status a listener refuses. Browsers tell nobody: there a refusal is
   * UNAVAILABLE. Default: true.
   */
  readonly tellsRefusals?: boolean;
  /** Whether attempts to connect go on beside each other. Browsers make one after the other. Default: true. */
  readonly connectsInParallel?: boolean;
  /**
   * Whether a listener that hasn't decided yet gets to know at once that an attempt was given up. Firefox tells it when it
   * has decided. Default: true.
   */
  readonly tellsAborts?: boolean;
  /** Releases what the setup took. The listeners and connections of the case have been closed. */
  dispose(): Promise<void>;
}

/** The largest message that the transport must take. */
export const mebibyte = defaultMaxMessageBytes;

/** More messages of 1 MiB than operating systems buffer for a connection. */
export const flood = 48;

/** Makes what one conformance case needs. */
export type ConformanceSetup = () => Promise<ConformanceRig>;

/** A connection with both its ends. */
export class Pair {
  readonly client: Connection;
  readonly server: Connection;

  constructor(client: Connection, server: Connection) {
    this.client = client;
    this.server = server;
  }

  /** Sender and receiver, once either way. */
  get directions(): readonly [readonly [Connection, Connection], readonly [Connection, Connection]] {
    return [
      [this.client, this.server],
      [this.server, this.client],
    ];
  }
}

/** Defines a case about a connection that is open. */
export type DefinePair = (name: string, body: (pair: Pair, workbench: Workbench) => Promise<void>) => void;

/** Defines a case that connects by itself. */
export type DefineWorkbench = (name: string, body: (workbench: Workbench) => Promise<void>) => void;

/** How many times in a row an amount has to be the same to be taken for settled. */
const settledLooks = 3;

/** Opens what a case needs, and closes it all at its end. */
export class Workbench implements Bench {
  readonly rig: ConformanceRig;
  readonly #listeners: Listener[] = [];
  readonly #opened: Connection[] = [];
  readonly #accepted: Connection[] = [];
  readonly #ends = new Map<Connection, Status>();
  readonly #rejected: string[] = [];
  readonly #waiting: ((connection: Connection) => void)[] = [];
  #paired = 0;

  constructor(rig: ConformanceRig) {
    this.rig = rig;
  }

  get acceptedCount(): number {
    return this.#accepted.length;
  }

  get broken(): readonly string[] {
    const recorded = [...this.#opened, ...this.#accepted].flatMap((connection) => recordedOf(connection)?.broken ?? []);
    return [...recorded, ...this.#rejected];
  }

  /** Listens. What `accepted` returns or throws is what `accept` does, of which the type says less than it may. */
  async listen(options?: AcceptOptions, accepted: () => unknown = () => {}): Promise<Listener> {
    const accept = (connection: Connection): unknown => {
      this.#accepted.push(this.#watch(connection));
      this.#waiting.shift()?.(connection);
      return accepted();
    };
    const listener = await this.rig.server.listen(accept, options);
    this.#listeners.push(listener);
    return listener;
  }

  async connect(options?: ConnectOptions): Promise<Pair> {
    const next = deferred<Connection>();
    this.#waiting.push(next.resolve);
    const client = await this.connectAlone(options);
    this.#paired += 1;
    return new Pair(client, await next.promise);
  }

  /** Connects, and doesn't wait for the listener. */
  async connectAlone(options?: ConnectOptions): Promise<Connection> {
    const client = this.#watch(await this.rig.transport.connect(options));
    this.#opened.push(client);
    return client;
  }

  /** Sends a message there and back on a connection of its own: what was under way before has arrived. */
  async roundTrip(): Promise<void> {
    const { client, server } = await this.connect();
    const echoed = record(client);
    server.receive({ message: (bytes) => server.send(bytes) });
    for (let trip = 1; trip <= 3; trip += 1) {
      client.send(numbered(trip));
      await echoed.count(trip);
    }
  }

  async advance(ms: number): Promise<void> {
    await this.rig.advance?.(ms);
  }

  /**
   * Waits for something that takes its time by the network, and lets time pass meanwhile: a transport may have to ask, by
   * a timer, what has become of what it sent.
   */
  async passing(promise: Promise<void>): Promise<void> {
    let isOver = false;
    const over = promise.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await this.advance(10);
      await this.roundTrip();
    }
    await over;
  }

  /** Waits until a connection has handed over what it can: a peer that goes on reading takes more than fits on the way. */
  async settled(connection: Pick<Connection, "bufferedAmount">): Promise<void> {
    for (let [looks, before] = [0, -1]; looks < settledLooks; before = connection.bufferedAmount) {
      await this.advance(10);
      await this.roundTrip();
      looks = connection.bufferedAmount === before ? looks + 1 : 0;
    }
  }

  describe(): string {
    const ends = [...this.#opened.entries(), ...this.#accepted.entries()].map(([index, connection], place) => {
      const recorded = recordedOf(connection);
      const end = this.#ends.get(connection);
      return [
        `${place < this.#opened.length ? "client" : "server"} ${index + 1}`,
        end === undefined ? "open" : `ended with ${formatStatus(end)}`,
        ...(connection.bufferedAmount === 0 ? [] : [`${connection.bufferedAmount} bytes buffered`]),
        ...(recorded === undefined ? [] : [arrivedAt(recorded)]),
      ].join(", ");
    });
    return ends.length === 0 ? "no connection was made" : ends.join("; ");
  }

  #watch(connection: Connection): Connection {
    connection.closed.then(
      (why) => this.#ends.set(connection, why),
      (error: unknown) => this.#rejected.push(`\`closed\` has rejected, which it never may: ${String(error)}`),
    );
    return connection;
  }

  async dispose(): Promise<void> {
    for (const listener of this.#listeners) {
      await listener.close();
    }
    const all = [...this.#opened, ...this.#accepted];
    // First the accepted ends, which may be paused: a close reads on, so that the others are answered.
    await Promise.all(all.map((connection) => connection.close(status(Code.OK))));
    await this.rig.dispose();
  }
}

/** How much has arrived, for people. */
export function arrivedAt({
  messages,
  awaited,
}: {
  messages: readonly unknown[];
  awaited: number | undefined;
}): string {
  return `${messages.length}${awaited === undefined ? "" : ` of ${awaited}`} messages arrived`;
}

/** Bytes that hold a number. */
export function numbered(number: number, length = 4): Uint8Array {
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

/** The number in such bytes. */
export function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

/** Whether a value is a string, whatever its type says. */
export function text(value: unknown): boolean {
  return typeof value === "string";
}

/** Sends more than operating systems buffer, in messages numbered from 0. */
export function sendFlood({ client }: Pair): readonly Uint8Array[] {
  const sent = Array.from({ length: flood }, (_, index) => numbered(index, mebibyte));
  for (const bytes of sent) {
    client.send(bytes);
  }
  return sent;
}
