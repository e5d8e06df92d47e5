import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drawChart, type Panel } from "../harness/chart.js";
import { root } from "../harness/folders.js";
import { timed } from "../harness/observe.js";
import { type Remote, startNode } from "../harness/processes.js";
import type { Contest, Row } from "../harness/result.js";
import type { Workload } from "../harness/workload.js";
import { openFrames, sizes as sessionSizes } from "./sessions.js";

const chart = "docs/growth.svg";

/** How many messages a round has. */
const messages = 20_000;

const powers = [1, 10, 100, 1_000, 10_000];

const agents = "agents";
const waiting = "messages that wait";
const sessions = "sessions";

/** What a message costs, where there is more and more of everything. */
export const growthWorkload: Workload = {
  name: "growth",
  about: `what a message costs beside more and more others; draws ${chart}`,
  share: 0.5,
  onlyAlone: true,
  targets: [],
  async open(context) {
    const processes: Remote[] = [];
    const contests: Contest[] = [];
    const end = async () => {
      await Promise.all(processes.map((each) => each.end()));
    };
    const startBus = async (size: number) => {
      const started = await startNode("ends/bus-end.ts", { receivers: "agents", size }, context.signal);
      processes.push(started);
      return started;
    };
    try {
      for (const size of powers) {
        contests.push(contest(agents, size, await startBus(size)));
      }
      const bus = await startBus(10);
      contests.push(...powers.map((size) => contest(waiting, size, bus, size)));
      for (const size of sessionSizes) {
        const { allocate: _, ...frames } = await openFrames("crossbus", size, context, processes);
        contests.push({ ...frames, case: sessions });
      }
    } catch (error) {
      await end();
      throw error;
    }
    return { contests, [Symbol.asyncDispose]: end };
  },
  async finish(rows) {
    const path = join(root, chart);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(
      path,
      drawChart("What a message costs, by the number of agents, sessions and waiting messages", [
        panel("Targeted message", agents, "agents on the bus", "µs of CPU time", rows),
        panel("Queue drained", waiting, "messages that wait at an agent", "µs of CPU time a message", rows),
        panel("Frame received", sessions, "sessions, 20 000 frames/s in all", "µs of CPU time", rows),
      ]),
    );
    return `drew ${chart}`;
  },
};

function contest(what: string, size: number, process: Remote, burst?: number): Contest {
  const args = burst === undefined ? [messages] : [messages, burst];
  return {
    case: what,
    contestant: `crossbus, ${size.toLocaleString("en").replace(",", " ")}`,
    unit: "µs CPU",
    size,
    async run() {
      const { cpu = Number.NaN } = await timed([process], messages, () => process.call<number>("targeted", ...args));
      return { value: cpu };
    },
  };
}

function panel(title: string, what: string, across: string, up: string, rows: readonly Row[]): Panel {
  const points = rows
    .filter((row) => row.case === what)
    .map(({ size = 1, median, q1, q3 }) => ({ x: size, median, q1, q3 }));
  return { title, across, up, points };
}
