import type { RandomSource } from "./random-source.js";

/** Inputs grow to this size, in bytes, by what is added to them. */
const maxBytes = 16_384;

/** Now and then one grows to this size, to find what takes more than its share of time. */
const maxBlownUpBytes = 262_144;

const oddBytes: readonly number[] = [
  0, 1, 2, 3, 7, 8, 10, 16, 18, 32, 34, 44, 45, 58, 64, 91, 92, 123, 127, 128, 254, 255,
];

/** Varints at the edges of what decoders tell apart. */
const oddVarints: readonly (readonly number[])[] = [
  [0x80, 0x00],
  [0xff, 0x7f],
  [0x80, 0x80, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x1f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
];

/** What a mutation may use. */
export interface Material {
  readonly random: RandomSource;
  readonly dictionary: readonly Uint8Array[];
  /** Another input to take parts of. */
  other(): Uint8Array;
}

type Mutation = (input: Uint8Array, material: Material) => Uint8Array;

/** Changes an input in a few places, without regard to what it is. */
export function mutate(input: Uint8Array, material: Material): Uint8Array {
  const { random } = material;
  const times = 1 + random.below(random.chance(0.2) ? 12 : 3);
  let mutated = input;
  for (let i = 0; i < times; i++) {
    mutated = random.pick(mutations)(mutated, material);
  }
  if (random.chance(0.002)) {
    mutated = blowUp(mutated, material);
  } else if (mutated.length > maxBytes) {
    mutated = mutated.slice(0, maxBytes);
  }
  return mutated;
}

const mutations: readonly Mutation[] = [
  /** Flips a bit. */
  (input, { random }) => withByte(input, random, (byte) => byte ^ (1 << random.below(8))),
  /** Adds a little, or takes it away. */
  (input, { random }) => withByte(input, random, (byte) => byte + random.below(33) - 16),
  (input, { random }) => withByte(input, random, () => random.pick(oddBytes)),
  (input, { random }) => withByte(input, random, () => random.below(256)),
  /** Inserts, and puts in the place of as much. */
  (input, { random }) => insert(input, random.below(input.length + 1), random.bytes(1 + random.below(4))),
  (input, { random }) => insert(input, random.below(input.length + 1), Uint8Array.from(random.pick(oddVarints))),
  (input, { random, dictionary }) => insert(input, random.below(input.length + 1), token(random, dictionary)),
  (input, { random, dictionary }) => overwrite(input, random.below(input.length + 1), token(random, dictionary)),
  (input, { random }) => overwrite(input, random.below(input.length + 1), Uint8Array.from(random.pick(oddVarints))),
  /** Leaves out a part, the start, or the end. */
  (input, { random }) => {
    const [from, to] = range(input, random);
    return insert(input.subarray(0, from), from, input.subarray(to));
  },
  (input, { random }) => input.slice(0, random.below(input.length + 1)),
  (input, { random }) => input.slice(random.below(Math.min(input.length, 16) + 1)),
  /** Says a part again, somewhere. */
  (input, { random }) => {
    const [from, to] = range(input, random);
    return insert(input, random.below(input.length + 1), input.subarray(from, to));
  },
  (input, { random }) => {
    const [from, to] = range(input, random);
    return overwrite(input, random.below(input.length + 1), input.subarray(from, to));
  },
  /** Takes a part of another, or its end. */
  (input, { random, other }) => {
    const donor = other();
    const [from, to] = range(donor, random);
    return insert(input, random.below(input.length + 1), donor.subarray(from, to));
  },
  (input, { random, other }) => {
    const donor = other();
    const at = random.below(input.length + 1);
    return insert(input.subarray(0, at), at, donor.subarray(random.below(donor.length + 1)));
  },
];

/** Says a part of an input very often. */
function blowUp(input: Uint8Array, { random }: Material): Uint8Array {
  const [from, to] = range(input, random);
  const part = input.subarray(from, to);
  if (part.length === 0) {
    return input;
  }
  const times = Math.floor(Math.min(10_000, maxBlownUpBytes / part.length) * random.fraction());
  const many = new Uint8Array(part.length * times);
  for (let at = 0; at < many.length; at += part.length) {
    many.set(part, at);
  }
  return insert(input, to, many);
}

function token(random: RandomSource, dictionary: readonly Uint8Array[]): Uint8Array {
  return dictionary.length === 0 ? random.bytes(2) : random.pick(dictionary);
}

function withByte(input: Uint8Array, random: RandomSource, change: (byte: number) => number): Uint8Array {
  if (input.length === 0) {
    return input;
  }
  const changed = input.slice();
  const at = random.below(input.length);
  changed[at] = change(changed[at] as number);
  return changed;
}

/** A part of an input; most often a short one. */
function range(input: Uint8Array, random: RandomSource): readonly [number, number] {
  const from = random.below(input.length + 1);
  const most = random.chance(0.7) ? Math.min(16, input.length - from) : input.length - from;
  return [from, from + random.below(most + 1)];
}

function insert(input: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  const changed = new Uint8Array(input.length + piece.length);
  changed.set(input.subarray(0, at));
  changed.set(piece, at);
  changed.set(input.subarray(at), at + piece.length);
  return changed;
}

function overwrite(input: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  const changed = new Uint8Array(Math.max(input.length, at + piece.length));
  changed.set(input);
  changed.set(piece, at);
  return changed;
}
