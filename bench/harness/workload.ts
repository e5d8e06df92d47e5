import type { Contest, Row, Target } from "./result.js";

/** What a workload needs to know. */
export interface BenchContext {
  /** Aborts when the bench is interrupted: processes end then. */
  readonly signal: AbortSignal;
  /** Whether its processes are to count what they allocate; otherwise they take times. */
  readonly counting: boolean;
  /** Whether the packages of the peers are there. */
  readonly hasPeers: boolean;
}

/** Contests that are held together, and what they have started. */
export interface Opened extends AsyncDisposable {
  readonly contests: readonly Contest[];
}

/** Something that is measured. */
export interface Workload {
  readonly name: string;
  /** What it is about, in a line. */
  readonly about: string;
  /** How many rounds it has for one of the others', where its rounds are long. Default: 1. */
  readonly share?: number;
  /** Whether it is held only when it is asked for by name. */
  readonly onlyAlone?: boolean;
  /** What its figures have to be. */
  readonly targets: readonly Target[];
  open(context: BenchContext): Promise<Opened>;
  /** Makes something of what came out. Returns what there is to say about it. */
  finish?(rows: readonly Row[]): Promise<string>;
}
