/** What several measurements of the same thing come to. */
export interface Summary {
  readonly median: number;
  /** A quarter of the measurements is below it. */
  readonly q1: number;
  /** A quarter of the measurements is above it. */
  readonly q3: number;
}

/** The value that a share of all values is below, between two neighbours in proportion. NaN where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** The median with its quartiles. */
export function summarize(values: readonly number[]): Summary {
  return { median: quantile(values, 0.5), q1: quantile(values, 0.25), q3: quantile(values, 0.75) };
}
