import { type Remote, startNode } from "../harness/processes.js";
import type { Contest, Target } from "../harness/result.js";
import type { BenchContext, Workload } from "../harness/workload.js";
import { transfer } from "./transfer.js";

/**
 * What is forwarded, with the module that makes its ends, how many are sent where what they allocate is counted, and
 * what the gateway has to save.
 */
const loads = [
  { what: "frames", ends: "ends/relayed-audio-pipe.js", counted: 2_000, must: "≥ 3", aim: "≥ 4" },
  { what: "tasks", ends: "ends/relayed-task-pipe.js", counted: 200, must: "≥ 10", aim: "≥ 15" },
] as const;

type Load = (typeof loads)[number];

interface Gateway {
  readonly name: string;
  readonly maker: string;
}

const ours: Gateway = { name: "crossbus", maker: "ends/crossbus-gateway.js" };
const decoding: Gateway = { name: "decode + encode", maker: "ends/protobuf-es-gateway.js" };

const ways = ["to the server", "to the client"] as const;

const targets: readonly Target[] = loads.flatMap(({ what, must, aim }) =>
  ways.map((way) => ({
    workload: "relay",
    name: `${what} ${way}: CPU of ${decoding.name} / crossbus`,
    must,
    aim,
    value(find) {
      const theirs = find("relay", `${what} ${way}`, decoding.name)?.cpu;
      const own = find("relay", `${what} ${way}`, ours.name)?.cpu;
      return theirs === undefined || own === undefined ? undefined : theirs / own;
    },
  })),
);

/** A gateway between a client and a server, each in a process of its own. */
export const relayWorkload: Workload = {
  name: "relay",
  about: "audio frames of 640 B and tasks of 1 kB through a gateway, whose CPU time and memory alone counts",
  targets,
  async open(context) {
    const processes: Remote[] = [];
    const contests: Contest[] = [];
    const end = async () => {
      await Promise.all(processes.map((each) => each.end()));
    };
    try {
      for (const load of loads) {
        for (const gateway of [ours, decoding]) {
          contests.push(...(await openGateway(load, gateway, context, processes)));
        }
      }
    } catch (error) {
      await end();
      throw error;
    }
    return { contests, [Symbol.asyncDispose]: end };
  },
};

async function openGateway(
  { what, ends, counted }: Load,
  { name, maker }: Gateway,
  { signal, counting }: BenchContext,
  processes: Remote[],
): Promise<readonly Contest[]> {
  const server = await startNode("ends/pipe-end.ts", { maker: ends }, signal);
  processes.push(server);
  const back = await server.call<string>("where");
  const gateway = await startNode("ends/gateway-end.ts", { maker, back }, signal, counting);
  processes.push(gateway);
  const address = await gateway.call<string>("where");
  const client = await startNode("ends/pipe-end.ts", { maker: ends, address }, signal);
  processes.push(client);
  const common = { contestant: name, observed: [gateway], counted };
  const [toServer, toClient] = ways;
  return [
    transfer({ case: `${what} ${toServer}`, from: client, to: server, ...common }),
    transfer({ case: `${what} ${toClient}`, from: server, to: client, ...common }),
  ];
}
