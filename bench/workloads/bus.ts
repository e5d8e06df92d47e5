import { counted, timed } from "../harness/observe.js";
import { type Remote, startNode } from "../harness/processes.js";
import type { Contest, Target } from "../harness/result.js";
import type { Workload } from "../harness/workload.js";

/** Numbers of agents on a bus. */
const sizes = [1, 10, 100, 1_000, 10_000];

/** How many deliveries a round has, roughly, and how many where what they allocate is counted. */
const deliveries = 20_000;
const countedDeliveries = 5_000;

const emitter = "EventEmitter, one listener";

const targets: readonly Target[] = [
  {
    workload: "bus",
    name: "targeted: time at 10 000 agents / at 10",
    must: "≤ 1.5",
    value: (find) => ratio(find("bus", "targeted", at(10_000))?.median, find("bus", "targeted", at(10))?.median),
  },
  {
    workload: "bus",
    name: "targeted: time at 10 000 agents / EventEmitter",
    aim: "≤ 1",
    value: (find) => ratio(find("bus", "targeted", at(10_000))?.median, find("bus", "targeted", emitter)?.median),
  },
];

function ratio(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one / other;
}

function at(size: number): string {
  return `crossbus, ${size.toLocaleString("en").replace(",", " ")} agent${size === 1 ? "" : "s"}`;
}

/** Messages within one process. */
export const busWorkload: Workload = {
  name: "bus",
  about: "messages within one process, to one agent and to all; the time is for one receiver",
  targets,
  async open({ signal, counting }) {
    const processes: Remote[] = [];
    const contests: Contest[] = [];
    const end = async () => {
      await Promise.all(processes.map((each) => each.end()));
    };
    try {
      for (const size of [...sizes, 0]) {
        const process = await startNode("ends/bus-end.ts", { agents: size }, signal, counting);
        processes.push(process);
        contests.push(contest("targeted", size, 1, process));
        if (size > 0) {
          contests.push(contest("broadcast", size, size, process));
        }
      }
    } catch (error) {
      await end();
      throw error;
    }
    return { contests, [Symbol.asyncDispose]: end };
  },
};

function contest(operation: string, size: number, receivers: number, process: Remote): Contest {
  const send = (most: number) => {
    const messages = Math.max(1, Math.floor(most / receivers));
    return { count: messages * receivers, act: () => process.call<number>(operation, messages) };
  };
  const run = send(deliveries);
  const few = send(countedDeliveries);
  return {
    case: operation,
    contestant: size === 0 ? emitter : at(size),
    ...(size > 0 && { size }),
    run: () => timed([process], run.count, run.act),
    allocate: () => counted([process], few.count, few.act),
  };
}
