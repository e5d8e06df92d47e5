import { setTimeout } from "node:timers/promises";
import { quantile } from "../../bench/harness/statistics.js";
import { BadWire, type Slowness } from "./bad-wire.js";
import type { CancelEndOptions, Interruption } from "./cancel-end.js";
import { Remote } from "./remote.js";

/** How fast what is urgent was. All in milliseconds. */
export interface CancelLatency {
  /** There and back, while there is nothing else. */
  readonly idleRoundTripMs: number;
  /** One way, behind all that is queued: the median and the longest. */
  readonly medianMs: number;
  readonly longestMs: number;
  /** There and back, behind all that is queued. */
  readonly busyRoundTripMs: number;
  /** How many of the queued messages were there before the last interruption: the rest was still waiting. */
  readonly ahead: number;
}

/** How often it is measured. */
const times = 15;

/** Measures how long an interruption takes while 100 MB wait before a slow wire. */
export async function measureCancel(slowness: Slowness, signal: AbortSignal): Promise<CancelLatency> {
  const ends = new AbortController();
  const both = AbortSignal.any([signal, ends.signal]);
  const start = (options: CancelEndOptions) => new Remote("cancel-end.ts", options, both);
  try {
    const server = start({});
    const address = await server.call<string>("where");
    await using wire = await BadWire.before(address, slowness);
    const client = start({ address: wire.through(address) });
    await client.call("where");
    const interrupt = async () => {
      await setTimeout(50, undefined, { signal });
      const { sentAt, answeredAt } = await client.call<Interruption>("interrupt");
      return { oneWay: (await server.call<number>("cameAt")) - sentAt, roundTrip: answeredAt - sentAt };
    };
    const several = async () => {
      const all = [];
      for (let i = 0; i < times; i++) {
        all.push(await interrupt());
      }
      return all;
    };
    const idle = await several();
    await client.call("fill");
    const busy = await several();
    const oneWay = busy.map((each) => each.oneWay);
    return {
      idleRoundTripMs: quantile(
        idle.map(({ roundTrip }) => roundTrip),
        0.5,
      ),
      medianMs: quantile(oneWay, 0.5),
      longestMs: Math.max(...oneWay),
      busyRoundTripMs: quantile(
        busy.map(({ roundTrip }) => roundTrip),
        0.5,
      ),
      ahead: await server.call<number>("dataCame"),
    };
  } finally {
    ends.abort();
  }
}
