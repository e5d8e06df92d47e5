import type { Summary } from "./statistics.js";

/** What a contest measures: the time or the CPU time of an operation, in microseconds, or memory in kilobytes. */
export type Unit = "µs" | "µs CPU" | "kB";

/** What one round of a contest has come to. */
export interface Sample {
  /** In the unit of the contest. */
  readonly value: number;
  /** Microseconds that 99 of 100 operations stay below, where each is timed. */
  readonly p99?: number;
  /** Microseconds of CPU time an operation, of all processes that take part. */
  readonly cpu?: number;
}

/** One way of doing one thing. */
export interface Contest {
  /** What is done, for instance `to the server`. */
  readonly case: string;
  /** Who does it. */
  readonly contestant: string;
  /** Default: µs. */
  readonly unit?: Unit;
  /** Where it stands on the axis of what grows: so many agents, sessions or messages. */
  readonly size?: number;
  /** What is the matter where it isn't done; then it has no round. */
  readonly skipped?: string;
  /** Does it for a round. */
  run?(): Promise<Sample>;
  /** Bytes that an operation allocates, in all processes that take part; undefined when that can't be told. */
  allocate?(): Promise<number | undefined>;
}

/** What the rounds of a contest have come to. */
export interface Row extends Summary {
  readonly workload: string;
  readonly case: string;
  readonly contestant: string;
  readonly unit: Unit;
  readonly size?: number;
  /** Operations a second, where time is measured. */
  readonly perSecond?: number;
  /** The median of the rounds' 99th percentiles. */
  readonly p99?: number;
  /** The median of the CPU time, in microseconds an operation, of all processes that take part. */
  readonly cpu?: number;
  /** The median of the bytes that an operation allocates, in all processes that take part. */
  readonly bytes?: number;
  readonly rounds: number;
}

/** A contest that was not held. */
export interface Skipped {
  readonly workload: string;
  readonly case: string;
  readonly contestant: string;
  readonly skipped: string;
}

/** A figure that was promised, or reported, as a ratio of rows. */
export interface Target {
  readonly workload: string;
  readonly name: string;
  /** What the figure has to be, for people: `≥ 1.2`. */
  readonly must?: string;
  readonly aim?: string;
  /** Finds it among the rows; undefined or NaN without them. */
  value(find: Find): number | undefined;
}

/** Finds the row of a contestant. */
export type Find = (workload: string, what: string, contestant: string) => Row | undefined;

/** A target with what it has come to. */
export interface Outcome {
  readonly workload: string;
  readonly name: string;
  readonly value: number;
  readonly must?: string;
  readonly aim?: string;
  readonly met?: boolean;
  readonly aimMet?: boolean;
}
