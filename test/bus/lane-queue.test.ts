import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { AnyBusMessage } from "../../src/bus/agent-bus.js";
import { LaneQueue, type Offer } from "../../src/bus/lane-queue.js";
import { data } from "../support/bus-messages.js";

interface ModelEntry {
  readonly message: AnyBusMessage;
  readonly size: number;
  readonly droppable: boolean;
}

/** The same queue, written as plainly as can be. */
class Model {
  entries: ModelEntry[] = [];
  readonly maxMessages: number;
  readonly maxBytes: number;

  constructor(maxMessages: number, maxBytes: number) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.entries.reduce((sum, { size }) => sum + size, 0);
  }

  offer(entry: ModelEntry): Offer {
    const evicted: AnyBusMessage[] = [];
    let rest = [...this.entries];
    const fits = () =>
      rest.length + 1 <= this.maxMessages && rest.reduce((sum, { size }) => sum + size, entry.size) <= this.maxBytes;
    while (!fits()) {
      const oldest = rest.find(({ droppable }) => droppable);
      if (oldest === undefined) {
        return { outcome: entry.droppable ? "dropped" : "refused" };
      }
      evicted.push(oldest.message);
      rest = rest.filter((other) => other !== oldest);
    }
    this.entries = [...rest, entry];
    return { outcome: "queued", evicted };
  }
}

type Real = { readonly queue: LaneQueue };

function check(model: Model, { queue }: Real): void {
  const { length } = model.entries;
  expect(queue.length).to.equal(length);
  expect(queue.bytes).to.equal(model.bytes);
  expect(queue.high).to.equal(length * 2 > model.maxMessages || model.bytes * 2 > model.maxBytes);
  expect(queue.low).to.equal(length * 4 <= model.maxMessages && model.bytes * 4 <= model.maxBytes);
}

class OfferCommand implements fc.Command<Model, Real> {
  readonly entry: ModelEntry;

  constructor(size: number, droppable: boolean) {
    this.entry = { message: data(""), size, droppable };
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    // The same command may run again while fast-check shrinks: a message of its own each time.
    const entry = { ...this.entry, message: data("") };
    const expected = model.offer(entry);
    const actual = real.queue.offer(entry.message, entry.size, entry.droppable);
    expect(actual.outcome).to.equal(expected.outcome);
    if (actual.outcome === "queued" && expected.outcome === "queued") {
      expect(actual.evicted.length).to.equal(expected.evicted.length);
      expect(actual.evicted.every((message, index) => message === expected.evicted[index])).to.equal(true);
    }
    check(model, real);
  }

  toString(): string {
    return `offer(${this.entry.size}${this.entry.droppable ? ", droppable" : ""})`;
  }
}

class ShiftCommand implements fc.Command<Model, Real> {
  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    expect(real.queue.shift() === model.entries.shift()?.message).to.equal(true);
    check(model, real);
  }

  toString(): string {
    return "shift()";
  }
}

describe("LaneQueue", () => {
  it("does what a plain array does, in length, bytes, order and what it evicts", () => {
    const offers = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.boolean());
    const commands = fc.commands(
      [offers.map(([size, droppable]) => new OfferCommand(size, droppable)), fc.constant(new ShiftCommand())],
      { maxCommands: 60 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 40 }), commands, (messages, bytes, run) => {
        fc.modelRun(
          () => ({ model: new Model(messages, bytes), real: { queue: new LaneQueue(messages, bytes) } }),
          run,
        );
      }),
      { numRuns: 500 },
    );
  });

  it("evicts nothing for a message that would not fit even then", () => {
    const queue = new LaneQueue(10, 10);
    queue.offer(data("audio"), 5, true);
    queue.offer(data("text"), 5, false);
    expect(queue.offer(data("big"), 6, false).outcome).to.equal("refused");
    expect(queue.length).to.equal(2);
  });

  it("takes a message of exactly its bytes, and never a larger one", () => {
    const queue = new LaneQueue(10, 10);
    expect(queue.offer(data("large"), 11, false).outcome).to.equal("refused");
    expect(queue.offer(data("large"), 11, true).outcome).to.equal("dropped");
    expect(queue.offer(data("fits"), 10, false).outcome).to.equal("queued");
  });

  it("gives nothing when it is empty", () => {
    const queue = new LaneQueue(1, 1);
    expect(queue.shift()).to.equal(undefined);
    expect([queue.length, queue.bytes]).to.deep.equal([0, 0]);
  });
});
