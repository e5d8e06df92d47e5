import type { FindingKind } from "./finding.js";

/** What the process that tries inputs is told. */
export interface Order {
  readonly seed: number;
  readonly seconds: number;
  readonly targets: readonly string[];
  /** The file to keep the input in that is being tried, for when the process doesn't live to tell. */
  readonly trying: string;
  /** Whether to check in what got further. */
  readonly keep: boolean;
  /** Inputs to try again, and nothing else: those of a file, by their target. */
  readonly replay?: { readonly target: string; readonly base64: string } | undefined;
}

/** The figures of a target. */
export interface Figures {
  readonly target: string;
  readonly tried: number;
  /** How long it was its turn. */
  readonly seconds: number;
  readonly kept: number;
  readonly slowestMs: number;
  /** The blocks of our code that had never run before it was this target's turn. */
  readonly newBlocks: number;
  /** By how many bytes the heap grew while it was this target's turn, after its first one. */
  readonly heapGrowth: number;
}

/** The figures of all of them. */
export interface Progress {
  readonly figures: readonly Figures[];
  readonly coveredBlocks: number;
  readonly knownBlocks: number;
  /** The heap and what is beside it, after collections, in bytes: after the first round, last, and at most. */
  readonly heap: { readonly first: number; readonly last: number; readonly most: number } | undefined;
}

/** What it tells. */
export type Told =
  | { readonly tell: "alive" }
  | { readonly tell: "progress"; readonly progress: Progress; readonly at: string }
  | {
      readonly tell: "finding";
      readonly target: string;
      readonly kind: FindingKind;
      readonly why: string;
      readonly base64: string;
    }
  | { readonly tell: "replayed"; readonly outcome: string }
  | { readonly tell: "done"; readonly progress: Progress };
