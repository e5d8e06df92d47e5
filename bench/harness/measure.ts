import type { Progress } from "./progress.js";
import type { Contest, Row, Sample, Skipped } from "./result.js";
import { quantile, summarize } from "./statistics.js";
import type { BenchContext, Workload } from "./workload.js";

/** What a workload has come to. */
export interface Measured {
  readonly rows: readonly Row[];
  readonly skipped: readonly Skipped[];
}

/**
 * Rounds that warm up what is compiled at run time, or as many as are measured if those are fewer. After two of them the
 * engine is still at it: code is a third faster after some more.
 */
const warmUps = 8;

/** Rounds that warm up where what is allocated is counted. */
const countingWarmUps = 2;

/** Rounds in which what is allocated is counted: it differs little from one to the next. */
const countingRounds = 3;

/**
 * Holds the contests of a workload. They take turns, round by round, since a machine may be faster one minute than
 * the next: only figures of one run may be compared. What is allocated is counted after that, in processes of its
 * own, which never collect anything in between and would not be as fast as others.
 */
export async function measure(
  workload: Workload,
  rounds: number,
  context: Omit<BenchContext, "counting">,
  progress: Progress,
): Promise<Measured> {
  const own = Math.max(1, Math.round(rounds * (workload.share ?? 1)));
  progress.begin(`${workload.name}: ${workload.about}`);
  const samples = new Map<string, Sample[]>();
  const bytes = new Map<string, number[]>();
  let contests: readonly Contest[];
  {
    await using opened = await workload.open({ ...context, counting: false });
    contests = opened.contests;
    for (let round = 1 - Math.min(warmUps, own); round <= own; round++) {
      for (const contest of contests) {
        context.signal.throwIfAborted();
        progress.step(`${workload.name}: ${turn(round, own)}, ${contest.case}, ${contest.contestant}`);
        const sample = await contest.run?.();
        if (sample !== undefined && round > 0) {
          add(samples, key(contest), sample);
        }
      }
    }
  }
  if (contests.some(({ allocate }) => allocate !== undefined)) {
    await using opened = await workload.open({ ...context, counting: true });
    for (let round = 1 - countingWarmUps; round <= countingRounds; round++) {
      for (const contest of opened.contests) {
        context.signal.throwIfAborted();
        progress.step(`${workload.name}: allocations, ${contest.case}, ${contest.contestant}`);
        const allocated = await contest.allocate?.();
        if (allocated !== undefined && round > 0) {
          add(bytes, key(contest), allocated);
        }
      }
    }
  }
  progress.clear();
  return {
    rows: contests.flatMap((contest) =>
      toRow(workload.name, contest, samples.get(key(contest)) ?? [], bytes.get(key(contest)) ?? []),
    ),
    skipped: contests.flatMap(({ case: what, contestant, skipped }) =>
      skipped === undefined ? [] : [{ workload: workload.name, case: what, contestant, skipped }],
    ),
  };
}

function turn(round: number, rounds: number): string {
  return round > 0 ? `round ${round} of ${rounds}` : "warming up";
}

function key({ case: what, contestant }: Contest): string {
  return `${what}\n${contestant}`;
}

function add<T>(lists: Map<string, T[]>, name: string, value: T): void {
  const list = lists.get(name) ?? [];
  list.push(value);
  lists.set(name, list);
}

function toRow(
  workload: string,
  { case: what, contestant, unit = "µs", size }: Contest,
  samples: readonly Sample[],
  bytes: readonly number[],
): readonly Row[] {
  if (samples.length === 0) {
    return [];
  }
  const summary = summarize(samples.map(({ value }) => value));
  const medianOf = (values: readonly (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : quantile(known, 0.5);
  };
  const p99 = medianOf(samples.map((sample) => sample.p99));
  const cpu = medianOf(samples.map((sample) => sample.cpu));
  const allocated = medianOf(bytes);
  return [
    {
      workload,
      case: what,
      contestant,
      unit,
      ...(size !== undefined && { size }),
      ...summary,
      ...(unit === "µs" && { perSecond: 1_000_000 / summary.median }),
      ...(p99 !== undefined && { p99 }),
      ...(cpu !== undefined && { cpu }),
      ...(allocated !== undefined && { bytes: allocated }),
      rounds: samples.length,
    },
  ];
}
