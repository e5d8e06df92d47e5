/** Has tasks done, one at a time, and takes the time. */
import { now } from "../harness/clock.js";
import { quantile } from "../harness/statistics.js";
import type { RoundTrips } from "./pipe-end.js";
import type { DoTask, TaskMaker } from "./task.js";

/** Which end a process is. */
export interface TaskEndOptions {
  readonly maker: string;
  /** Where the worker is. Without it the process serves. */
  readonly address?: string;
}

export async function open({ maker, address }: TaskEndOptions): Promise<object> {
  const made = (await import(new URL(`../${maker}`, import.meta.url).href)) as TaskMaker;
  if (address === undefined) {
    const where = await made.serve?.();
    return { where: () => where };
  }
  const doTask = await made.connect(address);
  return { run: (count: number) => run(doTask, count) };
}

async function run(doTask: DoTask, count: number): Promise<RoundTrips> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = now();
    await doTask();
    times.push(now() - began);
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
