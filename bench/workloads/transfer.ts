import { counted, timed } from "../harness/observe.js";
import type { Remote } from "../harness/processes.js";
import type { Contest } from "../harness/result.js";

/**
 * How long a round takes, in microseconds, roughly: the rounds that warm up tell how many frames that are. If it took the fast
 * a shorter time than the slow, who else wants the processor would matter less to them.
 */
const roundUs = 150_000;
const firstFrames = 500;
/** The runs that tell how many frames a round takes: the code is as fast then as it will be. */
const calibratingRuns = 6;
const mostFrames = 100_000;

/** Frames that one process sends to another. */
export interface Transfer {
  /** What is sent, and which way. */
  readonly case: string;
  readonly contestant: string;
  readonly from: Remote;
  readonly to: Remote;
  /** Whose CPU time and allocations count. */
  readonly observed: readonly Remote[];
  /** How many frames are sent where what they allocate is counted: nothing may be collected meanwhile. */
  readonly counted: number;
}

/** Sends as many frames as take a round, as fast as they go. */
export function transfer({ case: what, contestant, from, to, observed, counted: few }: Transfer): Contest {
  let runs = 0;
  let count = firstFrames;
  async function cross(frames: number): Promise<number> {
    await to.call("expect", frames);
    const began = await from.call<number>("send", frames);
    return (await to.call<number>("received")) - began;
  }
  return {
    case: what,
    contestant,
    async run() {
      const sample = await timed(observed, count, () => cross(count));
      if (++runs <= calibratingRuns) {
        count = Math.min(mostFrames, Math.max(firstFrames, Math.round(roundUs / sample.value)));
      }
      return sample;
    },
    async allocate() {
      // What is compiled at run time allocates less.
      await cross(firstFrames);
      return counted(observed, few, () => cross(few));
    },
  };
}
