import type { RoundTrips } from "../ends/pipe-end.js";
import { counted, timed } from "../harness/observe.js";
import type { Target } from "../harness/result.js";
import type { Workload } from "../harness/workload.js";
import { openPairs } from "./pipes.js";

/** Round trips a round. */
const count = 1_000;

const what = "frame and answer";

const targets: readonly Target[] = [
  { other: "raw ws", must: "≤ 1.3", aim: "≤ 1.15" },
  { other: "grpc-js", must: "≤ 0.7", aim: "≤ 0.6" },
].map(({ other, must, aim }) => ({
  workload: "rtt",
  name: `p50 of crossbus / ${other}`,
  must,
  aim,
  value(find) {
    const ours = find("rtt", what, "crossbus")?.median;
    const theirs = find("rtt", what, other)?.median;
    return ours === undefined || theirs === undefined ? undefined : ours / theirs;
  },
}));

/** A frame there and a frame back, one at a time. */
export const rttWorkload: Workload = {
  name: "rtt",
  about: "audio frames of 640 B to another process and back, one at a time",
  targets,
  open: (context) =>
    openPairs(context, ({ name, server, client }) => {
      const both = [server, client];
      async function pingPong(): Promise<RoundTrips> {
        await server.call("echo", true);
        return client.call<RoundTrips>("pingPong", count);
      }
      return [
        {
          case: what,
          contestant: name,
          async run() {
            let trips: RoundTrips = { p50: 0, p99: 0 };
            const { cpu } = await timed(both, count, async () => {
              trips = await pingPong();
              return 0;
            });
            return { value: trips.p50, p99: trips.p99, ...(cpu !== undefined && { cpu }) };
          },
          allocate: () => counted(both, count, pingPong),
        },
      ];
    }),
};
