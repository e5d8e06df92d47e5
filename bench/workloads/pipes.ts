import { pythonEnv, pythonVariables, whyNotReady } from "../../test/support/python-env.js";
import { type Remote, startNode, startPython } from "../harness/processes.js";
import type { Contest } from "../harness/result.js";
import type { BenchContext, Opened } from "../harness/workload.js";

/** The Python end. */
const pipecat = { name: "pipecat (Python)", program: "ends/pipecat_end.py" };

/** A way to bring frames from one process to another. */
export interface PipeContestant {
  readonly name: string;
  /** The module that makes both ends. */
  readonly maker: string;
}

/** Those that need nothing but what the package itself needs. */
const own: readonly PipeContestant[] = [
  { name: "crossbus", maker: "ends/crossbus-pipe.js" },
  { name: "raw ws", maker: "ends/raw-ws-pipe.js" },
  { name: "ws + protobuf-es", maker: "ends/ws-protobuf-es-pipe.js" },
];

/** Those that need the packages of bench/. */
const peers: readonly PipeContestant[] = [
  { name: "grpc-js", maker: "peers/grpc-js-pipe.js" },
  { name: "connect-node", maker: "peers/connect-node-pipe.js" },
  { name: "socket.io", maker: "peers/socket-io-pipe.js" },
];

/** Both processes of a contestant. */
export interface Pair {
  readonly name: string;
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

async function openPair({ name, maker }: PipeContestant, { signal, counting }: BenchContext): Promise<Pair> {
  const server = await startNode("ends/pipe-end.ts", { maker }, signal, counting);
  const address = await server.call<string>("where");
  const client = await startNode("ends/pipe-end.ts", { maker, address }, signal, counting);
  return { name, server, client };
}

async function openPythonPair(python: string, signal: AbortSignal): Promise<Pair> {
  const { name, program } = pipecat;
  const start = (...args: readonly string[]) =>
    startPython(python, program, args, { ...pythonVariables(), LOGURU_LEVEL: "ERROR" }, signal);
  const server = await start();
  const client = await start(await server.call<string>("where"));
  return { name, server, client };
}
