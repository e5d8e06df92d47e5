import type { Attack } from "../attack.js";
import { Builder } from "./build.js";
import { DemoServer } from "./demo-server.js";
import { Target } from "./target.js";
import { until } from "./until.js";

/** So many servers are attacked at the same time: some attacks only wait. */
const workers = 4;

/** What an attack has done to a server without its defence. */
export interface Proof {
  readonly attack: Attack;
  /** Why it proves nothing; undefined when it was a success. */
  readonly problem: string | undefined;
  readonly seconds: number;
}

/** Attacks servers that each lack the one defence: what is no success there proves nothing. */
export async function prove(
  attacks: readonly Attack[],
  signal: AbortSignal,
  tell: (proof: Proof) => void,
): Promise<readonly Proof[]> {
  const proofs: Proof[] = [];
  const queue = [...attacks];
  await using builder = await Builder.create();
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      signal.throwIfAborted();
      const start = performance.now();
      const problem = await attempt(next, builder, signal);
      const proof = { attack: next, problem, seconds: (performance.now() - start) / 1000 };
      proofs.push(proof);
      tell(proof);
    }
  };
  // All of them, before the folder with their programs is removed.
  const ends = await Promise.allSettled(Array.from({ length: workers }, work));
  signal.throwIfAborted();
  for (const end of ends) {
    if (end.status === "rejected") {
      throw end.reason;
    }
  }
  return proofs;
}

async function attempt(attack: Attack, builder: Builder, signal: AbortSignal): Promise<string | undefined> {
  try {
    const program = await builder.build(attack.defence);
    await using server = await DemoServer.start(program, attack.server, signal);
    using target = new Target(server, await server.figures());
    const wasSuccess = await attack.run(target).catch(async (error: unknown) => {
      // A server that falls is as good as it gets.
      if (!(await until(() => !server.isAlive, 200))) {
        throw error;
      }
      return true;
    });
    return wasSuccess || (await until(() => !server.isAlive, 200))
      ? undefined
      : "it is no success without the defence either";
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
