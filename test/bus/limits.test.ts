import { expect } from "chai";
import { describe, it } from "mocha";
import { deferred } from "../../src/base/deferred.js";
import { Code } from "../../src/base/status.js";
import type { QueueLimits } from "../../src/bus/agent-bus.js";
import { InProcessBus } from "../../src/bus/in-process-bus.js";
import { LocalMessage } from "../../src/message/local-message.js";
import { approximateSize } from "../../src/message/size.js";
import { audio, data, label, recorder, system } from "../support/bus-messages.js";
import { expectThrown } from "../support/expect-status.js";
import { idle } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";

describe("the bounds of a subscriber's queue", () => {
  const logger = useRecordingLogger();

  /** A bus with a subscriber "a" that handles nothing until `release` is called, and one "b" that is quick. */
  function held(limits: Partial<QueueLimits>) {
    const bus = new InProcessBus({ limits, logger });
    const gate = deferred();
    const a = recorder("a", () => gate.promise);
    const b = recorder("b");
    bus.subscribe(a);
    bus.subscribe(b);
    bus.start();
    const events: string[] = [];
    bus.on("undelivered", (message, { code }) => events.push(`undelivered ${label(message)} ${Code[code]}`));
    bus.on("dropped", (message, subscriber) => events.push(`dropped ${label(message)} ${subscriber}`));
    bus.on("relieved", (subscriber) => events.push(`relieved ${subscriber}`));
    return { bus, a, b, events, release: () => gate.resolve() };
  }

  it("refuses a targeted message with RESOURCE_EXHAUSTED when the queue is full, naming whose it is", async () => {
    const { bus, a, events, release } = held({ maxMessages: 2 });
    bus.send(data("1", "a"));
    bus.send(data("2", "a"));
    const error = expectThrown(Code.RESOURCE_EXHAUSTED, () => bus.send(data("3", "a")));
    expect(error.message).to.contain('"a"').and.contain("ttsSpeak").and.contain("2 messages");
    expect(bus.stats).to.deep.equal({ refused: 1, dropped: 0 });
    expect(events).to.deep.equal([]);
    release();
    await idle();
    expect(a.labels).to.deep.equal(["1", "2"]);
  });

  it("counts a message with the bytes that its sender says it keeps alive, where they are more", () => {
    const { bus } = held({ maxBytes: 10_000 });
    bus.send(data("1", "a"), 9_000);
    expectThrown(Code.RESOURCE_EXHAUSTED, () => bus.send(data("2", "a"), 9_000));
    bus.send(data("3", "a"), 1);
  });

  it("takes messages again once there is room", async () => {
    const { bus, a, release } = held({ maxMessages: 1 });
    bus.send(data("1", "a"));
    expectThrown(Code.RESOURCE_EXHAUSTED, () => bus.send(data("2", "a")));
    release();
    await idle();
    bus.send(data("3", "a"));
    await idle();
    expect(a.labels).to.deep.equal(["1", "3"]);
  });

  it("delivers a broadcast to everyone else, and only `undelivered` tells of the full queue", async () => {
    const { bus, a, b, events, release } = held({ maxMessages: 1 });
    bus.send(data("1"));
    await idle();
    bus.send(data("2"));
    await idle();
    bus.send(data("3"));
    await idle();
    expect(b.labels).to.deep.equal(["1", "2", "3"]);
    expect(events.filter((event) => !event.startsWith("relieved"))).to.deep.equal(["undelivered 3 RESOURCE_EXHAUSTED"]);
    release();
    await idle();
    expect(a.labels).to.deep.equal(["1", "2"]);
  });

  it("delivers a targeted message although an observer's queue is full", async () => {
    const bus = new InProcessBus({ limits: { maxMessages: 1 }, logger });
    const observer = recorder("observer", () => new Promise(() => {}), { observes: true });
    const a = recorder("a");
    bus.subscribe(observer);
    bus.subscribe(a);
    bus.start();
    const told: string[] = [];
    bus.on("undelivered", (message) => told.push(`undelivered ${label(message)}`));
    bus.on("missed", (message, subscriber) => told.push(`missed ${label(message)} ${subscriber}`));
    for (const text of ["1", "2", "3"]) {
      bus.send(data(text, "a"));
      await idle();
    }
    expect(a.labels).to.deep.equal(["1", "2", "3"]);
    expect(observer.labels).to.deep.equal(["1"]);
    expect(told).to.deep.equal(["missed 3 observer"]);
  });

  it("keeps a reserve for system messages, which is bounded too", async () => {
    const { bus, a, release } = held({ maxMessages: 1, maxSystemMessages: 2 });
    bus.send(data("d", "a"));
    bus.send(system("s1", "a"));
    bus.send(system("s2", "a"));
    expectThrown(Code.RESOURCE_EXHAUSTED, () => bus.send(system("s3", "a")));
    release();
    await idle();
    expect(a.labels).to.deep.equal(["s1", "s2", "d"]);
  });

  it("leaves data messages their room when the system reserve is full", async () => {
    const { bus, a, release } = held({ maxMessages: 1, maxSystemMessages: 1 });
    bus.send(system("s", "a"));
    bus.send(data("d", "a"));
    release();
    await idle();
    expect(a.labels).to.deep.equal(["s", "d"]);
  });

  it("bounds bytes: what fits to the byte is taken, one byte more is refused", () => {
    const message = data("x".repeat(1_000), "a");
    const { bus } = held({ maxBytes: 2 * approximateSize(message) });
    bus.send(message);
    expectThrown(Code.RESOURCE_EXHAUSTED, () => bus.send(data("x".repeat(1_001), "a")));
    bus.send(data("x".repeat(1_000), "a"));
    expectThrown(Code.RESOURCE_EXHAUSTED, () => bus.send(data("", "a")));
  });

  it("bounds the bytes of system messages by themselves, and counts local messages", () => {
    const { bus } = held({ maxSystemBytes: 100 });
    const local = () => new LocalMessage("local", undefined, { source: "tester", target: "a" });
    bus.send(local());
    expectThrown(Code.RESOURCE_EXHAUSTED, () => bus.send(local()));
    bus.send(data("x".repeat(1_000), "a"));
  });

  it("drops the oldest audio first to make room, and tells `dropped` of each", async () => {
    const { bus, a, events, release } = held({ maxMessages: 3 });
    for (const message of [audio(1, "a"), data("text", "a"), audio(2, "a"), audio(3, "a"), data("more", "a")]) {
      bus.send(message);
    }
    expect(events).to.deep.equal(["dropped audio 1 a", "dropped audio 2 a"]);
    expect(bus.stats).to.deep.equal({ refused: 0, dropped: 2 });
    release();
    await idle();
    expect(a.labels).to.deep.equal(["text", "audio 3", "more"]);
  });

  it("never drops text: audio that finds a queue full of text is dropped itself, without an error", async () => {
    const { bus, a, events, release } = held({ maxMessages: 2 });
    for (const message of [data("1", "a"), data("2", "a"), audio(1, "a")]) {
      bus.send(message);
    }
    expectThrown(Code.RESOURCE_EXHAUSTED, () => bus.send(data("3", "a")));
    expect(events).to.deep.equal(["dropped audio 1 a"]);
    release();
    await idle();
    expect(a.labels).to.deep.equal(["1", "2"]);
  });

  it("is congested above half, and relieved once at a quarter, not in between", async () => {
    const bus = new InProcessBus({ limits: { maxMessages: 8 }, logger });
    const seen: [text: string, congested: boolean][] = [];
    bus.subscribe(
      recorder("a", async (message) => {
        seen.push([label(message), bus.isCongested("a")]);
        await idle();
      }),
    );
    let relieved = 0;
    bus.on("relieved", () => relieved++);
    bus.start();
    const congested = [1, 2, 3, 4, 5, 6].map((number) => {
      bus.send(data(String(number), "a"));
      return bus.isCongested("a");
    });
    expect(congested).to.deep.equal([false, false, false, false, true, true]);
    for (let turn = 0; turn < 12; turn++) {
      await idle();
    }
    // When 4 is being handled two wait, which is a quarter of 8.
    expect(seen.map(([, now]) => now)).to.deep.equal([true, true, true, true, false, false]);
    expect(relieved).to.equal(1);
  });

  it("is congested by bytes too, and by system messages", () => {
    const message = data("x".repeat(1_000), "a");
    const bytes = held({ maxBytes: 2 * approximateSize(message) - 2 });
    bytes.bus.send(message);
    expect(bytes.bus.isCongested("a")).to.equal(true);
    const urgent = held({ maxSystemMessages: 2 });
    urgent.bus.send(system("1", "a"));
    expect(urgent.bus.isCongested("a")).to.equal(false);
    urgent.bus.send(system("2", "a"));
    expect(urgent.bus.isCongested("a")).to.equal(true);
    expect(urgent.bus.isCongested("b")).to.equal(false);
    expect(urgent.bus.isCongested("nobody")).to.equal(false);
  });

  it("is congested by system messages until these are at a quarter, although no data waits", async () => {
    const bus = new InProcessBus({ limits: { maxSystemMessages: 4 }, logger });
    const gates = [deferred(), deferred(), deferred()];
    const waiting = [...gates];
    bus.subscribe(recorder("a", () => waiting.shift()?.promise));
    bus.start();
    for (const text of ["1", "2", "3"]) {
      bus.send(system(text, "a"));
    }
    await idle();
    expect(bus.isCongested("a"), "two wait").to.equal(true);
    gates[0]?.resolve();
    await idle();
    expect(bus.isCongested("a"), "one waits").to.equal(false);
    bus.stop();
  });

  it("tells `relieved` when a congested subscriber goes, or those who paused would wait for ever", () => {
    const bus = new InProcessBus({ limits: { maxMessages: 1 }, logger });
    const unsubscribe = bus.subscribe(recorder("a"));
    const other = bus.subscribe(recorder("b"));
    bus.start();
    const relieved: string[] = [];
    bus.on("relieved", (subscriber) => relieved.push(subscriber));
    bus.send(data("1", "a"));
    unsubscribe();
    other();
    expect(relieved).to.deep.equal(["a"]);
    expect(bus.isCongested("a")).to.equal(false);
  });

  it("has room for 10 000 messages and 1 000 system messages by default", () => {
    const { bus } = held({});
    const [message, urgent] = [data("", "a"), system("", "a")];
    for (let sent = 0; sent < 10_000; sent++) {
      bus.send(message);
    }
    expectThrown(Code.RESOURCE_EXHAUSTED, () => bus.send(message));
    for (let sent = 0; sent < 1_000; sent++) {
      bus.send(urgent);
    }
    expectThrown(Code.RESOURCE_EXHAUSTED, () => bus.send(urgent));
    bus.stop();
  });
});
