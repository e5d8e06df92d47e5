import fc from "fast-check";
import { idle } from "../support/idle.js";
import type { Coverage, Run } from "./coverage.js";
import { explain, type Finding, type FindingKind, signatureOf } from "./finding.js";
import { minimise } from "./minimise.js";
import { mutate } from "./mutation.js";
import { RandomSource } from "./random-source.js";
import type { FuzzTarget } from "./target.js";
import type { World } from "./world.js";

/** What takes longer, in milliseconds, hangs; and what waits for longer without anything to wait for. */
const hangMs = 2_000;
const settleMs = 5_000;

/** A batch ends after so many inputs, or so many milliseconds: then it is seen what of our code has run. */
const batchInputs = 400;
const batchMs = 200;

/** So many inputs are made at once by who knows what they are made of. */
const sampleInputs = 50;

/** How much is kept to be mutated. */
const maxKept = 4_000;

/** So many different findings of one target are enough. */
const maxFindings = 20;

/** What fuzzing is told. */
export interface FuzzerOptions {
  readonly target: FuzzTarget;
  readonly seed: number;
  readonly world: World;
  /** What leads it to code that hasn't run yet. Default: what the target says became of an input, alone. */
  readonly coverage?: Coverage | undefined;
  /** Is given each input before it is tried, in case there is no afterwards. */
  readonly trying?: ((input: Uint8Array) => void) | undefined;
  /** Where the time comes from, in milliseconds. Default: the platform. */
  readonly now?: () => number;
}

/** Tries inputs on one target: those of a corpus, made ones, and mutations of those that got further than others. */
export class Fuzzer {
  readonly target: FuzzTarget;
  readonly findings: Finding[] = [];
  tried = 0;
  /** The longest that an input took, in milliseconds. */
  slowestMs = 0;
  readonly #options: FuzzerOptions;
  readonly #random: RandomSource;
  readonly #now: () => number;
  readonly #signatures = new Set<string>();
  readonly #outcomes = new Set<string>();
  readonly #kept: Uint8Array[] = [];

  constructor(options: FuzzerOptions) {
    this.#options = options;
    this.target = options.target;
    this.#random = new RandomSource(options.seed, ...new TextEncoder().encode(options.target.name));
    this.#now = options.now ?? (() => performance.now());
  }

  /** The inputs that got further than those before them. */
  get kept(): readonly Uint8Array[] {
    return this.#kept;
  }

  /** What has become of inputs. */
  get outcomes(): ReadonlySet<string> {
    return this.#outcomes;
  }

  /** Tries inputs that are there already. */
  async tryAll(inputs: readonly Uint8Array[]): Promise<void> {
    for (let from = 0; from < inputs.length; from += batchInputs) {
      await this.#batch(inputs.slice(from, from + batchInputs), Number.POSITIVE_INFINITY);
    }
  }

  /** Tries some new inputs, at most as many as `most`. */
  async step(most = batchInputs): Promise<void> {
    const isMade = this.#kept.length === 0 || this.#random.chance(0.35);
    await this.#batch(isMade ? this.#made(most) : this.#mutated(most), this.#now() + batchMs);
  }

  /** Tries one input, and gives what is wrong with it. */
  async try(input: Uint8Array): Promise<Finding | undefined> {
    const { finding } = await this.#try(input);
    return finding ?? (await this.#afterwards(input));
  }

  *#made(most: number): Generator<Uint8Array> {
    const { arbitrary } = this.target;
    for (let left = most; left > 0; left -= sampleInputs) {
      yield* fc.sample(arbitrary, { numRuns: Math.min(left, sampleInputs), seed: this.#random.below(2 ** 31) });
    }
  }

  *#mutated(most: number): Generator<Uint8Array> {
    const random = this.#random;
    const { target } = this;
    const { dictionary } = target;
    const material = { random, dictionary, other: () => random.pick(this.#kept) };
    for (let i = 0; i < most; i++) {
      // What was found lately is worth more.
      const lately = Math.min(this.#kept.length, 20);
      const from = random.chance(0.3) ? this.#kept.length - lately : 0;
      const input = this.#kept[from + random.below(this.#kept.length - from)] as Uint8Array;
      yield target.mutate !== undefined && random.chance(0.5) ? target.mutate(input, random) : mutate(input, material);
    }
  }

  async #batch(inputs: Iterable<Uint8Array>, until: number): Promise<void> {
    const tried: Uint8Array[] = [];
    for (const input of inputs) {
      tried.push(input);
      const { finding, outcome } = await this.#try(input);
      if (finding !== undefined) {
        await this.#report(finding);
      } else if (outcome !== undefined && !this.#outcomes.has(outcome)) {
        this.#outcomes.add(outcome);
        this.#keep(input);
      }
      if (this.#now() >= until) {
        break;
      }
    }
    const late = await this.#afterwards(new Uint8Array());
    if (late !== undefined) {
      await this.#findLate(late, tried);
    }
    const { coverage } = this.#options;
    const run = coverage?.take();
    if (coverage !== undefined && run !== undefined) {
      await this.#findNew(tried, run, coverage);
      // Also what doesn't run again, since it runs once only.
      coverage.note(run);
    }
  }

  async #try(input: Uint8Array): Promise<{ readonly finding?: Finding; readonly outcome?: string }> {
    const { world, trying } = this.#options;
    this.tried += 1;
    trying?.(input);
    const started = this.#now();
    let outcome: string | undefined;
    let thrown: { readonly by: unknown } | undefined;
    try {
      const ran = this.target.run(input);
      outcome = typeof ran === "string" ? ran : await this.#settled(ran);
    } catch (error) {
      thrown = { by: error };
    }
    const ms = this.#now() - started;
    this.slowestMs = Math.max(this.slowestMs, ms);
    const polluted = world.repair();
    if (polluted !== undefined) {
      return { finding: this.#finding("pollution", polluted, input) };
    }
    if (thrown !== undefined) {
      return { finding: this.#finding("exception", explain(thrown.by), input) };
    }
    if (outcome === undefined || ms > hangMs) {
      const why = outcome === undefined ? "it never settles" : `it took ${Math.round(ms)} ms`;
      return { finding: this.#finding("hang", why, input) };
    }
    return { outcome };
  }

  /** What a promise resolves with. One that nothing will ever settle must not end the process, as it would. */
  async #settled(ran: Promise<string>): Promise<string | undefined> {
    let isSettled = false;
    const settled = ran.finally(() => {
      isSettled = true;
    });
    // It is waited for below.
    settled.catch(() => {});
    for (const until = this.#now() + settleMs; !isSettled && this.#now() < until; ) {
      await idle();
    }
    return isSettled ? settled : undefined;
  }

  /** What went wrong where nobody waited for it. */
  async #afterwards(input: Uint8Array): Promise<Finding | undefined> {
    await idle();
    const [why] = this.#options.world.takeTrouble();
    return why === undefined ? undefined : this.#finding("rejection", explain(why), input);
  }

  #finding(kind: FindingKind, why: string, input: Uint8Array): Finding {
    return { target: this.target.name, kind, why, input };
  }

  /** Notes a finding, if it is a new one, with the shortest input that still brings it about. */
  async #report(finding: Finding): Promise<void> {
    const signature = signatureOf(finding);
    if (this.#signatures.has(signature) || this.findings.length >= maxFindings) {
      return;
    }
    if (finding.kind === "hang" && (await this.try(finding.input))?.kind !== "hang") {
      // The machine was busy with something else.
      return;
    }
    this.#signatures.add(signature);
    const isSame = (other: Finding | undefined) => other !== undefined && signatureOf(other) === signature;
    const input =
      finding.kind === "hang"
        ? finding.input
        : await minimise(finding.input, async (candidate) => isSame(await this.try(candidate)));
    this.findings.push({ ...finding, input });
  }

  /** Finds out which of some inputs something came of a little later. */
  async #findLate(late: Finding, inputs: readonly Uint8Array[]): Promise<void> {
    if (this.#signatures.has(signatureOf(late))) {
      return;
    }
    for (const input of inputs) {
      const finding = await this.try(input);
      if (finding?.kind === "rejection") {
        await this.#report(finding);
        return;
      }
    }
    // It takes more than one of them; better without an input than not at all.
    this.#signatures.add(signatureOf(late));
    this.findings.push(late);
  }

  /** Finds out which of some inputs have code run that never had before, by trying halves of them again. */
  async #findNew(inputs: readonly Uint8Array[], run: Run, coverage: Coverage): Promise<void> {
    if (inputs.length === 1) {
      coverage.note(run);
      this.#keep(inputs[0] as Uint8Array);
      return;
    }
    const middle = inputs.length >> 1;
    for (const half of [inputs.slice(0, middle), inputs.slice(middle)]) {
      for (const input of half) {
        await this.#try(input);
      }
      await this.#afterwards(new Uint8Array());
      const again = coverage.take();
      if (again !== undefined) {
        await this.#findNew(half, again, coverage);
      }
    }
  }

  #keep(input: Uint8Array): void {
    if (this.#kept.length < maxKept && !this.#kept.includes(input)) {
      this.#kept.push(input);
    }
  }
}
