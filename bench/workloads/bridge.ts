import type { Find, Target } from "../harness/result.js";
import type { Workload } from "../harness/workload.js";
import { openPairs } from "./pipes.js";
import { transfer } from "./transfer.js";

const toServer = "to the server";
const toClient = "to the client";

const targets: readonly Target[] = [toServer, toClient].flatMap((way) => [
  rate(way, "raw ws", "≥ 1.2", "≥ 1.6"),
  rate(way, "grpc-js", "≥ 3", "≥ 4"),
  {
    workload: "bridge",
    name: `${way}: rate of crossbus / raw ws, both with bufferutil`,
    value: (find) => ratio(rateOf(find, way, "crossbus + bufferutil"), rateOf(find, way, "raw ws + bufferutil")),
  },
]);

function rate(way: string, other: string, must: string, aim: string): Target {
  return {
    workload: "bridge",
    name: `${way}: rate of crossbus / ${other}`,
    must,
    aim,
    value: (find) => ratio(rateOf(find, way, "crossbus"), rateOf(find, way, other)),
  };
}

function rateOf(find: Find, way: string, contestant: string): number | undefined {
  return find("bridge", way, contestant)?.perSecond;
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
    openPairs(context, ({ name, server, client }) => {
      const common = { contestant: name, observed: [server, client], counted: 2_000 };
      return [
        transfer({ case: toServer, from: client, to: server, ...common }),
        transfer({ case: toClient, from: server, to: client, ...common }),
      ];
    }),
};
