import { warmUps } from "../harness/measure.js";
import { counted, timed } from "../harness/observe.js";
import type { Remote } from "../harness/processes.js";
import type { Contest, Target } from "../harness/result.js";
import type { Workload } from "../harness/workload.js";
import { openPairs } from "./pipes.js";

const toServer = "to the server";
const toClient = "to the client";

/**
 * How long a round takes, in microseconds, roughly: the rounds that warm up tell how many frames that are. If it took the fast
 * a shorter time than the slow, who else wants the processor would matter less to them.
 */
const roundUs = 150_000;
const firstFrames = 500;
const mostFrames = 100_000;

/** How many frames are sent where what they allocate is counted: nothing may be collected meanwhile. */
const countedFrames = 2_000;

const targets: readonly Target[] = [toServer, toClient].flatMap((way) => [
  rate(way, "raw ws", "≥ 1.2", "≥ 1.6"),
  rate(way, "grpc-js", "≥ 3", "≥ 4"),
]);

function rate(way: string, other: string, must: string, aim: string): Target {
  return {
    workload: "bridge",
    name: `${way}: rate of crossbus / ${other}`,
    must,
    aim,
    value: (find) => ratio(find("bridge", way, "crossbus")?.perSecond, find("bridge", way, other)?.perSecond),
  };
}

function ratio(ours: number | undefined, theirs: number | undefined): number | undefined {
  return ours === undefined || theirs === undefined ? undefined : ours / theirs;
}

/** Audio frames of 640 bytes, one way each. */
export const bridgeWorkload: Workload = {
  name: "bridge",
  about: "audio frames of 640 B between two processes, as fast as they go",
  targets,
  open: (context) =>
    openPairs(context, ({ name, server, client }) => [
      contest(toServer, name, client, server),
      contest(toClient, name, server, client),
    ]),
};

function contest(way: string, contestant: string, from: Remote, to: Remote): Contest {
  let runs = 0;
  let count = firstFrames;
  async function cross(frames: number): Promise<number> {
    await to.call("expect", frames);
    const began = await from.call<number>("send", frames);
    return (await to.call<number>("received")) - began;
  }
  return {
    case: way,
    contestant,
    async run() {
      const sample = await timed([from, to], count, () => cross(count));
      if (++runs <= warmUps) {
        count = Math.min(mostFrames, Math.max(firstFrames, Math.round(roundUs / sample.value)));
      }
      return sample;
    },
    allocate: () => counted([from, to], countedFrames, () => cross(countedFrames)),
  };
}
