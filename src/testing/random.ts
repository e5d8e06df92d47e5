/** Gives a number from 0 to below 1, the same sequence for the same seed. */
export type Random = () => number;

/** Makes a sequence of numbers that look random and are the same for the same seeds. Not for secrets. */
export function seeded(...seeds: readonly number[]): Random {
  let state = seeds.reduce((mixed, seed) => scramble(Math.imul(mixed, 0x01000193) ^ seed), 0x811c9dc5);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return (scramble(state) >>> 0) / 2 ** 32;
  };
}

/** An integer from 0 to `max`, both included. */
export function integerUpTo(max: number, random: Random): number {
  return Math.floor(random() * (max + 1));
}

/** Has each bit of a 32-bit number depend on all of its bits. */
function scramble(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}
