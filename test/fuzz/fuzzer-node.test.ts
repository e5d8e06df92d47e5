import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { wait } from "../../src/base/wait.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { Fuzzer } from "./fuzzer.js";
import type { FuzzTarget } from "./target.js";
import { World } from "./world.js";

/** A target that does something when an input holds a word. */
function trap(word: string, spring: () => string | Promise<string>): FuzzTarget {
  const decoder = new TextDecoder();
  return {
    name: "trap",
    about: "nothing",
    seeds: () => [new TextEncoder().encode("......")],
    arbitrary: fc.uint8Array({ maxLength: 8 }),
    dictionary: [...word].map((letter) => new TextEncoder().encode(letter)),
    run(input) {
      const text = decoder.decode(input);
      // What is almost there has an outcome of its own, which is what a fuzzer goes by.
      const met = [...word].findIndex((_, i) => !text.includes(word.slice(0, i + 1)));
      return met === -1 ? spring() : `met ${met}`;
    },
  };
}

async function fuzzed(target: FuzzTarget, now?: () => number): Promise<Fuzzer> {
  using world = new World();
  const fuzzer = new Fuzzer({ target, seed: 1, world, ...(now === undefined ? {} : { now }) });
  await fuzzer.tryAll(target.seeds());
  for (let i = 0; i < 2_000 && fuzzer.findings.length === 0; i++) {
    await fuzzer.step(50);
  }
  return fuzzer;
}

describe("the fuzzer", () => {
  it("gets from one outcome to the next until something is thrown, and shortens what brought it about", async () => {
    const { findings } = await fuzzed(
      trap("bad", () => {
        throw new TypeError("oh");
      }),
    );
    expect(findings.map(({ kind, input }) => [kind, new TextDecoder().decode(input)])).to.deep.equal([
      ["exception", "bad"],
    ]);
    expect(findings[0]?.why).to.include("TypeError: oh").and.to.include("fuzzer-node.test.ts");
  });

  it("notices what is rejected where nobody waits", async () => {
    const { findings } = await fuzzed(
      trap("ab", () => {
        void Promise.reject(new Error("late"));
        return "sprung";
      }),
    );
    expect(findings.map(({ kind, input }) => [kind, new TextDecoder().decode(input)])).to.deep.equal([
      ["rejection", "ab"],
    ]);
  });

  it("notices what everything inherits, and takes it back", async () => {
    const { findings } = await fuzzed(
      trap("a", () => {
        Object.assign(Object.prototype, { polluted: true });
        return "sprung";
      }),
    );
    expect(findings.map(({ kind, why }) => [kind, why])).to.deep.equal([
      ["pollution", "Object.prototype has got polluted"],
    ]);
    expect("polluted" in {}).to.equal(false);
  });

  it("notices what takes too long, and what never ends", async () => {
    let now = 0;
    const slow = await fuzzed(
      trap("a", () => {
        now += 2_500;
        return "sprung";
      }),
      () => now,
    );
    expect(slow.findings.map(({ kind, why }) => [kind, why])).to.deep.equal([["hang", "it took 2500 ms"]]);
    const stuck = await fuzzed(
      trap("a", async () => {
        await wait(new VirtualClock(), 1, new AbortController().signal);
        return "sprung";
      }),
      () => now++,
    );
    expect(stuck.findings.map(({ kind, why }) => [kind, why])).to.deep.equal([["hang", "it never settles"]]);
  }).timeout(30_000);

  it("tries the same for the same seed", async () => {
    const tried: string[][] = [];
    for (let i = 0; i < 2; i++) {
      using world = new World();
      const inputs: string[] = [];
      const trying = (input: Uint8Array) => void inputs.push(Buffer.from(input).toString("hex"));
      const target = trap("xyz", () => "sprung");
      const fuzzer = new Fuzzer({ target, seed: 5, world, trying, now: () => 0 });
      await fuzzer.tryAll(target.seeds());
      for (let step = 0; step < 10; step++) {
        await fuzzer.step(30);
      }
      tried.push(inputs);
    }
    expect(tried[0]).to.deep.equal(tried[1]).and.to.have.length.above(200);
  });
});
