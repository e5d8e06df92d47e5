import { counted, timed } from "../harness/observe.js";
import type { Remote } from "../harness/processes.js";
import type { Contest, Target } from "../harness/result.js";
import type { Workload } from "../harness/workload.js";
import { openPairs } from "./pipes.js";

const toServer = "to the server";
const toClient = "to the client";

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
    openPairs(context, ({ name, count, server, client }) => [
      contest(toServer, name, count, client, server),
      contest(toClient, name, count, server, client),
    ]),
};

function contest(way: string, contestant: string, count: number, from: Remote, to: Remote): Contest {
  async function cross(frames: number): Promise<number> {
    await to.call("expect", frames);
    const began = await from.call<number>("send", frames);
    return (await to.call<number>("received")) - began;
  }
  return {
    case: way,
    contestant,
    run: () => timed([from, to], count, () => cross(count)),
    allocate: () => counted([from, to], countedFrames, () => cross(countedFrames)),
  };
}
