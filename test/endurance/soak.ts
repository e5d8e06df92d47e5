import { setTimeout } from "node:timers/promises";
import { BadWire } from "./bad-wire.js";
import { Remote } from "./remote.js";
import type { SoakEndOptions, SoakState } from "./soak-end.js";

/** The memory of one end, in bytes. */
export interface Memory {
  readonly heap: number;
  readonly rss: number;
}

/** How the memory of one end went. */
export interface Growth {
  readonly name: "sender" | "slow consumer";
  /** The medians of the first minute after the warm-up, or of the first third where it was short, and of the last one. */
  readonly first: Memory;
  readonly last: Memory;
  readonly most: Memory;
}

/** What a soak has come to. */
export interface Soak {
  readonly ends: readonly Growth[];
  /** The messages that the slow consumer has taken, and those answers of its that the sender has. */
  readonly taken: number;
  readonly answers: number;
  readonly resumes: number;
  readonly trouble: readonly string[];
}

/** How a soak is held. */
export interface SoakOptions {
  readonly seconds: number;
  /** Is told how it goes. */
  progress?(text: string): void;
}

/** The connection is reset so often, so that resuming soaks too. */
const resetMs = 10_000;

const sampleMs = 1_000;

/** What is compiled at run time, and queues that fill, take so many seconds at most. */
const warmUpSeconds = 10;

/**
 * Has one process send to another as fast as it may, which takes that slowly, with a connection that is reset every ten
 * seconds, and looks at the memory of both.
 */
export async function soak({ seconds, progress = () => {} }: SoakOptions, signal: AbortSignal): Promise<Soak> {
  const ends = new AbortController();
  const both = AbortSignal.any([signal, ends.signal]);
  const start = (options: SoakEndOptions) => new Remote("soak-end.ts", options, both);
  try {
    const server = start({});
    const address = await server.call<string>("where");
    await using wire = await BadWire.before(address);
    const client = start({ address: wire.through(address) });
    const look = () => Promise.all([client.call<SoakState>("look"), server.call<SoakState>("look")]);
    const began = Date.now();
    const samples: (readonly [SoakState, SoakState])[] = [];
    let resets = 0;
    while (Date.now() < began + seconds * 1_000) {
      await setTimeout(sampleMs, undefined, { signal });
      const sample = await look();
      samples.push(sample);
      if (Date.now() - began > (resets + 1) * resetMs) {
        resets++;
        wire.reset();
      }
      const [sender, consumer] = sample.map(({ heap, rss }) => `${inMiB(heap)} of ${inMiB(rss)} MiB`);
      progress(`${samples.length} of ${seconds} s, sender ${sender}, consumer ${consumer}, ${sample[1].taken} taken`);
    }
    const [sender, consumer] = await look();
    return {
      ends: [
        growth(
          "sender",
          seconds,
          samples.map(([each]) => each),
        ),
        growth(
          "slow consumer",
          seconds,
          samples.map(([, each]) => each),
        ),
      ],
      taken: consumer.taken,
      answers: sender.taken,
      resumes: sender.resumes,
      trouble: [...sender.trouble, ...consumer.trouble],
    };
  } finally {
    ends.abort();
  }
}

/** Bytes for people. */
export function inMiB(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}

/** What of an end has grown by more than a process that does the same all the time may; nothing where all is flat. */
export function grown({ name, first, last }: Growth): readonly string[] {
  const allowed: Memory = { heap: first.heap * 1.1 + 4_194_304, rss: first.rss * 1.15 + 16_777_216 };
  return (["heap", "rss"] as const)
    .filter((what) => last[what] > allowed[what])
    .map((what) => `${what} of the ${name} grew beyond ${inMiB(allowed[what])} MiB`);
}

function growth(name: Growth["name"], seconds: number, samples: readonly SoakState[]): Growth {
  const perSecond = samples.length / seconds;
  const warm = samples.slice(Math.floor(Math.min(warmUpSeconds, seconds / 4) * perSecond));
  const span = Math.max(1, Math.ceil(Math.min(60 * perSecond, warm.length / 3)));
  const of = (some: readonly SoakState[], pick: (sorted: readonly number[]) => number | undefined): Memory => {
    const choose = (what: keyof Memory) => pick(some.map((state) => state[what]).sort((a, b) => a - b)) ?? 0;
    return { heap: choose("heap"), rss: choose("rss") };
  };
  const median = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)];
  return {
    name,
    first: of(warm.slice(0, span), median),
    last: of(warm.slice(-span), median),
    most: of(samples, (sorted) => sorted.at(-1)),
  };
}
