import type { BusEndOptions } from "../ends/bus-end.js";
import { counted, timed } from "../harness/observe.js";
import { type Remote, startNode } from "../harness/processes.js";
import type { Contest, Find, Target } from "../harness/result.js";
import type { Workload } from "../harness/workload.js";

/** Numbers of agents on a bus, and of subscribers that are no agents. */
const sizes = [1, 10, 100, 1_000, 10_000];
const bareSizes = [10, 10_000];

/** How many deliveries a round has, roughly, and how many where what they allocate is counted. */
const deliveries = 20_000;
const countedDeliveries = 5_000;

const emitter = "EventEmitter, one listener";

const all: readonly BusEndOptions[] = [
  ...sizes.map((size) => ({ receivers: "agents", size }) as const),
  ...bareSizes.map((size) => ({ receivers: "subscribers", size }) as const),
  { receivers: "EventEmitter", size: 1 },
];

const targets: readonly Target[] = (["agents", "subscribers"] as const).flatMap((receivers) => [
  {
    workload: "bus",
    name: `targeted: time at 10 000 ${receivers} / at 10`,
    must: "≤ 1.5",
    value: (find) => ratio(timeAt(find, receivers, 10_000), timeAt(find, receivers, 10)),
  },
  {
    workload: "bus",
    name: `targeted: time at 10 000 ${receivers} / EventEmitter`,
    aim: "≤ 1",
    value: (find) => ratio(timeAt(find, receivers, 10_000), find("bus", "targeted", emitter)?.median),
  },
]);

function timeAt(find: Find, receivers: BusEndOptions["receivers"], size: number): number | undefined {
  return find("bus", "targeted", nameOf({ receivers, size }))?.median;
}

function ratio(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one / other;
}

function nameOf({ receivers, size }: BusEndOptions): string {
  const many = size.toLocaleString("en").replace(",", " ");
  switch (receivers) {
    case "agents":
      return `crossbus, ${many} agent${size === 1 ? "" : "s"}`;
    case "subscribers":
      return `crossbus, ${many} bare subscribers`;
    default:
      return emitter;
  }
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
      for (const options of all) {
        const process = await startNode("ends/bus-end.ts", options, signal, counting);
        processes.push(process);
        contests.push(contest("targeted", options, 1, process));
        if (options.receivers !== "EventEmitter") {
          contests.push(contest("broadcast", options, options.size, process));
        }
      }
    } catch (error) {
      await end();
      throw error;
    }
    return { contests, [Symbol.asyncDispose]: end };
  },
};

function contest(operation: string, options: BusEndOptions, receivers: number, process: Remote): Contest {
  const send = (most: number) => {
    const messages = Math.max(1, Math.floor(most / receivers));
    return { count: messages * receivers, act: () => process.call<number>(operation, messages) };
  };
  const run = send(deliveries);
  const few = send(countedDeliveries);
  return {
    case: operation,
    contestant: nameOf(options),
    ...(options.receivers === "agents" && { size: options.size }),
    run: () => timed([process], run.count, run.act),
    allocate: () => counted([process], few.count, few.act),
  };
}
