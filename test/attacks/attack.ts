import type { Edit } from "../../scripts/mutate/guard.js";
import type { Target } from "./support/target.js";

/** Something that somebody may do to a server. */
export interface Attack {
  readonly name: string;
  /** What it goes for: a weakness of the Python original (W…), a rule of the link protocol (L-…), or a promise. */
  readonly against: string;
  /** The arguments that `demo:server` is started with. */
  readonly server: readonly string[];
  /** Does it, and tells whether it was a success. */
  run(target: Target): Promise<boolean>;
  /** What switches off the defence. Where there is more than one line of it, all of them. */
  readonly defence: readonly Edit[];
}

/** How an attack is written down. */
export interface AttackInit<Seen> {
  readonly against: string;
  /** Default: no arguments, which is what a server is that its own kind connects to. */
  readonly server?: readonly string[];
  /** Does it. Resolves with what the attacker got to see. */
  attack(target: Target): Promise<Seen>;
  /** Whether that shows that it was a success. */
  succeeded(seen: Seen): boolean;
  readonly defence: Edit | readonly Edit[];
}

/** Makes an attack. */
export function attack<Seen>(name: string, init: AttackInit<Seen>): Attack {
  return {
    name,
    against: init.against,
    server: init.server ?? [],
    run: async (target) => init.succeeded(await init.attack(target)),
    defence: "file" in init.defence ? [init.defence] : init.defence,
  };
}

/** The servers that attacks want, by what they speak. */
export const speaks = {
  protobuf: ["--dialect", "protobuf"],
  pipecat: ["--dialect", "pipecat"],
  subagents: ["--dialect", "pipecat-subagents"],
} as const;
