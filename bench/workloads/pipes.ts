import { pythonEnv, pythonVariables, whyNotReady } from "../../test/support/python-env.js";
import { type Remote, startNode, startPython } from "../harness/processes.js";
import type { Contest } from "../harness/result.js";
import type { BenchContext, Opened } from "../harness/workload.js";

/** The Python end, and how many frames its rounds have. */
const pipecat = { name: "pipecat (Python)", program: "ends/pipecat_end.py", count: 500 };

/** A way to bring frames from one process to another. */
export interface PipeContestant {
  readonly name: string;
  /** The module that makes both ends. */
  readonly maker: string;
  /** How many frames a round has. Fewer for who is slow. */
  readonly count: number;
}

/** Those that need nothing but what the package itself needs. */
const own: readonly PipeContestant[] = [
  { name: "crossbus", maker: "ends/crossbus-pipe.js", count: 20_000 },
  { name: "raw ws", maker: "ends/raw-ws-pipe.js", count: 10_000 },
  { name: "ws + protobuf-es", maker: "ends/ws-protobuf-es-pipe.js", count: 10_000 },
];

/** Those that need the packages of bench/. */
const peers: readonly PipeContestant[] = [
  { name: "grpc-js", maker: "peers/grpc-js-pipe.js", count: 5_000 },
  { name: "connect-node", maker: "peers/connect-node-pipe.js", count: 2_500 },
  { name: "socket.io", maker: "peers/socket-io-pipe.js", count: 5_000 },
];

/** Both processes of a contestant. */
export interface Pair {
  readonly name: string;
  readonly count: number;
  readonly server: Remote;
  readonly client: Remote;
}

/** Opens the pairs of all contestants, and the contests that they are for. */
export async function openPairs(
  context: BenchContext,
  toContests: (pair: Pair) => readonly Contest[],
): Promise<Opened> {
  const pairs: Pair[] = [];
  const contests: Contest[] = [];
  const end = async () => {
    await Promise.all(pairs.flatMap(({ server, client }) => [server.end(), client.end()]));
  };
  try {
    for (const contestant of context.hasPeers ? [...own, ...peers] : own) {
      const pair = await openPair(contestant, context);
      pairs.push(pair);
      contests.push(...toContests(pair));
    }
    // What Python allocates is not counted.
    if (!context.counting) {
      const env = pythonEnv("pipecat");
      const skipped = whyNotReady(env);
      if (skipped === undefined) {
        const pair = await openPythonPair(env.python, context.signal);
        pairs.push(pair);
        contests.push(...toContests(pair).map(({ allocate: _, ...contest }) => contest));
      } else {
        contests.push({ case: "all", contestant: pipecat.name, skipped });
      }
      if (!context.hasPeers) {
        const reason = "its package is not installed";
        contests.push(...peers.map(({ name }) => ({ case: "all", contestant: name, skipped: reason })));
      }
    }
  } catch (error) {
    await end();
    throw error;
  }
  return { contests, [Symbol.asyncDispose]: end };
}

async function openPair({ name, maker, count }: PipeContestant, { signal, counting }: BenchContext): Promise<Pair> {
  const server = await startNode("ends/pipe-end.ts", { maker }, signal, counting);
  const address = await server.call<string>("where");
  const client = await startNode("ends/pipe-end.ts", { maker, address }, signal, counting);
  return { name, count, server, client };
}

async function openPythonPair(python: string, signal: AbortSignal): Promise<Pair> {
  const { name, program, count } = pipecat;
  const start = (...args: readonly string[]) =>
    startPython(python, program, args, { ...pythonVariables(), LOGURU_LEVEL: "ERROR" }, signal);
  const server = await start();
  const client = await start(await server.call<string>("where"));
  return { name, count, server, client };
}
