import { expect } from "chai";
import { describe, it } from "mocha";
import { deferred } from "../../src/base/deferred.js";
import type { AnyBusMessage } from "../../src/bus/agent-bus.js";
import { InProcessBus } from "../../src/bus/in-process-bus.js";
import { LocalMessage } from "../../src/message/local-message.js";
import { data, label, recorder, system } from "../support/bus-messages.js";
import { idle } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";

class Note extends LocalMessage<"note", { readonly text: string }> {
  override readonly isSystem: boolean;

  constructor(text: string, isSystem: boolean) {
    super("note", { text }, { source: "tester", target: "a" });
    this.isSystem = isSystem;
  }
}

function shown(message: AnyBusMessage): string {
  return message instanceof Note ? message.body.value.text : label(message);
}

describe("prompt messages of a subscriber", () => {
  const logger = useRecordingLogger();

  /** A subscriber "a" to which messages are prompt whose text begins with "p". */
  function subscribed(onBusMessage: (text: string) => void | Promise<void> = () => {}, limits = {}) {
    const bus = new InProcessBus({ logger, limits });
    const labels: string[] = [];
    bus.subscribe({
      name: "a",
      isPrompt: (message) => shown(message).startsWith("p"),
      onBusMessage: (message) => {
        labels.push(shown(message));
        return onBusMessage(shown(message));
      },
    });
    bus.start();
    return { bus, labels };
  }

  for (const [kind, make] of [
    ["data", data],
    ["system", system],
  ] as const) {
    it(`come while the handler of a ${kind} message awaits them`, async () => {
      const running = deferred();
      const { bus, labels } = subscribed((text) => {
        if (text === "slow") {
          return running.promise;
        }
        if (text === "p data") {
          running.resolve();
        }
        return undefined;
      });
      bus.send(make("slow"));
      bus.send(make("next"));
      await idle();
      bus.send(system("p system"));
      bus.send(data("p data"));
      await idle();
      await idle();
      expect(labels).to.deep.equal(["slow", "p system", "p data", "next"]);
    });
  }

  it("wait for no promise, not even of one another", async () => {
    const { bus, labels } = subscribed(() => new Promise(() => {}));
    for (const text of ["p1", "p2", "p3"]) {
      bus.send(data(text));
    }
    await idle();
    expect(labels).to.deep.equal(["p1", "p2", "p3"]);
  });

  it("have their places: system messages, then data messages, each prompt ones first", async () => {
    const { bus, labels } = subscribed();
    for (const message of [data("d"), data("p d"), system("s"), system("p s")]) {
      bus.send(message);
    }
    await idle();
    expect(labels).to.deep.equal(["p s", "s", "p d", "d"]);
  });

  it("of which a handler rejects are reported, and the others come", async () => {
    const { bus, labels } = subscribed((text) => (text === "p1" ? Promise.reject(new Error("oh no")) : undefined));
    bus.send(data("p1"));
    bus.send(data("p2"));
    await idle();
    expect(labels).to.deep.equal(["p1", "p2"]);
    expect(logger.takeErrors()).to.have.length(1);
  });

  it("are bounded as others are, and who feeds the queue is told when it has room again", async () => {
    const { bus, labels } = subscribed(() => {}, { maxMessages: 8 });
    let relieved = 0;
    bus.on("relieved", () => relieved++);
    for (let i = 0; i < 8; i++) {
      bus.send(data(`p${i}`, "a"));
    }
    expect(() => bus.send(data("p8", "a"))).to.throw("is full");
    bus.send(data("d"));
    expect(bus.isCongested("a")).to.equal(true);
    await idle();
    expect(labels).to.have.length(9);
    expect([bus.isCongested("a"), relieved]).to.deep.equal([false, 1]);
  });

  it("no subscriber has that doesn't say so", async () => {
    const bus = new InProcessBus({ logger });
    const running = deferred();
    const a = recorder("a", (message) => (label(message) === "slow" ? running.promise : undefined));
    bus.subscribe(a);
    bus.start();
    bus.send(data("slow"));
    bus.send(data("p1"));
    await idle();
    expect(a.labels).to.deep.equal(["slow"]);
    running.resolve();
    await idle();
    expect(a.labels).to.deep.equal(["slow", "p1"]);
  });

  it("are congested by one another alone, and relieved though other messages are held up", async () => {
    const held = deferred();
    const { bus } = subscribed((text) => (text === "slow" ? held.promise : undefined), { maxMessages: 8 });
    const relieved: string[] = [];
    bus.on("relieved", (name) => relieved.push(name));
    bus.send(data("slow"));
    await idle();
    for (let i = 0; i < 5; i++) {
      bus.send(data("other"));
    }
    expect([bus.isCongested("a"), bus.isCongested("a", data("p"))]).to.deep.equal([true, false]);
    for (let i = 0; i < 5; i++) {
      bus.send(data("p"));
    }
    expect([bus.isCongested("a"), bus.isCongested("a", data("p"))]).to.deep.equal([true, true]);
    await idle();
    expect([bus.isCongested("a"), bus.isCongested("a", data("p"))]).to.deep.equal([true, false]);
    expect(relieved).to.deep.equal(["a"]);
    held.resolve();
    await idle();
    expect(bus.isCongested("a")).to.equal(false);
    expect(relieved).to.deep.equal(["a", "a"]);
    expect(bus.isCongested("nobody", data("p"))).to.equal(false);
  });
});

describe("a message with live references", () => {
  const logger = useRecordingLogger();

  it("takes the lane that it says", async () => {
    const bus = new InProcessBus({ logger });
    const labels: string[] = [];
    bus.subscribe({ name: "a", onBusMessage: (message) => void labels.push(shown(message)) });
    bus.start();
    for (const message of [data("d1"), new Note("data note", false), data("d2"), new Note("system note", true)]) {
      bus.send(message);
    }
    await idle();
    expect(labels).to.deep.equal(["system note", "d1", "data note", "d2"]);
  });
});
