import { expect } from "chai";
import { limitOf } from "../../../src/base/over-limit.js";
import { Code, status } from "../../../src/base/status.js";
import { KeptMeters, Meter } from "../../../src/proxy/limits/kept-meters.js";
import { MeteredConnection } from "../../../src/proxy/limits/metered-connection.js";
import { defaultLimits } from "../../../src/proxy/limits/server-limits.js";
import { TokenBucket } from "../../../src/proxy/limits/token-bucket.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import { ScriptedConnection } from "../../support/scripted-connection.js";

function metering(
  limits: Partial<typeof defaultLimits> = {},
  { clock = new VirtualClock(), kept = new KeptMeters() } = {},
) {
  const script = new ScriptedConnection();
  const slowed: string[] = [];
  let control = () => {};
  const inner = Object.assign(script, {
    onControl: (listener: () => void) => {
      control = listener;
    },
  });
  const metered = new MeteredConnection(inner, {
    limits: { ...defaultLimits, ...limits },
    clock,
    kept,
    slowed: (limit) => slowed.push(limit),
  });
  const arrived: number[] = [];
  metered.receive({ message: (bytes) => arrived.push(bytes.length) });
  /** Delivers as long as reading goes on, as a transport does. */
  const flood = (bytes: number, most: number) => {
    let count = 0;
    while (count < most && !script.isPaused) {
      script.deliver(new Uint8Array(bytes));
      count++;
    }
    return count;
  };
  return { clock, kept, script, metered, slowed, arrived, flood, control: () => control() };
}

describe("a metered connection", () => {
  it("lets through four seconds' worth at once, then so much a second", () => {
    const { clock, script, slowed, flood } = metering({ messagesPerSecond: 100 });
    expect(flood(10, 1_000)).to.equal(401);
    expect(slowed).to.deep.equal(["messagesPerSecond"]);
    let count = 0;
    for (let i = 0; i < 1_000; i++) {
      clock.advance(10);
      count += flood(10, 1_000);
    }
    expect(count).to.be.within(995, 1_005);
    expect(script.closedWith).to.equal(undefined);
  });

  it("counts bytes in the same way", () => {
    const { clock, slowed, flood } = metering({ bytesPerSecond: 10_000 });
    expect(flood(1_000, 1_000)).to.equal(41);
    expect(new Set(slowed)).to.deep.equal(new Set(["bytesPerSecond"]));
    clock.advance(2_000);
    expect(flood(1_000, 1_000)).to.be.within(19, 21);
  });

  it("counts what is read of a message as bytes too, once", () => {
    const { clock, script, metered, slowed, arrived } = metering({ bytesPerSecond: 10_000 });
    const elements = { max: 1_000, count: 0 };
    metered.elements = elements;
    const send = (count: number) => {
      elements.count += count;
      script.deliver(new Uint8Array(16));
      expect(elements.count).to.equal(0);
    };
    // 16 bytes and 64 for each: four seconds' worth are 40 000.
    for (let i = 0; i < 24; i++) {
      send(25);
    }
    expect([slowed.length, script.isPaused]).to.deep.equal([0, false]);
    send(25);
    expect([slowed, script.isPaused]).to.deep.equal([["bytesPerSecond"], true]);
    expect(arrived.length).to.equal(25);
    clock.advance(1_000);
    expect(script.isPaused).to.equal(false);
    send(0);
    expect(script.isPaused).to.equal(false);
  });

  it("never stops reading for longer than a second, whatever is owed", () => {
    const { clock, script, flood } = metering({ bytesPerSecond: 10 });
    flood(100_000, 1);
    for (let i = 0; i < 5; i++) {
      expect(script.isPaused).to.equal(true);
      clock.advance(1_000);
      expect(flood(100_000, 10)).to.equal(1);
    }
  });

  it("slows down nobody who keeps to it", () => {
    const { clock, slowed, flood } = metering({ messagesPerSecond: 100, bytesPerSecond: 10_000 });
    for (let i = 0; i < 100; i++) {
      expect(flood(100, 10)).to.equal(10);
      clock.advance(100);
    }
    expect(slowed).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });

  it("gives nothing for a clock that was put back", () => {
    let now = 1_000_000;
    const bucket = new TokenBucket(10, { now: () => now, after: () => () => {} });
    expect(bucket.take(41)).to.equal(100);
    now = 0;
    expect(bucket.take(0)).to.equal(100);
    now = 100;
    expect(bucket.take(0)).to.equal(0);
    now = 1_000_000;
    expect(bucket.take(41)).to.equal(100);
  });

  it("leaves reading stopped when the consumer has stopped it too, and the other way round", () => {
    const { clock, script, metered, flood } = metering({ messagesPerSecond: 10 });
    flood(10, 100);
    metered.pause();
    clock.advance(1_000);
    expect(script.isPaused).to.equal(true);
    metered.resume();
    expect(script.isPaused).to.equal(false);
    flood(10, 100);
    metered.pause();
    metered.resume();
    expect(script.isPaused).to.equal(true);
    clock.advance(1_000);
    expect(script.isPaused).to.equal(false);
  });

  it("closes for tiny frames, which no honest peer sends so many of", async () => {
    for (const kind of ["messages", "pings"]) {
      const { clock, script, control } = metering({ tinyFramesPerSecond: 10 });
      const tiny = () => (kind === "pings" ? control() : script.deliver(new Uint8Array(3)));
      for (let second = 0; second < 10; second++) {
        for (let i = 0; i < 10; i++) {
          tiny();
        }
        clock.advance(1_000);
      }
      expect(script.closedWith, kind).to.equal(undefined);
      for (let i = 0; i < 41; i++) {
        tiny();
      }
      const why = await script.closed;
      expect(why.code, kind).to.equal(Code.RESOURCE_EXHAUSTED);
      expect(limitOf(why), kind).to.equal("tinyFramesPerSecond");
      tiny();
    }
  });

  it("takes no frame of four bytes for a tiny one", () => {
    const { script, flood } = metering({ tinyFramesPerSecond: 1 });
    expect(flood(4, 100)).to.equal(100);
    expect(script.closedWith).to.equal(undefined);
  });

  it("goes on with what is left to a client that connects again, from the moment that it closes", async () => {
    const limits = { messagesPerSecond: 100 };
    const first = metering(limits);
    const ann = { ...first.script.peer, principal: { name: "ann" } };
    first.metered.identified(ann);
    let count = first.flood(10, 1_000);
    expect(count).to.equal(401);
    let before = first.metered;
    for (let i = 0; i < 100; i++) {
      void before.close(status(Code.OK));
      const next = metering(limits, first);
      next.metered.identified(ann);
      count += next.flood(10, 1_000);
      first.clock.advance(100);
      count += next.flood(10, 1_000);
      before = next.metered;
    }
    expect(count).to.be.within(1_300, 1_410);
  });

  it("goes on with what is left where the peer was the one to close", async () => {
    const first = metering({ bytesPerSecond: 1_000 });
    first.metered.identified(first.script.peer);
    first.flood(5_000, 1);
    first.script.end(status(Code.UNAVAILABLE, "gone"));
    await first.metered.closed;
    const next = metering({ bytesPerSecond: 1_000 }, first);
    next.metered.identified(next.script.peer);
    expect([next.script.isPaused, next.slowed]).to.deep.equal([true, ["bytesPerSecond"]]);
    first.clock.advance(1_000);
    expect(next.script.isPaused).to.equal(false);
  });

  it("has a meter of its own beside other connections, for another client, and once all may come at once again", () => {
    const limits = { messagesPerSecond: 100 };
    const first = metering(limits);
    const as = (name: string) => ({ ...first.script.peer, principal: { name } });
    const burstOf = (name: string) => {
      const { metered, flood } = metering(limits, first);
      metered.identified(as(name));
      return { metered, count: flood(10, 1_000) };
    };
    first.metered.identified(as("ann"));
    expect(first.flood(10, 1_000)).to.equal(401);
    const beside = burstOf("ann");
    expect(beside.count).to.equal(401);
    void first.metered.close(status(Code.OK));
    void beside.metered.close(status(Code.OK));
    expect(burstOf("bob").count).to.equal(401);
    expect(burstOf("ann").count).to.equal(0);
    first.clock.advance(4_010);
    expect(burstOf("ann").count).to.equal(401);
  });

  it("leaves no timer behind when it closes", async () => {
    const { clock, metered, flood } = metering({ messagesPerSecond: 1 });
    flood(10, 100);
    expect(clock.pending).to.equal(1);
    await metered.close(status(Code.OK));
    expect(clock.pending).to.equal(0);
  });

  it("passes everything else on, and counts what goes either way", async () => {
    const { script, metered, arrived } = metering();
    script.deliver(new Uint8Array(5));
    metered.send(new Uint8Array(7));
    expect(script.sent.map(({ length }) => length)).to.deep.equal([7]);
    expect(arrived).to.deep.equal([5]);
    expect(metered.count).to.equal(2);
    script.bufferedAmount = 3;
    expect(metered.bufferedAmount).to.equal(3);
    expect(metered.peer).to.equal(script.peer);
    expect(metered.protocol).to.equal(script.protocol);
    script.end(status(Code.UNAVAILABLE, "gone"));
    expect((await metered.closed).message).to.equal("gone");
  });

  it("takes text where its consumer does, and counts it", async () => {
    const script = new ScriptedConnection();
    const metered = new MeteredConnection(script, {
      limits: defaultLimits,
      clock: new VirtualClock(),
      kept: new KeptMeters(),
      slowed() {},
    });
    const texts: number[] = [];
    const lost: number[] = [];
    metered.receive({
      message() {},
      text: (bytes) => texts.push(bytes.length),
      undelivered: (bytes) => lost.push(bytes.length),
    });
    script.deliverText("hello");
    script.end(status(Code.UNAVAILABLE), [new Uint8Array(2)]);
    expect(texts).to.deep.equal([5]);
    expect(lost).to.deep.equal([2]);
    expect(metered.count).to.equal(1);
  });

  it("leaves it to the transport to refuse text where its consumer takes none", async () => {
    const { script } = metering();
    script.deliverText("hello");
    expect((await script.closed).code).to.equal(Code.INVALID_ARGUMENT);
  });
});

describe("kept meters", () => {
  function keeping(limits: Partial<typeof defaultLimits> = {}) {
    const clock = new VirtualClock();
    const kept = new KeptMeters();
    const used = (messages: number) => {
      const meter = new Meter({ ...defaultLimits, messagesPerSecond: 100, ...limits }, clock);
      meter.messages.take(messages);
      return meter;
    };
    return { clock, kept, used };
  }

  it("are forgotten as soon as they are full and others are left", () => {
    const { clock, kept, used } = keeping();
    for (let i = 0; i < 100; i++) {
      kept.keep(`client ${i}`, used(i < 50 ? 100 : 400));
    }
    expect(kept.size).to.equal(100);
    clock.advance(1_001);
    kept.keep("another", used(1));
    expect(kept.size).to.equal(51);
    clock.advance(3_000);
    kept.keep("another", used(1));
    expect(kept.size).to.equal(1);
  });

  it("aren't kept at all where they are full, or have no end", () => {
    const { kept, used } = keeping();
    kept.keep("ann", used(0));
    expect(kept.size).to.equal(0);
    const { kept: endless, used: use } = keeping({ messagesPerSecond: Infinity, bytesPerSecond: Infinity });
    endless.keep("ann", use(1_000_000));
    expect(endless.size).to.equal(0);
  });

  it("are taken once each, that which was left last first", () => {
    const { kept, used } = keeping();
    const [first, second] = [used(300), used(200)];
    kept.keep("ann", first);
    kept.keep("bob", used(1));
    kept.keep("ann", second);
    expect([kept.take("ann"), kept.take("ann"), kept.take("ann")]).to.deep.equal([second, first, undefined]);
    expect(kept.size).to.equal(1);
  });
});
