import { type SampleName, sampleNames } from "../ends/codec.js";
import { counted, timed } from "../harness/observe.js";
import { type Remote, startNode } from "../harness/processes.js";
import type { Contest, Target } from "../harness/result.js";
import type { BenchContext, Opened, Workload } from "../harness/workload.js";

/** How many messages a round has, and how many where what they allocate is counted. */
const counts: Readonly<Record<SampleName, number>> = {
  text: 5_000,
  "audio 640 B": 5_000,
  "audio 1 920 B": 5_000,
  "task, 1 kB": 1_000,
};
const countedMessages = 300;

/** A codec, each in a process of its own, so that none makes another's calls slower. */
interface CodecContestant {
  readonly name: string;
  readonly maker: string;
  /** Whether it writes what the schema says, so that all of these write as much. */
  readonly hasSchema: boolean;
}

const own: readonly CodecContestant[] = [
  { name: "crossbus", maker: "ends/crossbus-codec.js", hasSchema: true },
  { name: "protobuf-es", maker: "ends/protobuf-es-codec.js", hasSchema: true },
];

const peers: readonly CodecContestant[] = [
  { name: "protobufjs static", maker: "peers/protobufjs-codec.js", hasSchema: true },
  { name: "ts-proto", maker: "peers/ts-proto-codec.js", hasSchema: true },
  { name: "msgpackr", maker: "peers/msgpackr-codec.js", hasSchema: false },
];

const bounds: readonly (readonly [operation: "encode" | "decode", sample: SampleName, must: string, aim: string])[] = [
  ["encode", "audio 640 B", "≤ 0.30", "≤ 0.2"],
  ["decode", "audio 640 B", "≤ 0.45", "≤ 0.3"],
  ["encode", "task, 1 kB", "≤ 0.35", "≤ 0.2"],
  ["decode", "task, 1 kB", "≤ 0.5", "≤ 0.35"],
];

const targets: readonly Target[] = bounds.map(([operation, sample, must, aim]) => ({
  workload: "codec",
  name: `${operation} ${sample}: time of crossbus / protobuf-es`,
  must,
  aim,
  value(find) {
    const ours = find("codec", `${operation} ${sample}`, "crossbus")?.median;
    const theirs = find("codec", `${operation} ${sample}`, "protobuf-es")?.median;
    return ours === undefined || theirs === undefined ? undefined : ours / theirs;
  },
}));

/** Messages to bytes and back. */
export const codecWorkload: Workload = {
  name: "codec",
  about: "building and encoding messages, and decoding them",
  targets,
  async open(context) {
    const contestants = context.hasPeers ? [...own, ...peers] : own;
    const processes: Remote[] = [];
    const end = async () => {
      await Promise.all(processes.map((each) => each.end()));
    };
    try {
      for (const { maker } of contestants) {
        processes.push(await start(maker, context));
      }
      await checkSizes(contestants, processes);
    } catch (error) {
      await end();
      throw error;
    }
    return { contests: [...held(contestants, processes), ...left(context)], [Symbol.asyncDispose]: end };
  },
};

function start(maker: string, { signal, counting }: BenchContext): Promise<Remote> {
  return startNode("ends/codec-end.ts", { maker }, signal, counting);
}

/** Fails when not all who have the schema write the same. */
async function checkSizes(contestants: readonly CodecContestant[], processes: readonly Remote[]): Promise<void> {
  for (const sample of sampleNames) {
    const sizes = await Promise.all(processes.map((each) => each.call<number>("size", sample)));
    const known = sizes.filter((_, index) => contestants[index]?.hasSchema === true);
    if (new Set(known).size !== 1) {
      throw new Error(`${sample}: the sizes differ: ${sizes.join(", ")}`);
    }
  }
}

function held(contestants: readonly CodecContestant[], processes: readonly Remote[]): readonly Contest[] {
  return sampleNames.flatMap((sample) =>
    (["encode", "decode"] as const).flatMap((operation) =>
      processes.map((process, index) => ({
        case: `${operation} ${sample}`,
        contestant: contestants[index]?.name ?? "",
        run: () => timed([process], counts[sample], () => process.call<number>(operation, sample, counts[sample])),
        allocate: () =>
          counted([process], countedMessages, () => process.call<number>(operation, sample, countedMessages)),
      })),
    ),
  );
}

function left({ hasPeers, counting }: BenchContext): Opened["contests"] {
  return hasPeers || counting
    ? []
    : peers.map(({ name }) => ({ case: "all", contestant: name, skipped: "its package is not installed" }));
}
