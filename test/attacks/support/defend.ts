import { setTimeout as sleep } from "node:timers/promises";
import type { Attack } from "../attack.js";
import { DemoServer, demoServer } from "./demo-server.js";
import { HonestSession } from "./honest-session.js";
import type { Figures } from "./probe.js";
import { Target } from "./target.js";
import { warmUp } from "./warm-up.js";

/** How much the heap may differ after an attack: a part of what it was, and what it takes to compile a function or two. */
export const heapTolerance = { part: 0.05, bytes: 262_144 };

/** So many servers are attacked at the same time: some attacks only wait. */
const workers = 4;

/** So many attacks at most share a server. */
const maxShared = 12;

/** How long a server may take to let go of everything, in milliseconds: the grace period of its sessions, and some more. */
const settleMs = 45_000;

/** What an attack has done to a server with all its defences. */
export interface Defended {
  readonly attack: Attack;
  /** What went wrong; empty when the server has withstood. */
  readonly problems: readonly string[];
  readonly sent: number;
  readonly lost: number;
  readonly slowestMs: number;
  readonly seconds: number;
  readonly before: Figures | undefined;
  readonly after: Figures | undefined;
}

/** Attacks the real server, with all its defences. A dozen attacks that want the same get the same process, one by one. */
export async function defend(
  attacks: readonly Attack[],
  signal: AbortSignal,
  tell: (defended: Defended) => void,
): Promise<readonly Defended[]> {
  const results: Defended[] = [];
  const queue = [...groups(attacks)];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await withstandAll(next, signal, (defended) => {
        results.push(defended);
        tell(defended);
      });
    }
  };
  // All of them, so that no server is left when this rejects.
  const ends = await Promise.allSettled(Array.from({ length: workers }, work));
  signal.throwIfAborted();
  for (const end of ends) {
    if (end.status === "rejected") {
      throw end.reason;
    }
  }
  return results;
}

/** Attacks one server, and others in its place when it has fallen. */
async function withstandAll(
  group: readonly Attack[],
  signal: AbortSignal,
  tell: (defended: Defended) => void,
): Promise<void> {
  const queue = [...group];
  const args = group[0]?.server ?? [];
  while (queue.length > 0) {
    // Who has fallen is replaced, so that one attack alone counts as a success.
    await using server = await DemoServer.start(demoServer, args, signal);
    await warmUp(server.port, args);
    await using honest = await HonestSession.open(server.port, args);
    for (let next = queue.shift(); next !== undefined; next = server.isAlive ? queue.shift() : undefined) {
      signal.throwIfAborted();
      tell(await withstand(next, server, honest));
      if (honest.troubles.length > 0) {
        break;
      }
    }
  }
}

async function withstand(attack: Attack, server: DemoServer, honest: HonestSession): Promise<Defended> {
  const start = performance.now();
  const problems: string[] = [];
  const before = await server.figures();
  honest.begin();
  try {
    using target = new Target(server, before);
    if (await attack.run(target)) {
      problems.push("the attack was a success");
    }
  } catch (error) {
    problems.push(`the attack failed by itself: ${error instanceof Error ? error.stack : String(error)}`);
  }
  const talk = await honest.end();
  if (talk.lost > 0) {
    problems.push(`the honest session has lost ${talk.lost} of ${talk.sent} messages`);
  }
  problems.push(...honest.troubles.map((trouble) => `the honest session: ${trouble}`));
  const after = server.isAlive ? await settled(before, server) : undefined;
  problems.push(...(after === undefined ? ["the server has died"] : leftovers(before, after)));
  return { attack, problems, ...talk, seconds: (performance.now() - start) / 1000, before, after };
}

/** Waits until nothing of an attack is left, or the time is up. */
async function settled(before: Figures, server: DemoServer): Promise<Figures> {
  const end = performance.now() + settleMs;
  for (;;) {
    const figures = await server.figures();
    if (leftovers(before, figures).length === 0 || performance.now() >= end) {
      return figures;
    }
    await sleep(100);
  }
}

/** What an attack has left behind. */
function leftovers(before: Figures, after: Figures): readonly string[] {
  const left: string[] = [];
  const { part, bytes } = heapTolerance;
  if (Math.abs(after.heap - before.heap) > Math.max(before.heap * part, bytes)) {
    left.push(`the heap had ${before.heap} bytes before, and has ${after.heap} now`);
  }
  for (const type of new Set([...Object.keys(before.handles), ...Object.keys(after.handles)])) {
    const [was = 0, is = 0] = [before.handles[type], after.handles[type]];
    if (was !== is) {
      left.push(`there were ${was} handles of ${type}, and are ${is} now`);
    }
  }
  if (before.descriptors !== after.descriptors) {
    left.push(`${before.descriptors} descriptors were open, and ${after.descriptors} are now`);
  }
  if (after.pollution.length > 0) {
    left.push(`all objects have ${after.pollution.join(", ")} now`);
  }
  return left;
}

/**
 * The attacks by the servers that they want, a dozen at most for each. They are dealt out like cards: those that take long
 * come first, and should wait beside each other.
 */
function groups(attacks: readonly Attack[]): readonly (readonly Attack[])[] {
  const wanted = new Map<string, Attack[]>();
  for (const attack of attacks) {
    const key = attack.server.join(" ");
    wanted.set(key, [...(wanted.get(key) ?? []), attack]);
  }
  return [...wanted.values()].flatMap((group) => {
    const count = Math.ceil(group.length / maxShared);
    return Array.from({ length: count }, (_, index) => group.filter((_, at) => at % count === index));
  });
}
