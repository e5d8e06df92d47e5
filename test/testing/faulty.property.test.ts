import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { Code, status } from "../../src/base/status.js";
import type { FaultStep } from "../../src/testing/fault.js";
import { type End, rig, sendAll } from "./fault-rig.js";

const direction = fc.constantFrom("out", "in", "both");
const forMs = fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined });

const fault = fc.oneof(
  fc.record({ type: fc.constant("cut"), ends: fc.constantFrom("both", "near", "far") }),
  fc.constant({ type: "truncate" }),
  fc.record({ type: fc.constant("halfOpen"), direction, forMs }),
  fc.record({ type: fc.constant("delay"), direction, forMs, ms: fc.nat(500), jitterMs: fc.nat(200) }),
  fc.record({ type: fc.constant("throttle"), direction, forMs, bytesPerSecond: fc.integer({ min: 1, max: 2_000 }) }),
  fc.constant({ type: "duplicate" }),
);

const count = fc.integer({ min: 1, max: 8 });

const trigger = fc.oneof(
  fc.constant({}),
  fc.record({ afterSent: count }),
  fc.record({ afterReceived: count }),
  fc.record({ afterMs: fc.nat(2_000) }),
  fc.record({ afterMs: fc.nat(500), afterSent: count, afterReceived: count }),
);

const script = fc.array(
  fc.tuple(fault, trigger).map((parts) => Object.assign({}, ...parts) as FaultStep),
  { minLength: 1, maxLength: 5, size: "max" },
);

/** What a test does: either end sends so many messages, pauses, resumes or closes; or time passes. */
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ at: fc.constantFrom("near", "far"), sends: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ ms: fc.nat(1_500) }) },
  { weight: 1, arbitrary: fc.record({ at: fc.constantFrom("near", "far"), does: fc.constantFrom("pause", "resume") }) },
  { weight: 1, arbitrary: fc.record({ at: fc.constantFrom("near", "far"), does: fc.constant("close") }) },
);

interface Action {
  readonly at?: "near" | "far";
  readonly sends?: number;
  readonly does?: "pause" | "resume" | "close";
  readonly ms?: number;
}

interface Case {
  readonly script: readonly FaultStep[];
  readonly seed: number;
  readonly windowBytes: number;
  readonly actions: readonly Action[];
}

/** Plays a case, and checks what holds whatever the faults are. Returns all that was seen. */
async function play({ script: steps, seed, windowBytes, actions }: Case): Promise<unknown> {
  const { near, far, accepted, clock, network } = await rig(steps, { seed, windowBytes });
  const ends = { near, far };
  const sent = { near: 0, far: 0 };
  const closed = { near: false, far: false };
  for (const { at, sends = 0, does, ms } of actions) {
    await clock.advanceAsync(ms ?? 0);
    if (at === undefined) {
      continue;
    }
    const { connection } = ends[at];
    for (let count = 0; count < sends && ends[at].ended() === undefined && !closed[at]; count++) {
      try {
        sendAll(ends[at], sent[at] + 1, sent[at] + 1, 20);
        sent[at] += 1;
      } catch (error) {
        expect(error).to.have.property("code", Code.UNAVAILABLE);
      }
    }
    if (does === "close") {
      closed[at] = true;
      void connection.close(status(Code.ABORTED, at));
    } else if (does !== undefined) {
      connection[does]();
    }
    expect(near.connection.bufferedAmount).to.be.at.least(0);
  }
  network.heal();
  for (const end of [near, far]) {
    end.connection.resume();
  }
  await clock.advanceAsync(30_000);
  const broke = near.ended() !== undefined || far.ended() !== undefined;
  expect(near.ended() === undefined, `${near.ended()} at the near end, ${far.ended()} at the far one`).to.equal(!broke);
  for (const [at, from, to] of [
    ["near", near, far],
    ["far", far, near],
  ] as const) {
    expect(to.got, `what arrived of ${at}`).to.deep.equal(upTo(to.got.length));
    expect(to.got.length).to.be.at.most(sent[at]);
    // What is told is the newest, without a gap.
    const told = from.undelivered.length;
    expect(from.undelivered, `what ${at} was told`).to.deep.equal(upTo(sent[at]).slice(sent[at] - told));
    if (!broke) {
      expect([to.got.length, told], `without an end, of ${at}`).to.deep.equal([sent[at], 0]);
    }
    expect(from.connection.bufferedAmount).to.equal(0);
    await from.connection.drained(0);
  }
  const seen = accepted.map(({ got, undelivered }) => ({ got, undelivered }));
  const ended = [near.ended(), ...accepted.map((end) => end.ended())];
  await Promise.all([near, ...accepted].map(({ connection }) => connection.close(status(Code.OK))));
  await clock.advanceAsync(0);
  expect(clock.pending, "timers that are left").to.equal(0);
  return { log: network.log, near: seenBy(near), seen, ended };
}

function seenBy({ got, undelivered }: End): unknown {
  return { got, undelivered };
}

function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

describe("faulty(), whatever the script", function () {
  this.timeout(60_000);

  const cases = fc.record({
    script,
    seed: fc.nat(),
    windowBytes: fc.constantFrom(0, 50, 65_536),
    actions: fc.array(action, { maxLength: 20, size: "max" }),
  }) as fc.Arbitrary<Case>;

  it("delivers a prefix of what was sent, whole and in order, and leaves nothing once it has healed", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (all) => {
        await play(all);
      }),
      { numRuns: 4_000 },
    );
  });

  it("does the same again for the same seed, script and traffic", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (all) => {
        // As plain data, as a script may come from a file.
        const again = JSON.parse(JSON.stringify(all)) as Case;
        expect(await play(again)).to.deep.equal(await play(all));
      }),
      { numRuns: 300 },
    );
  });
});
