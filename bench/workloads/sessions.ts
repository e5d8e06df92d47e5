import { setTimeout } from "node:timers/promises";
import type { SessionKind } from "../ends/sessions-server.js";
import { counted, timed } from "../harness/observe.js";
import { callTimeoutMs, type Remote, startNode } from "../harness/processes.js";
import type { Contest, Find, Target } from "../harness/result.js";
import type { BenchContext, Workload } from "../harness/workload.js";

/** Numbers of sessions at the same time. */
export const sizes = [10, 100, 1_000, 2_000];

/** Frames a second, of all sessions together, and for how long, in milliseconds. */
const perSecond = 20_000;
const roundMs = 500;
const countedMs = 100;

/** How many sessions a round of the contest about memory adds. */
const idleSessions = 250;

const frames = "frames, CPU of the server";
const memory = "memory when idle";

const targets: readonly Target[] = [
  {
    workload: "sessions",
    name: "CPU of a frame at 1 000 sessions / at 10",
    must: "≤ 1.3",
    aim: "≤ 1.1",
    value: (find) => atManyToFew(find, "crossbus"),
  },
  { workload: "sessions", name: "the same for raw ws", value: (find) => atManyToFew(find, "raw ws") },
  {
    workload: "sessions",
    name: "kB of an idle connection, transport alone",
    must: "≤ 12",
    aim: "≤ 10",
    value: (find) => find("sessions", memory, "transport alone")?.median,
  },
  {
    workload: "sessions",
    name: "kB of an idle session in all",
    must: "≤ 60",
    aim: "≤ 30",
    value: (find) => find("sessions", memory, "crossbus, in all")?.median,
  },
];

function atManyToFew(find: Find, kind: SessionKind): number | undefined {
  const many = find("sessions", frames, nameOf(kind, 1_000))?.median;
  const few = find("sessions", frames, nameOf(kind, 10))?.median;
  return many === undefined || few === undefined ? undefined : many / few;
}

function nameOf(kind: SessionKind, size: number): string {
  return `${kind}, ${size.toLocaleString("en").replace(",", " ")} sessions`;
}

/** Many sessions in one server. */
export const sessionsWorkload: Workload = {
  name: "sessions",
  about: "many sessions in one process, at 20 000 frames a second in all; bare clients in another",
  share: 0.5,
  targets,
  async open(context) {
    const processes: Remote[] = [];
    const contests: Contest[] = [];
    const end = async () => {
      await Promise.all(processes.map((each) => each.end()));
    };
    try {
      for (const size of sizes) {
        for (const kind of ["crossbus", "raw ws"] as const) {
          contests.push(await openFrames(kind, size, context, processes));
        }
      }
      if (!context.counting) {
        contests.push(await openIdle("crossbus", "crossbus, in all", context, processes));
        contests.push(await openIdle("transport", "transport alone", context, processes));
        contests.push(await openIdle("raw ws", "raw ws", context, processes));
      }
    } catch (error) {
      await end();
      throw error;
    }
    return { contests, [Symbol.asyncDispose]: end };
  },
};

/** A server with a number of sessions that frames come through. */
export async function openFrames(
  kind: SessionKind,
  size: number,
  context: BenchContext,
  processes: Remote[],
): Promise<Contest> {
  const { server, client } = await openServer(kind, context, processes);
  await client.call("connect", size);
  await until(server, "sessions", size);
  let total = 0;
  async function send(milliseconds: number): Promise<void> {
    total += await client.call<number>("send", perSecond, milliseconds);
    await until(server, "frames", total);
  }
  const framesOf = (milliseconds: number) => (perSecond * milliseconds) / 1000;
  return {
    case: frames,
    contestant: nameOf(kind, size),
    unit: "µs CPU",
    size,
    async run() {
      const { cpu = Number.NaN } = await timed([server], framesOf(roundMs), async () => {
        await send(roundMs);
        return 0;
      });
      return { value: cpu };
    },
    allocate: () => counted([server], framesOf(countedMs), () => send(countedMs)),
  };
}

async function openIdle(
  kind: SessionKind,
  contestant: string,
  context: BenchContext,
  processes: Remote[],
): Promise<Contest> {
  const { server, client } = await openServer(kind, context, processes);
  let sessions = 0;
  return {
    case: memory,
    contestant,
    unit: "kB",
    async run() {
      const before = await server.call<number>("used");
      await client.call("connect", idleSessions);
      sessions += idleSessions;
      await until(server, "sessions", sessions);
      const after = await server.call<number>("used");
      return { value: (after - before) / idleSessions / 1000 };
    },
  };
}

async function openServer(
  kind: SessionKind,
  { signal, counting }: BenchContext,
  processes: Remote[],
): Promise<{ readonly server: Remote; readonly client: Remote }> {
  const server = await startNode("ends/sessions-server.ts", { kind }, signal, counting);
  processes.push(server);
  const address = await server.call<string>("where");
  const client = await startNode("ends/sessions-client.ts", { address }, signal);
  processes.push(client);
  return { server, client };
}

/** Waits until a server has so many. */
async function until(server: Remote, what: "sessions" | "frames", count: number): Promise<void> {
  const deadline = Date.now() + callTimeoutMs;
  while ((await server.call<Record<typeof what, number>>("count"))[what] < count) {
    if (Date.now() > deadline) {
      throw new Error(`the server doesn't get to ${count} ${what}`);
    }
    await setTimeout(5);
  }
}
