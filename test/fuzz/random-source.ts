import { integerUpTo, type Random, seeded } from "../../src/testing/random.js";

/** Chance, the same for the same seed. */
export class RandomSource {
  readonly #random: Random;

  constructor(...seeds: readonly number[]) {
    this.#random = seeded(...seeds);
  }

  /** A number from 0 to below 1. */
  fraction(): number {
    return this.#random();
  }

  /** An integer from 0 to below `bound`. */
  below(bound: number): number {
    return integerUpTo(bound - 1, this.#random);
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
