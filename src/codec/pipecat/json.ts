/**
 * JSON as Python's `json` module reads and writes it. Beside what JSON.parse knows it keeps integers, of any size,
 * apart from floating point numbers, and knows `NaN`, `Infinity` and `-Infinity`.
 *
 * An integer is a bigint here, any other number a number.
 */
export type Json = null | boolean | bigint | number | string | readonly Json[] | JsonObject;

/** The members of an object in their order: a key is never the name of anything but the member. */
export class JsonObject {
  readonly entries: readonly (readonly [key: string, value: Json])[];

  constructor(entries: readonly (readonly [string, Json])[]) {
    this.entries = entries;
  }

  /** The member of that name. For objects that are known to be small, or asked once. */
  get(key: string): Json | undefined {
    return this.entries.find(([name]) => name === key)?.[1];
  }
}

/** How many digits Python takes in an integer. With more it fails to read the whole message. */
export const MAX_DIGITS = 4_300;

/** How many digits an integer has, of which the sign is none. */
export function countDigits(integer: string): number {
  return integer.startsWith("-") ? integer.length - 1 : integer.length;
}
