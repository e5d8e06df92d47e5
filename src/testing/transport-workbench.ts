import { deferred } from "../base/deferred.js";
import { Code, type Status, StatusError, status } from "../base/status.js";
import {
  type AcceptOptions,
  type Connection,
  type ConnectOptions,
  defaultMaxMessageBytes,
  type Listener,
  type ServerTransport,
  type Transport,
} from "../transport/transport.js";

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

/** Opens what a case needs, and closes it all at its end. */
export class Workbench {
  readonly rig: ConformanceRig;
  readonly #listeners: Listener[] = [];
  readonly #opened: Connection[] = [];
  readonly #accepted: Connection[] = [];
  readonly #waiting: ((connection: Connection) => void)[] = [];
  #paired = 0;

  constructor(rig: ConformanceRig) {
    this.rig = rig;
  }

  get acceptedCount(): number {
    return this.#accepted.length;
  }

  async listen(options?: AcceptOptions): Promise<Listener> {
    const listener = await this.rig.server.listen((connection) => {
      this.#accepted.push(connection);
      this.#waiting.shift()?.(connection);
    }, options);
    this.#listeners.push(listener);
    return listener;
  }

  async connect(options?: ConnectOptions): Promise<Pair> {
    const next = deferred<Connection>();
    this.#waiting.push(next.resolve);
    const client = await this.rig.transport.connect(options);
    this.#opened.push(client);
    this.#paired += 1;
    return new Pair(client, await next.promise);
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

/** What a connection has delivered. */
export interface Recorded {
  readonly messages: readonly Uint8Array[];
  readonly undelivered: readonly (readonly [Uint8Array, Status])[];
  /** Resolves once so many messages were delivered. Rejects when the connection ends before. */
  count(messages: number): Promise<void>;
}

/** Makes itself the consumer of a connection. */
export function record(connection: Connection, onMessage: () => void = () => {}): Recorded {
  const messages: Uint8Array[] = [];
  const undelivered: [Uint8Array, Status][] = [];
  let check = (): void => {};
  let ended = false;
  connection.receive({
    message(bytes) {
      assert(!ended, "a message was delivered after the end");
      messages.push(bytes);
      check();
      onMessage();
    },
    undelivered: (bytes, why) => undelivered.push([bytes, why]),
  });
  const end = connection.closed.then((why) => {
    ended = true;
    return why;
  });
  return {
    messages,
    undelivered,
    count: (count) =>
      new Promise((resolve, reject) => {
        check = () => {
          if (messages.length >= count) {
            resolve();
          }
        };
        check();
        void end.then(({ code }) => reject(new Error(`${messages.length} of ${count}, then ${Code[code]}`)));
      }),
  };
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

export function assert(condition: boolean, otherwise: string): asserts condition {
  if (!condition) {
    throw new Error(otherwise);
  }
}

/** Compares what JSON shows of two values. */
export function assertEqual(actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) {
    throw new Error(`expected ${wanted}, got ${got}`);
  }
}

export function assertThrows(action: () => unknown, code: Code): void {
  try {
    action();
  } catch (error) {
    assertCode(error, code);
    return;
  }
  throw new Error(`expected ${Code[code]}, and nothing was thrown`);
}

export async function assertRejects(promise: Promise<unknown>, code: Code): Promise<void> {
  try {
    await promise;
  } catch (error) {
    assertCode(error, code);
    return;
  }
  throw new Error(`expected ${Code[code]}, and nothing was thrown`);
}

function assertCode(error: unknown, code: Code): void {
  if (!(error instanceof StatusError)) {
    throw new Error(`expected a StatusError with ${Code[code]}`, { cause: error });
  }
  assertEqual(Code[error.code], Code[code]);
}

/** Sends more than operating systems buffer, in messages numbered from 0. */
export function sendFlood({ client }: Pair): readonly Uint8Array[] {
  const sent = Array.from({ length: flood }, (_, index) => numbered(index, mebibyte));
  for (const bytes of sent) {
    client.send(bytes);
  }
  return sent;
}
