import { expect } from "chai";
import { describe, it } from "mocha";
import { Code, status } from "../../src/base/status.js";
import { assertEqual } from "../../src/testing/assertions.js";
import { record } from "../../src/testing/record.js";
import { type Bench, runCase } from "../../src/testing/run-case.js";
import { transportConformance } from "../../src/testing/transport-conformance.js";
import { numbered, Workbench } from "../../src/testing/transport-workbench.js";
import { withoutConsole } from "../transport/helpers.js";
import { broken, type Mistake } from "./broken-transport.js";

const setup = (mistake: Mistake) => async () => ({ ...broken(mistake), dispose: async () => {} });

/** Runs one case over a transport with a mistake. Returns what it rejects with. */
async function failureOf(mistake: Mistake, name: string): Promise<unknown> {
  const found = transportConformance(setup(mistake)).find((one) => one.name.includes(name));
  let failure: unknown;
  await withoutConsole(async () => {
    failure = await found?.run().then(
      () => "nothing was noticed",
      (error: Error) => error.message,
    );
  });
  return failure ?? `no case is called ${name}`;
}

describe("transportConformance()", () => {
  for (const [mistake, name, failure] of [
    ["delivers after closed", "sent before close()", "a message was delivered after `closed` had resolved"],
    ["delivers as text", "tells nothing as undelivered", "a message of bytes was delivered as text"],
    ["doesn't slow the peer down", "shows in bufferedAmount", "the peer reads them all the same"],
    ["delivers within resume()", "nothing while paused", "expected 1, got 21"],
    ["rejects closed", "over the limit", "`closed` has rejected, which it never may: StatusError"],
    ["forgets the subprotocol", "selects the first", 'expected ["best.v2","best.v2"], got ["",""]'],
    ["takes what accept() throws for OK", "accept() throws", "end with INTERNAL, and it ended with OK"],
    ["takes what accept() throws for OK", "accept() rejects", "end with INTERNAL, and it ended with OK"],
    ["takes what the consumer throws for OK", "the consumer throws", "end with INTERNAL, and it ended with OK"],
    ["turns every second pair of messages round", "many small", "got 2000; item 2 should be 2, and is 3"],
  ] as const) {
    it(`of a transport that ${mistake} says in "${name}": ${failure}`, async () => {
      expect(await failureOf(mistake, name)).to.include(failure);
    });
  }

  it("finds nothing wrong where nothing is", async () => {
    for (const name of ["sent before close()", "nothing while paused", "shows in bufferedAmount", "many small"]) {
      expect(await failureOf("none", name)).to.equal("nothing was noticed");
    }
  });

  it("waits for a peer that reads on slowly, to see that it reads", async () => {
    const bench = new Workbench(await setup("none")());
    await bench.listen();
    let left = 10;
    const reading = {
      get bufferedAmount() {
        left = Math.max(0, left - 1);
        return left;
      },
    };
    await runCase(bench, () => bench.settled(reading));
    expect(left).to.equal(0);
  });

  it("ends a case that waits for what never comes, and says what it has got", async () => {
    const bench = new Workbench(await setup("none")());
    await bench.listen();
    const waiting = runCase(
      bench,
      async () => {
        const { client, server } = await bench.connect();
        client.send(numbered(1));
        await record(server).count(2);
      },
      1,
    );
    expect(await waiting.catch(({ message }: Error) => message)).to.equal(
      "the case waits in vain: client 1, open; server 1, open, 1 of 2 messages arrived",
    );
  });
});

describe("runCase()", () => {
  const bench = (more: Partial<Bench> = {}): Bench => ({
    broken: [],
    describe: () => "client 1, open",
    dispose: async () => {},
    ...more,
  });
  const message = (running: Promise<void>) =>
    running.then(
      () => "",
      (error: Error) => error.message,
    );
  const fail = (why: string) => async () => {
    throw new Error(why);
  };

  it("throws the cause rather than what comes of it", async () => {
    const dispose = fail("1 timer is left");
    const late = bench({ dispose, broken: ["late"] });
    expect(await message(runCase(late, fail("expected 1, got 2")))).to.equal("late");
    expect(await message(runCase(bench({ dispose }), fail("expected 1, got 2")))).to.equal("expected 1, got 2");
    expect(await message(runCase(bench({ dispose }), async () => {}))).to.equal("1 timer is left");
    expect(await message(runCase(bench({ broken: ["late"] }), async () => {}))).to.equal("late");
    expect(await message(runCase(bench(), async () => {}))).to.equal("");
  });

  it("closes what a case had opened that failed, and says when it doesn't close", async () => {
    let disposed = 0;
    const dispose = async () => {
      disposed += 1;
    };
    expect(await message(runCase(bench({ dispose }), fail("no")))).to.equal("no");
    expect(disposed).to.equal(1);
    const stuck = bench({ dispose: () => new Promise(() => {}) });
    expect(await message(runCase(stuck, async () => {}, 1))).to.equal(
      "what the case had opened doesn't close: client 1, open",
    );
  });
});

describe("assertEqual()", () => {
  it("shows short lists, and of long ones where they begin to differ", () => {
    const numbers = Array.from({ length: 2_000 }, (_, index) => index);
    expect(() => assertEqual(numbers, [...numbers])).not.to.throw();
    expect(() => assertEqual([1, 2], [1, 3])).to.throw("expected [1,3], got [1,2]");
    expect(() => assertEqual([...numbers, 7], numbers)).to.throw(
      "expected 2000 items, got 2001; item 2000 should be nothing more, and is 7",
    );
    expect(() => assertEqual(numbers.slice(0, 50), numbers)).to.throw(
      "expected 2000 items, got 50; item 50 should be 50, and is nothing more",
    );
    expect(() => assertEqual(status(Code.OK), status(Code.ABORTED))).to.throw('"code":10');
  });
});
