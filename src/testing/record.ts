import { Code, type Status } from "../base/status.js";
import type { Connection } from "../transport/transport.js";

/** What a connection has delivered. */
export interface Recorded {
  readonly messages: readonly Uint8Array[];
  readonly undelivered: readonly (readonly [Uint8Array, Status])[];
  /** The promises that were broken towards the consumer. It must not throw, so that the case has to look for them. */
  readonly broken: readonly string[];
  /** How many messages the case waits for, if it does. */
  readonly awaited: number | undefined;
  /** Resolves once so many messages were delivered. Rejects when the connection ends before. */
  count(messages: number): Promise<void>;
}

const recordings = new WeakMap<Connection, Recorded>();

/** What was recorded of a connection; undefined when nobody has. */
export function recordedOf(connection: Connection): Recorded | undefined {
  return recordings.get(connection);
}

/** Makes itself the consumer of a connection. */
export function record(connection: Connection, onMessage: () => void = () => {}): Recorded {
  const messages: Uint8Array[] = [];
  const undelivered: [Uint8Array, Status][] = [];
  const broken: string[] = [];
  let awaited: number | undefined;
  let check = (): void => {};
  let ended = false;
  const expectOpen = (what: string): void => {
    if (ended) {
      broken.push(`${what} after \`closed\` had resolved`);
    }
  };
  const take = (bytes: Uint8Array): void => {
    expectOpen("a message was delivered");
    messages.push(bytes);
    check();
    onMessage();
  };
  connection.receive({
    message: take,
    text(bytes) {
      broken.push("a message of bytes was delivered as text");
      take(bytes);
    },
    undelivered(bytes, why) {
      expectOpen("a message was told as undelivered");
      undelivered.push([bytes, why]);
    },
  });
  const end = connection.closed.then((why) => {
    ended = true;
    return why;
  });
  const recorded = {
    messages,
    undelivered,
    broken,
    get awaited() {
      return awaited;
    },
    async count(count: number) {
      awaited = count;
      await new Promise<void>((resolve, reject) => {
        check = () => {
          if (messages.length >= count) {
            resolve();
          }
        };
        check();
        end.then(
          ({ code }) => reject(new Error(`${messages.length} of ${count} messages, then ${Code[code]}`)),
          reject,
        );
      });
      awaited = undefined;
    },
  };
  recordings.set(connection, recorded);
  return recorded;
}
