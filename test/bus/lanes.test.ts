import { expect } from "chai";
import { describe, it } from "mocha";
import { deferred } from "../../src/base/deferred.js";
import type { AnyBusMessage } from "../../src/bus/agent-bus.js";
import { InProcessBus } from "../../src/bus/in-process-bus.js";
import { frame } from "../../src/message/build.js";
import { LocalMessage } from "../../src/message/local-message.js";
import { data, framed, label, recorder, system } from "../support/bus-messages.js";
import { idle } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";

describe("the lanes of a subscriber", () => {
  const logger = useRecordingLogger();

  function subscribed(onBusMessage?: (message: AnyBusMessage) => void | Promise<void>) {
    const bus = new InProcessBus({ logger });
    const a = recorder("a", onBusMessage);
    bus.subscribe(a);
    bus.start();
    return { bus, a };
  }

  it("handles queued system messages before queued data messages, each kind in order", async () => {
    const { bus, a } = subscribed();
    for (const message of [data("d1"), system("s1"), data("d2"), system("s2"), data("d3"), system("s3")]) {
      bus.send(message);
    }
    await idle();
    expect(a.labels).to.deep.equal(["s1", "s2", "s3", "d1", "d2", "d3"]);
  });

  it("handles data messages in order although their handler takes its time", async () => {
    const { bus, a } = subscribed(async () => {
      await idle();
    });
    for (const text of ["1", "2", "3"]) {
      bus.send(data(text));
    }
    expect(a.labels).to.deep.equal([]);
    await idle();
    await idle();
    await idle();
    await idle();
    expect(a.labels).to.deep.equal(["1", "2", "3"]);
  });

  it("handles a system message while the handler of a data message is running", async () => {
    const running = deferred();
    const { bus, a } = subscribed((message) => (label(message) === "slow" ? running.promise : undefined));
    bus.send(data("slow"));
    bus.send(data("next"));
    await idle();
    bus.send(system("cancel"));
    await idle();
    expect(a.labels).to.deep.equal(["slow", "cancel"]);
    running.resolve();
    await idle();
    expect(a.labels).to.deep.equal(["slow", "cancel", "next"]);
  });

  it("handles one system message at a time", async () => {
    const running = deferred();
    const { bus, a } = subscribed((message) => (label(message) === "s1" ? running.promise : undefined));
    bus.send(system("s1"));
    bus.send(system("s2"));
    await idle();
    expect(a.labels).to.deep.equal(["s1"]);
    running.resolve();
    await idle();
    expect(a.labels).to.deep.equal(["s1", "s2"]);
  });

  it("lets data messages wait while the handler of a system message is running", async () => {
    const running = deferred();
    const { bus, a } = subscribed((message) => (label(message) === "s" ? running.promise : undefined));
    bus.send(system("s"));
    bus.send(data("d"));
    await idle();
    expect(a.labels).to.deep.equal(["s"]);
    running.resolve();
    await idle();
    expect(a.labels).to.deep.equal(["s", "d"]);
  });

  it("lets data messages wait for a system message although the data handler before them has ended", async () => {
    const [slow, urgent] = [deferred(), deferred()];
    const { bus, a } = subscribed((message) => ({ d1: slow.promise, s: urgent.promise })[label(message)]);
    bus.send(data("d1"));
    await idle();
    bus.send(system("s"));
    bus.send(data("d2"));
    await idle();
    slow.resolve();
    await idle();
    expect(a.labels).to.deep.equal(["d1", "s"]);
    urgent.resolve();
    await idle();
    expect(a.labels).to.deep.equal(["d1", "s", "d2"]);
  });

  it("handles a system message that a data handler causes before the next data message", async () => {
    const { bus, a } = subscribed((message) => {
      if (label(message) === "d1") {
        bus.send(system("s"));
      }
    });
    bus.send(data("d1"));
    bus.send(data("d2"));
    await idle();
    expect(a.labels).to.deep.equal(["d1", "s", "d2"]);
  });

  it("goes on with the next message when a handler that takes its time rejects", async () => {
    const running = deferred();
    const { bus, a } = subscribed((message) => (label(message) === "1" ? running.promise : undefined));
    bus.send(data("1"));
    bus.send(data("2"));
    await idle();
    running.reject(new Error("late"));
    await idle();
    expect(a.labels).to.deep.equal(["1", "2"]);
    expect(logger.takeErrors()).to.have.length(1);
  });

  it("takes a task's cancellation, frames of system kinds and messages with live references as system", async () => {
    const { bus, a } = subscribed();
    bus.send(data("data"));
    bus.send(framed(frame("llmText", { text: "hi" })));
    bus.send(system("task cancel"));
    bus.send(framed(frame("interruption")));
    bus.send(new LocalMessage("local", undefined, { source: "tester" }));
    await idle();
    expect(a.labels).to.deep.equal(["task cancel", "interruption", "local", "data", "llmText"]);
  });
});
