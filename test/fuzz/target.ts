import type fc from "fast-check";
import type { RandomSource } from "./random-source.js";

/** Something that takes whatever a peer sends. */
export interface FuzzTarget {
  readonly name: string;
  /** What it takes, for people. */
  readonly about: string;
  /** Inputs to begin with, beside those of the corpus. */
  seeds(): readonly Uint8Array[];
  /** Inputs made by who knows what they are made of. */
  readonly arbitrary: fc.Arbitrary<Uint8Array>;
  /** Pieces of inputs that mean something somewhere. */
  readonly dictionary: readonly Uint8Array[];
  /** Changes an input by what it is made of, rather than byte by byte, where somebody knows how to. */
  mutate?(input: Uint8Array, random: RandomSource): Uint8Array;
  /**
   * Takes an input. Gives a word for what became of it: an input with a new one is worth keeping. Throws, at once or later,
   * when something is wrong that no input may bring about.
   */
  run(input: Uint8Array): string | Promise<string>;
}
