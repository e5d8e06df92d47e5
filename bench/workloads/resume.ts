import type { Contest, Target } from "../harness/result.js";
import type { Workload } from "../harness/workload.js";
import { bothWays, toClient, toServer } from "./bridge.js";
import { openPair, type Pair, type PipeContestant } from "./pipes.js";

const plain = "plain link";
const resumable = "resumable link";

const contestants: readonly PipeContestant[] = [
  { name: plain, maker: "ends/crossbus-pipe.js" },
  { name: resumable, maker: "ends/resumable-pipe.js" },
];

const targets: readonly Target[] = [toServer, toClient].map((way) => ({
  workload: "resume",
  name: `${way}: rate of a resumable link / a plain one`,
  must: "≥ 0.8",
  aim: "≥ 0.9",
  value(find) {
    const [ours, theirs] = [find("resume", way, resumable)?.perSecond, find("resume", way, plain)?.perSecond];
    return ours === undefined || theirs === undefined ? undefined : ours / theirs;
  },
}));

/** What it costs that nothing is lost with a connection. */
export const resumeWorkload: Workload = {
  name: "resume",
  about: "the frames of bridge over a link that outlives its connections, and over one that doesn't",
  targets,
  async open(context) {
    const pairs: Pair[] = [];
    const contests: Contest[] = [];
    const end = async () => {
      await Promise.all(pairs.flatMap(({ server, client }) => [server.end(), client.end()]));
    };
    try {
      for (const contestant of contestants) {
        const pair = await openPair(contestant, context);
        pairs.push(pair);
        contests.push(...bothWays(pair));
      }
    } catch (error) {
      await end();
      throw error;
    }
    return { contests, [Symbol.asyncDispose]: end };
  },
};
