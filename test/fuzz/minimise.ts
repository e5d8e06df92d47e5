/** So many runs are worth a shorter input. */
const maxRuns = 3_000;

/** Leaves out of an input what it fails without. */
export async function minimise(
  input: Uint8Array,
  fails: (candidate: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let shortest = input;
  let runs = 0;
  for (let size = Math.ceil(input.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < shortest.length && runs < maxRuns; ) {
      const rest = shortest.subarray(from + size);
      const candidate = new Uint8Array(from + rest.length);
      candidate.set(shortest.subarray(0, from));
      candidate.set(rest, from);
      runs += 1;
      if (await fails(candidate)) {
        shortest = candidate;
      } else {
        from += size;
      }
    }
  }
  return shortest;
}
