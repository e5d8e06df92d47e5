import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { asyncDispose } from "../../src/base/dispose.js";
import { Code, StatusError, status } from "../../src/base/status.js";
import { InProcessBus } from "../../src/bus/in-process-bus.js";
import { Tap, type TapOptions } from "../../src/inspect/tap.js";
import type { TapRecord } from "../../src/inspect/tap-record.js";
import { busMessage, frame } from "../../src/message/build.js";
import { LocalMessage } from "../../src/message/local-message.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { type NamedWire, resumableWires, useBridge, wires } from "../support/bridge-fixture.js";
import { audio, data, framed, recorder } from "../support/bus-messages.js";
import { expectThrown } from "../support/expect-status.js";
import { idle, until } from "../support/idle.js";
import { RecordingLogger } from "../support/recording-logger.js";
import { RelayFixture } from "../support/relay-fixture.js";

/** What a record says, without what counts and dates it. */
function gist({ number: _, at: __, tap: ___, leftOut: ____, ...event }: TapRecord): object {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
}

const inMemory = (all: readonly NamedWire[]) => (all.find(({ name }) => name === "memory") as NamedWire).make;

const secret = "the secret of the customer";

describe("Tap", () => {
  let clock: VirtualClock;
  let logger: RecordingLogger;

  beforeEach(() => {
    clock = new VirtualClock(1_000_000);
    logger = new RecordingLogger();
  });
  afterEach(() => expect(logger.takeErrors()).to.deep.equal([]));

  function tapped(options: Partial<TapOptions> = {}, limits = {}) {
    const bus = new InProcessBus({ logger, limits });
    const tap = new Tap({ name: "here", clock, logger, ...options });
    const stop = tap.watchBus(bus);
    const [a, b] = [recorder("a"), recorder("b")];
    bus.subscribe(a);
    bus.subscribe(b);
    bus.start();
    return { bus, tap, stop, a, b };
  }

  describe("of a bus", () => {
    it("records who sends what to whom, and nothing of the content", async () => {
      const { bus, tap } = tapped();
      bus.send(data(secret, "a", "b"));
      bus.send(framed(frame("llmText", { text: secret }), undefined, "a"));
      bus.send(new LocalMessage("addAgent", { secret }, { source: "a", target: "b" }));
      await idle();
      const { records } = tap.read();
      expect(records.map(gist)).to.have.deep.members([
        { event: "sent", message: 2, source: "b", target: "a", case: "ttsSpeak" },
        { event: "sent", message: 3, source: "a", case: "frame", kind: "llmText", isUpstream: false },
        // It takes the system lane, so that it is seen first.
        { event: "sent", message: 1, source: "a", target: "b", case: "addAgent" },
      ]);
      expect(records.map(({ number, at, tap: name }) => [number, at, name])).to.deep.equal([
        [1, 1_000_000, "here"],
        [2, 1_000_000, "here"],
        [3, 1_000_000, "here"],
      ]);
      expect(JSON.stringify(records)).not.to.include(secret);
    });

    it("records what isn't delivered, and why, and what a full queue drops", async () => {
      const { bus, tap, a } = tapped({}, { maxMessages: 1 });
      bus.send(data("1", "nobody"));
      bus.send(audio(1, "a"));
      bus.send(audio(2, "a"));
      await idle();
      const gists = tap.read().records.map(gist);
      expect(gists).to.deep.include({
        event: "undelivered",
        source: "tester",
        target: "nobody",
        case: "ttsSpeak",
        code: "NOT_FOUND",
        why: 'nobody answers to "nobody", ttsSpeak from "tester" was not delivered',
      });
      expect(gists).to.deep.include({
        event: "dropped",
        source: "tester",
        target: "a",
        case: "frame",
        kind: "outputAudioRaw",
        isUpstream: false,
        subscriber: "a",
      });
      expect(a.labels).to.deep.equal(["audio 2"]);
    });

    it("changes nothing for others when it can't keep up, and counts what it misses", async () => {
      const { bus, tap, a, b } = tapped({}, { maxMessages: 2 });
      const told: string[] = [];
      bus.on("undelivered", () => told.push("undelivered"));
      bus.on("missed", () => told.push("missed"));
      for (const text of ["1", "2"]) {
        bus.send(data(text, "a"));
        bus.send(data(text, "b"));
      }
      await idle();
      expect([a.labels, b.labels]).to.deep.equal([
        ["1", "2"],
        ["1", "2"],
      ]);
      expect(told).to.deep.equal(["missed", "missed"]);
      expect(tap.stats).to.deep.equal({ recorded: 2, overwritten: 0, leftOut: 0, missed: 2 });
    });

    it("has nothing on the bus before it watches, and after it stopped", async () => {
      const { bus, tap, stop } = tapped();
      bus.send(data("1", "a"));
      await idle();
      stop();
      stop();
      bus.send(data("2", "a"));
      bus.send(data("3", "nobody"));
      await idle();
      expect(tap.stats.recorded).to.equal(1);
      const again = tap.watchBus(bus);
      tap.close();
      again();
      bus.send(data("4", "a"));
      await idle();
      expect(tap.stats.recorded).to.equal(1);
    });
  });

  describe("is bounded:", () => {
    it("holds as many records as it is told, gives each once to who reads on, and counts those that are gone", async () => {
      const { bus, tap } = tapped({ capacity: 3 });
      for (const text of ["1", "2", "3", "4", "5"]) {
        bus.send(data(text, "a"));
        await idle();
      }
      const { records, gone } = tap.read();
      expect(records.map(({ number }) => number)).to.deep.equal([3, 4, 5]);
      expect(gone).to.equal(2);
      expect(tap.read(4).records.map(({ number }) => number)).to.deep.equal([5]);
      expect(tap.read(4).gone).to.equal(0);
      expect(tap.read(5)).to.deep.equal({ records: [], gone: 0 });
      expect(tap.stats.overwritten).to.equal(2);
    });

    it("records so many a second, and the next one says how many were left out", async () => {
      const { bus, tap } = tapped({ maxPerSecond: 2 });
      for (const text of ["1", "2", "3", "4", "5"]) {
        bus.send(data(text, "a"));
      }
      await idle();
      clock.advance(500);
      bus.send(data("6", "a"));
      await idle();
      expect(tap.read().records.map(({ leftOut }) => leftOut)).to.deep.equal([0, 0, 3]);
      expect(tap.stats).to.deep.equal({ recorded: 3, overwritten: 0, leftOut: 3, missed: 0 });
    });

    it("but what went wrong isn't left out for the sake of what went well, and has a limit of its own", async () => {
      const { bus, tap } = tapped({ maxPerSecond: 2 });
      for (let count = 0; count < 5; count++) {
        bus.send(data("good", "a"));
      }
      await idle();
      for (let count = 0; count < 5; count++) {
        bus.send(data("bad", "nobody"));
      }
      await idle();
      const events = tap.read().records.map(({ event }) => event);
      expect(events).to.deep.equal(["sent", "sent", "undelivered", "undelivered"]);
      expect(tap.stats.leftOut).to.equal(3 + 3 + 5);
    });

    it("cuts what others have chosen", async () => {
      const { bus, tap } = tapped();
      const typeName = `evil\u202e${"x".repeat(10_000)}`;
      bus.send(busMessage("other", { typeName }, { source: "b", target: "a" }));
      await idle();
      expect(JSON.stringify(tap.read().records).length).to.be.lessThan(600);
      expect(tap.read().records[0])
        .to.have.property("typeName")
        .that.matches(/^evil\\u202ex+…$/);
    });

    for (const option of ["capacity", "maxPerSecond"] as const) {
      it(`refuses a ${option} that isn't a positive integer`, () => {
        for (const value of [0, 1.5, -1, Number.NaN]) {
          expectThrown(Code.INVALID_ARGUMENT, () => new Tap({ name: "here", [option]: value }));
        }
      });
    }
  });

  it("reports a handler that throws, and goes on", async () => {
    const { bus, tap } = tapped();
    tap.on("record", () => {
      throw new Error("no");
    });
    bus.send(data("1", "a"));
    bus.send(data("2", "a"));
    await idle();
    expect(tap.stats.recorded).to.equal(2);
    expect(logger.takeErrors()).to.have.lengthOf(2);
  });
});

describe("Tap of a bridge", () => {
  const bridge = useBridge(inMemory(resumableWires));

  it("tells what crosses with its size, of which message, and how long it waited on the bus", async () => {
    const fixture = bridge();
    await fixture.serveAssistants();
    const [{ acme, runner, proxy }, served] = await fixture.connect();
    using here = new Tap({ name: "page", clock: fixture.clock });
    using there = new Tap({ name: "server", clock: fixture.clock });
    here.watchBus(runner.bus);
    here.watchProxy(proxy);
    there.watchBus(served.runner.bus);
    there.watchProxy(served.proxy);
    const bytes: number[] = [];
    proxy.on("crossed", (_message, _direction, size) => bytes.push(size));
    acme.send(framed(frame("llmText", { text: secret }), "assistant", "acme"));
    await until(() => there.stats.recorded === 2);
    const facts = {
      message: 1,
      source: "acme",
      target: "assistant",
      case: "frame",
      kind: "llmText",
      isUpstream: false,
    };
    expect(here.read().records.map(gist)).to.deep.equal([
      { event: "sent", ...facts },
      { event: "crossed", bridge: "proxy", direction: "out", bytes: bytes[0], waitedMs: 0, isKept: false, ...facts },
    ]);
    expect(there.read().records.map(gist)).to.have.deep.members([
      { event: "crossed", bridge: "gateway", direction: "in", bytes: bytes[0], isKept: false, ...facts },
      { event: "sent", ...facts },
    ]);
    expect(bytes[0]).to.be.greaterThan(secret.length);
  });

  it("tells what the policy denies, by which rule and why", async () => {
    const fixture = bridge();
    await fixture.serveAssistants();
    const [{ acme, proxy }, served] = await fixture.connect({ forwardMessages: ["frame", "ttsSpeak"] });
    using here = new Tap({ name: "page", clock: fixture.clock });
    using there = new Tap({ name: "server", clock: fixture.clock });
    here.watchProxy(proxy);
    there.watchProxy(served.proxy);
    acme.send(busMessage("taskRequest", { taskId: "1", taskName: secret }, { target: "assistant" }));
    await until(() => here.stats.recorded === 1);
    expect(gist(here.read().records[0] as TapRecord)).to.deep.equal({
      event: "denied",
      bridge: "proxy",
      direction: "out",
      rule: "case",
      why: 'forwardMessages has no entry for messages of case "taskRequest".',
      source: "acme",
      target: "assistant",
      case: "taskRequest",
    });
    expect(JSON.stringify(here.read())).not.to.include(secret);
  });

  it("tells what could not be encoded without the value", async () => {
    const fixture = bridge();
    await fixture.serveAssistants();
    const [{ acme, proxy }] = await fixture.connect();
    using here = new Tap({ name: "page", clock: fixture.clock });
    here.watchProxy(proxy);
    const message = framed(frame("llmText", { text: "" }), "assistant", "acme");
    const { body } = message;
    if (body.case === "frame" && body.value.frame?.kind.case === "llmText") {
      body.value.frame.kind.value.text = `\ud800${secret}`;
    }
    acme.send(message);
    await until(() => here.stats.recorded === 1);
    const [record] = here.read().records;
    expect(record).to.include({ event: "undelivered", bridge: "proxy", code: "INVALID_ARGUMENT" });
    expect(JSON.stringify(record)).not.to.include(secret);
  });

  it("tells of the connection: lost, with what is kept meanwhile, and back", async () => {
    const fixture = bridge();
    await fixture.serveAssistants();
    const client = await fixture.client({ activate: false, reconnect: { initialDelayMs: 1_000 } });
    using here = new Tap({ name: "page", clock: fixture.clock });
    here.watchProxy(client.proxy);
    client.acme.activateAgent("proxy");
    await until(() => client.acme.calls.includes("agentReady assistant"));
    void fixture.clientConnections[0]?.close(status(Code.UNAVAILABLE, "cut"));
    await until(() => here.read().records.some(({ event }) => event === "suspended"));
    client.acme.send(framed(frame("llmText", { text: "kept" }), "assistant", "acme"));
    await until(() => here.read().records.some(({ event }) => event === "crossed"));
    fixture.clock.advance(1_500);
    await until(() => here.read().records.some(({ event }) => event === "resumed"));
    client.acme.send(framed(frame("llmText", { text: "not kept" }), "assistant", "acme"));
    await until(() => here.read().records.filter(({ event }) => event === "crossed").length === 2);
    await client.runner[asyncDispose]();
    const told = here.read().records.map((record) => {
      switch (record.event) {
        case "crossed":
          return `crossed ${record.isKept}`;
        case "resumed":
          return `resumed ${record.outageMs}`;
        case "suspended":
          return `suspended ${record.code}`;
        default:
          return record.event;
      }
    });
    expect(told).to.deep.equal([
      "connected",
      "suspended UNAVAILABLE",
      "crossed true",
      "resumed 1500",
      "crossed false",
      "disconnected",
    ]);
  });
});

describe("Tap of a plain bridge", () => {
  const bridge = useBridge(inMemory(wires));

  it("tells of what is invalid", async () => {
    const fixture = bridge();
    await fixture.serveAssistants();
    const [, served] = await fixture.connect();
    using there = new Tap({ name: "server", clock: fixture.clock });
    there.watchProxy(served.proxy);
    // An unknown case: field 2047, of no bytes.
    fixture.clientConnections[0]?.send(Uint8Array.of(0x0a, 0x01, 0x61, 0xfa, 0x7f, 0x00));
    await until(() => there.stats.recorded === 1);
    expect(there.read().records[0]).to.include({ event: "invalid", bridge: "gateway", direction: "in", bytes: 6 });
  });

  it("tells the same of a relay, from the envelope alone", async () => {
    const relayed = new RelayFixture(bridge(), bridge());
    await relayed.serve();
    const [{ acme }] = await relayed.connect();
    const [relay] = relayed.relays;
    if (relay === undefined) {
      throw new StatusError(Code.INTERNAL, "there is no relay");
    }
    using tap = new Tap({ name: "gateway", clock: relayed.front.clock });
    tap.watchRelay(relay, "relay");
    acme.send(framed(frame("llmText", { text: secret }), "assistant", "acme"));
    await until(() => tap.stats.recorded >= 1);
    const [record] = tap.read().records;
    expect(record).to.include({ event: "crossed", bridge: "relay", direction: "in", case: "frame", kind: "llmText" });
    expect(JSON.stringify(record)).not.to.include(secret);
  });
});
