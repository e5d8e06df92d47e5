/** Microseconds of a clock that all processes of a machine share, so that one end can take the time of the other. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1000;
}
