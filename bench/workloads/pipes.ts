import { pythonEnv, pythonVariables, whyNotReady } from "../../test/support/python-env.js";
import type { PipeEndOptions } from "../ends/pipe-end.js";
import { hasBufferUtil } from "../harness/peers.js";
import { type Remote, startNode, startPython, withBufferUtil } from "../harness/processes.js";
import type { Contest } from "../harness/result.js";
import type { BenchContext, Opened } from "../harness/workload.js";

/** The Python end. */
const pipecat = { name: "pipecat (Python)", program: "ends/pipecat_end.py" };

/** A way to bring frames from one process to another. */
export interface PipeContestant {
  readonly name: string;
  /** The module that makes both ends. */
  readonly maker: string;
  /** Of the environment of its processes. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Those that need nothing but what the package itself needs. */
const own: readonly PipeContestant[] = [
  { name: "crossbus", maker: "ends/crossbus-pipe.js" },
  { name: "raw ws", maker: "ends/raw-ws-pipe.js" },
  { name: "ws + protobuf-es", maker: "ends/ws-protobuf-es-pipe.js" },
];

/** Those that need bufferutil. */
const masking: readonly PipeContestant[] = [
  { name: "crossbus + bufferutil", maker: "ends/crossbus-pipe.js", variables: withBufferUtil },
  { name: "raw ws + bufferutil", maker: "ends/raw-ws-pipe.js", variables: withBufferUtil },
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
    const { present, missing } = findContestants(context);
    for (const contestant of present) {
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
      const reason = "its package is not installed";
      contests.push(...missing.map(({ name }) => ({ case: "all", contestant: name, skipped: reason })));
    }
  } catch (error) {
    await end();
    throw error;
  }
  return { contests, [Symbol.asyncDispose]: end };
}

function findContestants({ hasPeers }: BenchContext) {
  const groups = [
    { isPresent: true, group: own },
    { isPresent: hasBufferUtil(), group: masking },
    { isPresent: hasPeers, group: peers },
  ];
  return {
    present: groups.flatMap(({ isPresent, group }) => (isPresent ? group : [])),
    missing: groups.flatMap(({ isPresent, group }) => (isPresent ? [] : group)),
  };
}

async function openPair({ name, maker, variables }: PipeContestant, context: BenchContext): Promise<Pair> {
  const { signal, counting } = context;
  const start = (argument: PipeEndOptions) => startNode("ends/pipe-end.ts", argument, signal, counting, variables);
  const server = await start({ maker });
  const client = await start({ maker, address: await server.call<string>("where") });
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
