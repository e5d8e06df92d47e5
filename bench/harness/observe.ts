import type { Remote } from "./processes.js";
import type { Sample } from "./result.js";

/** Has processes do so many operations, which take `act()` so many microseconds, and adds up their CPU time. */
export async function timed(processes: readonly Remote[], count: number, act: () => Promise<number>): Promise<Sample> {
  const before = await total(processes, "cpu");
  const elapsed = await act();
  const after = await total(processes, "cpu");
  return { value: elapsed / count, cpu: (after - before) / count };
}

/** Has processes do so many operations, and tells the bytes that one allocates. */
export async function counted(
  processes: readonly Remote[],
  count: number,
  act: () => Promise<unknown>,
): Promise<number | undefined> {
  const before = await total(processes, "mark");
  await act();
  const after = await Promise.all(processes.map((each) => each.call<number | undefined>("allocated")));
  return after.some((bytes) => bytes === undefined)
    ? undefined
    : (after.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0) - before) / count;
}

async function total(processes: readonly Remote[], method: string): Promise<number> {
  const values = await Promise.all(processes.map((each) => each.call<number>(method)));
  return values.reduce((sum, value) => sum + value, 0);
}
