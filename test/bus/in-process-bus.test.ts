import { expect } from "chai";
import { describe, it } from "mocha";
import { Code, type Status } from "../../src/base/status.js";
import type { AnyBusMessage } from "../../src/bus/agent-bus.js";
import { InProcessBus } from "../../src/bus/in-process-bus.js";
import { busMessage, frame } from "../../src/message/build.js";
import { LocalMessage } from "../../src/message/local-message.js";
import { data, framed, label, type Recorder, recorder, system } from "../support/bus-messages.js";
import { expectThrown } from "../support/expect-status.js";
import { idle } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";

describe("InProcessBus", () => {
  const logger = useRecordingLogger();

  function started(...subscribers: readonly Recorder[]): InProcessBus {
    const bus = new InProcessBus({ logger });
    for (const subscriber of subscribers) {
      bus.subscribe(subscriber);
    }
    bus.start();
    return bus;
  }

  function undelivered(bus: InProcessBus): [message: AnyBusMessage, status: Status][] {
    const told: [AnyBusMessage, Status][] = [];
    bus.on("undelivered", (message, status) => told.push([message, status]));
    return told;
  }

  describe("delivering", () => {
    it("delivers a message to a subscriber once, and not within send()", async () => {
      const a = recorder("a");
      const message = data("hi");
      started(a).send(message);
      expect(a.messages).to.deep.equal([]);
      await idle();
      expect(a.messages).to.have.length(1);
      expect(a.messages[0]).to.equal(message);
    });

    it("spares a subscriber what is for all and it has no use for, and nothing that is for it", async () => {
      const a = recorder("a", undefined, { wants: (message) => label(message) === "wanted" });
      const b = recorder("b");
      const bus = started(a, b);
      bus.send(data("wanted"));
      bus.send(data("not wanted"));
      bus.send(data("for a", "a"));
      await idle();
      expect(a.labels).to.deep.equal(["wanted", "for a"]);
      expect(b.labels).to.deep.equal(["wanted", "not wanted"]);
    });

    it("delivers several messages in the order they were sent", async () => {
      const a = recorder("a");
      const bus = started(a);
      const texts = Array.from({ length: 100 }, (_, index) => String(index));
      for (const text of texts) {
        bus.send(data(text));
      }
      await idle();
      expect(a.labels).to.deep.equal(texts);
    });

    it("delivers a broadcast to every subscriber, the sender included", async () => {
      const all = ["a", "b", "c"].map((name) => recorder(name));
      started(...all).send(data("hi", undefined, "a"));
      await idle();
      expect(all.map((one) => one.labels)).to.deep.equal([["hi"], ["hi"], ["hi"]]);
    });

    it("delivers a targeted message to its target alone", async () => {
      const [a, b] = [recorder("a"), recorder("b")];
      const bus = started(a, b);
      bus.send(data("for b", "b"));
      await idle();
      expect(a.labels).to.deep.equal([]);
      expect(b.labels).to.deep.equal(["for b"]);
      expect(b.messages[0]?.target).to.equal("b");
    });

    it("keeps frame, source, direction and target of a frame message", async () => {
      const a = recorder("a");
      const content = frame("llmText", { text: "hi" });
      const message = framed(content, "a", "origin");
      started(a).send(message);
      await idle();
      const [got] = a.messages;
      expect(got).to.include({ source: "origin", target: "a" });
      expect((got as typeof message).body).to.deep.equal(message.body);
      expect((got as typeof message).body.value).to.have.property("frame", content);
    });

    it("delivers to whoever answers for the target as a further address", async () => {
      const [a, proxy] = [recorder("a"), recorder("proxy", undefined, { addresses: ["remote", "other"] })];
      const bus = started(a, proxy);
      bus.send(data("1", "remote"));
      bus.send(data("2", "other"));
      bus.send(data("3", "proxy"));
      await idle();
      expect(proxy.labels).to.deep.equal(["1", "2", "3"]);
      expect(a.labels).to.deep.equal([]);
    });

    it("delivers a broadcast once to a subscriber with several addresses", async () => {
      const proxy = recorder("proxy", undefined, { addresses: ["remote"], observes: true });
      started(proxy).send(data("hi"));
      await idle();
      expect(proxy.labels).to.deep.equal(["hi"]);
    });

    it("shows an observer everything, once", async () => {
      const [a, observer] = [recorder("a"), recorder("observer", undefined, { observes: true })];
      const bus = started(a, observer);
      bus.send(data("for a", "a"));
      bus.send(data("for the observer", "observer"));
      bus.send(data("for all"));
      bus.send(data("for nobody", "nobody"));
      await idle();
      expect(observer.labels).to.deep.equal(["for a", "for the observer", "for all", "for nobody"]);
      expect(a.labels).to.deep.equal(["for a", "for all"]);
    });

    it("makes one delivery of a targeted message, however many agents there are", async () => {
      let deliveries = 0;
      const all = Array.from({ length: 1_000 }, (_, index) => recorder(`agent-${index}`, () => void deliveries++));
      const bus = started(...all);
      for (let sent = 0; sent < 100; sent++) {
        bus.send(data("hi", "agent-500"));
      }
      await idle();
      expect(deliveries).to.equal(100);
      expect(all[500]?.messages).to.have.length(100);
    });

    it("delivers a message with live references as it is", async () => {
      const a = recorder("a");
      const message = new LocalMessage("handOver", { socket: new EventTarget() }, { source: "tester", target: "a" });
      started(a).send(message);
      await idle();
      expect(a.messages[0]).to.equal(message);
    });
  });

  describe("refusing", () => {
    it("refuses a message without source", () => {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => started().send(busMessage("end")));
      expect(error.message).to.contain("message.source");
    });

    it("refuses a message without body", () => {
      const message = data("hi");
      message.body = { case: undefined };
      const error = expectThrown(Code.INVALID_ARGUMENT, () => started().send(message));
      expect(error.message).to.contain("message.body");
    });

    it("refuses a message of a case that the schema doesn't know", () => {
      const message = data("hi");
      message.body = { case: "constructor", value: {} } as never;
      const error = expectThrown(Code.INVALID_ARGUMENT, () => started().send(message));
      expect(error.message).to.contain("message.body.case").and.contain("constructor");
    });

    it("refuses bad limits, naming option and value", () => {
      for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        const error = expectThrown(
          Code.INVALID_ARGUMENT,
          () => new InProcessBus({ limits: { maxSystemBytes: value }, logger }),
        );
        expect(error.message).to.contain("limits.maxSystemBytes").and.contain(String(value));
      }
    });

    it("tells `undelivered` with NOT_FOUND of a message whose target nobody answers for, naming both", async () => {
      const bus = started(recorder("a"));
      const told = undelivered(bus);
      const message = data("hi", "nobody");
      bus.send(message);
      expect(logger.take("warn").map(({ fields }) => fields)).to.deep.equal([
        { target: "nobody", source: "tester", case: "ttsSpeak" },
      ]);
      expect(told).to.have.length(1);
      expect(told[0]?.[0]).to.equal(message);
      expect(told[0]?.[1].code).to.equal(Code.NOT_FOUND);
      expect(told[0]?.[1].message).to.contain("nobody").and.contain("ttsSpeak").and.contain("tester");
    });
  });

  describe("subscribing", () => {
    it("refuses a second subscriber of a name, with a remedy", () => {
      const bus = started(recorder("a"));
      const error = expectThrown(Code.ALREADY_EXISTS, () => bus.subscribe(recorder("a")));
      expect(error.message).to.contain("a").and.contain("choose another name");
    });

    it("refuses names and addresses that collide either way, or with themselves", () => {
      const bus = started(recorder("proxy", undefined, { addresses: ["remote"] }));
      for (const [name, addresses] of [
        ["remote", []],
        ["b", ["remote"]],
        ["c", ["proxy"]],
        ["d", ["d"]],
        ["e", ["x", "x"]],
      ] as const) {
        expectThrown(Code.ALREADY_EXISTS, () => bus.subscribe(recorder(name, undefined, { addresses })));
      }
    });

    it("keeps nothing of a subscriber it refused", async () => {
      const bus = started(recorder("a"));
      const refused = recorder("b", undefined, { addresses: ["free", "a"], observes: true });
      expectThrown(Code.ALREADY_EXISTS, () => bus.subscribe(refused));
      bus.subscribe(recorder("b"));
      bus.subscribe(recorder("free"));
      bus.send(data("hi"));
      await idle();
      expect(refused.labels).to.deep.equal([]);
    });

    it("stops delivery once unsubscribed, also of what waits, and frees names and addresses", async () => {
      const bus = started();
      const a = recorder("a", undefined, { addresses: ["remote"], observes: true });
      const unsubscribe = bus.subscribe(a);
      bus.send(data("waits", "a"));
      unsubscribe();
      const told = undelivered(bus);
      bus.send(data("1", "a"));
      bus.send(data("2", "remote"));
      bus.send(data("3"));
      await idle();
      expect(a.labels).to.deep.equal([]);
      expect(told.map(([message]) => label(message))).to.deep.equal(["1", "2"]);
      bus.subscribe(recorder("a", undefined, { addresses: ["remote"] }));
    });

    it("queues nothing any longer for an observer that unsubscribed", () => {
      const bus = new InProcessBus({ limits: { maxMessages: 1 }, logger });
      bus.subscribe(recorder("a", undefined, { addresses: ["b", "c"] }));
      const unsubscribe = bus.subscribe(recorder("observer", undefined, { observes: true }));
      bus.start();
      const told = undelivered(bus);
      const missed: string[] = [];
      bus.on("missed", (message) => missed.push(label(message)));
      unsubscribe();
      bus.send(data("1", "a"));
      expectThrown(Code.RESOURCE_EXHAUSTED, () => bus.send(data("2", "a")));
      expect(told).to.deep.equal([]);
      expect(missed).to.deep.equal([]);
    });

    it("keeps the subscriber that took the name when the old one unsubscribes twice", async () => {
      const bus = started();
      const unsubscribe = bus.subscribe(recorder("a"));
      unsubscribe();
      const heir = recorder("a");
      bus.subscribe(heir);
      unsubscribe();
      bus.send(data("hi", "a"));
      await idle();
      expect(heir.labels).to.deep.equal(["hi"]);
    });

    it("delivers nothing to a subscriber that unsubscribes while it handles a message", async () => {
      const bus = started();
      const a = recorder("a", () => unsubscribe());
      const unsubscribe = bus.subscribe(a);
      bus.send(data("1"));
      bus.send(data("2"));
      await idle();
      expect(a.labels).to.deep.equal(["1"]);
    });
  });

  describe("starting and stopping", () => {
    it("keeps what is sent before start(), and delivers it after, in order", async () => {
      const bus = new InProcessBus({ logger });
      const a = recorder("a");
      bus.send(data("1"));
      bus.subscribe(a);
      bus.send(data("2", "a"));
      await idle();
      expect(a.labels).to.deep.equal([]);
      bus.start();
      bus.send(data("3"));
      await idle();
      expect(a.labels).to.deep.equal(["1", "2", "3"]);
    });

    it("delivers what was kept once, however often it is started", async () => {
      const bus = new InProcessBus({ logger });
      const a = recorder("a");
      bus.subscribe(a);
      bus.send(data("1"));
      bus.start();
      bus.start();
      await idle();
      expect(a.labels).to.deep.equal(["1"]);
    });

    it("bounds what it keeps before start(), in messages and in bytes", () => {
      const few = new InProcessBus({ limits: { maxMessages: 2 }, logger });
      few.send(data("1"));
      few.send(data("2"));
      const error = expectThrown(Code.RESOURCE_EXHAUSTED, () => few.send(data("3")));
      expect(error.message).to.contain("before the bus started");
      const small = new InProcessBus({ limits: { maxBytes: 5_000 }, logger });
      small.send(data("x".repeat(3_000)));
      expectThrown(Code.RESOURCE_EXHAUSTED, () => small.send(data("x".repeat(3_000))));
    });

    it("tells `undelivered` of what was kept and can't be delivered at start()", () => {
      const bus = new InProcessBus({ logger });
      bus.send(data("for nobody", "nobody"));
      const told = undelivered(bus);
      bus.start();
      expect(told.map(([message, { code }]) => [label(message), code])).to.deep.equal([["for nobody", Code.NOT_FOUND]]);
    });

    it("tells `undelivered` of a kept message whose target's queue is full at start()", () => {
      const bus = new InProcessBus({ limits: { maxSystemMessages: 1 }, logger });
      bus.subscribe(recorder("a"));
      bus.send(system("1", "a"));
      bus.send(system("2", "a"));
      const told = undelivered(bus);
      bus.start();
      expect(told.map(([message, { code }]) => [label(message), code])).to.deep.equal([["2", Code.RESOURCE_EXHAUSTED]]);
    });

    it("refuses messages with UNAVAILABLE once stopped, and stays stopped", async () => {
      const a = recorder("a");
      const bus = started(a);
      bus.stop();
      expectThrown(Code.UNAVAILABLE, () => bus.send(data("hi")));
      bus.start();
      expectThrown(Code.UNAVAILABLE, () => bus.send(data("hi")));
      await idle();
      expect(a.labels).to.deep.equal([]);
    });

    it("drops what waits when it is stopped, says so at debug level, and holds no name any longer", async () => {
      const a = recorder("a");
      const bus = started(a);
      bus.send(data("hi"));
      bus.stop();
      await idle();
      expect(a.labels).to.deep.equal([]);
      expect(logger.take("debug").map(({ fields }) => fields)).to.deep.equal([{ subscriber: "a", messages: 1 }]);
      bus.subscribe(recorder("a"));
    });

    it("drops what it kept when it is stopped before it was started", async () => {
      const bus = new InProcessBus({ logger });
      const a = recorder("a");
      bus.subscribe(a);
      bus.send(data("hi"));
      bus.stop();
      bus.start();
      await idle();
      expect(a.labels).to.deep.equal([]);
    });
  });

  describe("with subscribers that misbehave", () => {
    it("doesn't make others wait for a slow subscriber", async () => {
      const slow = recorder("slow", () => new Promise(() => {}));
      const quick = recorder("quick");
      const bus = started(slow, quick);
      bus.send(data("1"));
      bus.send(data("2"));
      await idle();
      expect(quick.labels).to.deep.equal(["1", "2"]);
      expect(slow.labels).to.deep.equal(["1"]);
    });

    for (const [how, fail] of [
      [
        "throws",
        (error: Error) => {
          throw error;
        },
      ],
      ["rejects", (error: Error) => Promise.reject(error)],
    ] as const) {
      for (const [what, kind] of [
        ["data", "ttsSpeak"],
        ["system", "taskCancel"],
      ] as const) {
        it(`logs a handler that ${how} on a ${what} message, and goes on with it and the others`, async () => {
          const error = new Error("broken");
          const bad = recorder("bad", () => fail(error));
          const good = recorder("good");
          const bus = started(bad, good);
          for (const id of ["1", "2"]) {
            bus.send(busMessage(kind, {}, { source: id }));
          }
          await idle();
          expect(bad.messages.map(({ source }) => source)).to.deep.equal(["1", "2"]);
          expect(good.messages.map(({ source }) => source)).to.deep.equal(["1", "2"]);
          const lines = logger.take("error");
          expect(lines.map(({ fields }) => fields["error"])).to.deep.equal([error, error]);
          expect(lines[0]?.fields).to.include({ subscriber: "bad", message: `${kind} from "1"` });
        });
      }
    }

    it("logs a handler of its events that throws", () => {
      const bus = started();
      const error = new Error("broken");
      bus.on("undelivered", () => {
        throw error;
      });
      bus.send(data("hi", "nobody"));
      expect(logger.takeErrors()).to.deep.equal([error]);
    });
  });
});
