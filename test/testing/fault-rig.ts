import { expect } from "chai";
import { formatStatus, type Status } from "../../src/base/status.js";
import type { FaultStep } from "../../src/testing/fault.js";
import { type FaultOptions, type Faulty, faulty } from "../../src/testing/faulty.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Connection } from "../../src/transport/transport.js";

/** What one end of a connection was told, and that end. */
export interface End {
  readonly connection: Connection;
  readonly got: number[];
  readonly undelivered: number[];
  /** How it ended, once it has. */
  readonly ended: () => string | undefined;
}

/** Both ends of a connection over a memory transport with faults where it connects. */
export interface FaultRig {
  readonly clock: VirtualClock;
  readonly network: Faulty<MemoryTransport>;
  readonly near: End;
  readonly far: End;
  /** All ends that the listener got. */
  readonly accepted: readonly End[];
  connect(): Promise<End>;
}

/** Connects over a memory transport whose faults a script describes. */
export async function rig(script: readonly FaultStep[] = [], options: FaultOptions = {}): Promise<FaultRig> {
  const clock = new VirtualClock(5_000);
  const memory = new MemoryTransport({ clock });
  const network = faulty(memory, { clock, script, ...options });
  const accepted: End[] = [];
  await network.listen((connection) => accepted.push(endOf(connection)));
  const connect = async (): Promise<End> => endOf(await network.connect());
  const near = await connect();
  await clock.advanceAsync(0);
  return { clock, network, near, far: accepted[0] as End, accepted, connect };
}

/** Makes itself the consumer of a connection. */
export function endOf(connection: Connection): End {
  const got: number[] = [];
  const undelivered: number[] = [];
  let ended: string | undefined;
  connection.receive({
    message(bytes) {
      expect(ended, "a message after the end").to.equal(undefined);
      got.push(numberOf(bytes));
    },
    undelivered(bytes, why: Status) {
      expect(ended, "undelivered after the end").to.equal(undefined);
      expect(why.code).not.to.equal(0);
      undelivered.push(numberOf(bytes));
    },
  });
  void connection.closed.then((why) => {
    ended = formatStatus(why);
  });
  return { connection, got, undelivered, ended: () => ended };
}

/** A message that holds a number, all of its bytes: a part of it would be another message. */
export function numbered(number: number, length = 4): Uint8Array {
  const bytes = new Uint8Array(length).fill(number & 0xff);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

function numberOf(bytes: Uint8Array): number {
  expect(bytes.length, "bytes of a message").to.be.at.least(4);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

/** Sends the numbers from `first` to `last`. */
export function sendAll({ connection }: End, first: number, last: number, length = 4): void {
  for (let number = first; number <= last; number++) {
    connection.send(numbered(number, length));
  }
}
