import { expect } from "chai";
import { describe, it } from "mocha";
import { deferred } from "../../src/base/deferred.js";
import { InProcessBus } from "../../src/bus/in-process-bus.js";
import { type Deliverer, Scheduler } from "../../src/bus/scheduler.js";
import { data, recorder } from "../support/bus-messages.js";
import { idle, until } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";
import { collectUncaught } from "../support/uncaught.js";

/** Has work for ever, or for `work` deliveries. */
function deliverer(name: string, order: string[], work: number): Deliverer {
  let left = work;
  return {
    isScheduled: false,
    following: undefined,
    get runnable() {
      return left > 0;
    },
    deliver(limit) {
      const made = Math.min(limit, left);
      left -= made;
      order.push(`${name} ${made}`);
      return made;
    },
  };
}

describe("Scheduler", () => {
  const logger = useRecordingLogger();

  it("gives deliverers their turn round robin, 32 deliveries each", async () => {
    const scheduler = new Scheduler();
    const order: string[] = [];
    scheduler.schedule(deliverer("a", order, 70));
    scheduler.schedule(deliverer("b", order, 40));
    expect(order).to.deep.equal([]);
    await Promise.resolve();
    expect(order).to.deep.equal(["a 32", "b 32", "a 32", "b 8", "a 6"]);
  });

  it("makes about a thousand deliveries in one turn of the event loop, and the rest in later ones", async () => {
    const scheduler = new Scheduler();
    const order: string[] = [];
    scheduler.schedule(deliverer("a", order, 2_500));
    const made = () => order.reduce((sum, entry) => sum + Number(entry.split(" ")[1]), 0);
    await Promise.resolve();
    expect(made()).to.equal(1_024);
    await until(() => made() === 2_500);
  });

  it("has one that is scheduled again before it ran run once, and again later", async () => {
    const scheduler = new Scheduler();
    const order: string[] = [];
    const [one, other] = [deliverer("a", order, 1), deliverer("b", order, 1)];
    for (const each of [one, other, one]) {
      scheduler.schedule(each);
    }
    await idle();
    expect(order).to.deep.equal(["a 1", "b 1"]);
    scheduler.schedule(other);
    await idle();
    expect(order.slice(2)).to.deep.equal(["b 0"]);
  });

  for (const [what, handle] of [
    ["at once", (send: () => void) => send()],
    [
      "after an await",
      async (send: () => void) => {
        await null;
        send();
      },
    ],
  ] as const) {
    it(`leaves timers their chance while two agents answer each other for ever, ${what}`, async () => {
      const bus = new InProcessBus({ logger });
      let rounds = 0;
      for (const [own, other] of [
        ["a", "b"],
        ["b", "a"],
      ] as const) {
        bus.subscribe(
          recorder(own, () =>
            handle(() => {
              rounds++;
              bus.send(data("", other, own));
            }),
          ),
        );
      }
      bus.start();
      bus.send(data("", "a"));
      const fired = deferred();
      setTimeout(fired.resolve, 0);
      await fired.promise;
      await idle();
      const before = rounds;
      await idle();
      await idle();
      expect(rounds, "they go on").to.be.greaterThan(before);
      bus.stop();
      const after = rounds;
      await idle();
      expect(rounds - after, "and end with the bus").to.be.at.most(1);
      logger.takeErrors();
    });
  }

  it("leaves a third agent its turn while two answer each other for ever", async () => {
    const bus = new InProcessBus({ logger });
    bus.subscribe(recorder("a", () => bus.send(data("", "b", "a"))));
    bus.subscribe(recorder("b", () => bus.send(data("", "a", "b"))));
    const third = recorder("third");
    bus.subscribe(third);
    bus.start();
    bus.send(data("", "a"));
    await idle();
    bus.send(data("hi", "third"));
    await until(() => third.messages.length > 0);
    bus.stop();
  });

  it("goes on after a deliverer that throws, whose error is thrown apart", async () => {
    const bus = new InProcessBus({
      logger: { debug() {}, info() {}, warn() {}, error: () => JSON.stringify({ pts: 1n }) },
    });
    bus.subscribe(
      recorder("broken", () => {
        throw new Error("broken");
      }),
    );
    const other = recorder("other");
    bus.subscribe(other);
    bus.start();
    const uncaught = collectUncaught();
    try {
      for (const target of ["broken", "other", "broken"]) {
        bus.send(data("", target));
      }
      await until(() => uncaught.errors.length === 2);
      bus.send(data("", "other"));
      await until(() => other.messages.length === 2);
    } finally {
      uncaught.stop();
    }
    expect(uncaught.errors.map((error) => (error as Error).name)).to.deep.equal(["TypeError", "TypeError"]);
    bus.stop();
  });
});
