import type { RoundTrips } from "../ends/pipe-end.js";
import { counted, timed } from "../harness/observe.js";
import { type Remote, startNode } from "../harness/processes.js";
import type { Contest, Target } from "../harness/result.js";
import type { BenchContext, Workload } from "../harness/workload.js";

const what = "request and response";

/** Tasks a round, one after the other. */
const count = 500;

interface TaskContestant {
  readonly name: string;
  readonly maker: string;
  /** Whether the worker is in a process of its own. */
  readonly hasServer: boolean;
}

const own: readonly TaskContestant[] = [
  { name: "crossbus, in process", maker: "ends/in-process-task.js", hasServer: false },
  { name: "crossbus, memory transport", maker: "ends/memory-task.js", hasServer: false },
  { name: "crossbus, WebSocket", maker: "ends/web-socket-task.js", hasServer: true },
  { name: "echo over raw ws", maker: "ends/raw-ws-task.js", hasServer: true },
];

const peers: readonly TaskContestant[] = [{ name: "grpc-js unary", maker: "peers/grpc-js-task.js", hasServer: true }];

const targets: readonly Target[] = [
  {
    workload: "task",
    name: "p50 of crossbus over a WebSocket / grpc-js unary",
    aim: "≤ 1",
    value(find) {
      const ours = find("task", what, "crossbus, WebSocket")?.median;
      const theirs = find("task", what, "grpc-js unary")?.median;
      return ours === undefined || theirs === undefined ? undefined : ours / theirs;
    },
  },
];

/** Tasks, one at a time. */
export const taskWorkload: Workload = {
  name: "task",
  about: "tasks, from request to response, one at a time",
  targets,
  async open(context) {
    const processes: Remote[] = [];
    const contests: Contest[] = [];
    const end = async () => {
      await Promise.all(processes.map((each) => each.end()));
    };
    try {
      for (const contestant of context.hasPeers ? [...own, ...peers] : own) {
        const started = await start(contestant, context, processes);
        contests.push(contest(contestant.name, started));
      }
    } catch (error) {
      await end();
      throw error;
    }
    if (!context.hasPeers && !context.counting) {
      contests.push(
        ...peers.map(({ name }) => ({ case: what, contestant: name, skipped: "its package is not installed" })),
      );
    }
    return { contests, [Symbol.asyncDispose]: end };
  },
};

/** Starts the processes of a contestant, the client's last, and adds them to `processes`. */
async function start(
  { maker, hasServer }: TaskContestant,
  { signal, counting }: BenchContext,
  processes: Remote[],
): Promise<readonly Remote[]> {
  const started: Remote[] = [];
  let address = "";
  if (hasServer) {
    const server = await startNode("ends/task-end.ts", { maker }, signal, counting);
    processes.push(server);
    started.push(server);
    address = await server.call<string>("where");
  }
  const client = await startNode("ends/task-end.ts", { maker, address }, signal, counting);
  processes.push(client);
  return [...started, client];
}

function contest(contestant: string, processes: readonly Remote[]): Contest {
  const client = processes.at(-1);
  const run = async (): Promise<RoundTrips> => (await client?.call<RoundTrips>("run", count)) ?? { p50: 0, p99: 0 };
  return {
    case: what,
    contestant,
    async run() {
      let trips: RoundTrips = { p50: 0, p99: 0 };
      const { cpu } = await timed(processes, count, async () => {
        trips = await run();
        return 0;
      });
      return { value: trips.p50, p99: trips.p99, ...(cpu !== undefined && { cpu }) };
    },
    allocate: () => counted(processes, count, run),
  };
}
