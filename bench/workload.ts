/** One way of doing what a workload is about. */
export interface Contestant {
  readonly name: string;
  /** How many operations a run has. */
  readonly count: number;
  run(): Promise<void>;
  tearDown(): Promise<void>;
}

/** Something that is measured, done by several contestants. */
export interface Workload {
  readonly name: string;
  /** The unit of time per operation, always microseconds. */
  readonly unit: "µs";
  setUp(): Promise<readonly Contestant[]>;
}

/** What came out for one contestant: medians over all rounds, in the workload's unit for each operation. */
export interface Measurement {
  readonly workload: string;
  readonly contestant: string;
  readonly unit: string;
  readonly median: number;
  /** A quarter of the rounds was faster. */
  readonly low: number;
  /** A quarter of the rounds was slower. */
  readonly high: number;
  /** CPU time of this process. */
  readonly cpu: number;
}
