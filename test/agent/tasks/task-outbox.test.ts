import { expect } from "chai";
import { describe, it } from "mocha";
import { TaskOutbox } from "../../../src/agent/tasks/task-outbox.js";
import { deferred } from "../../../src/base/deferred.js";
import { Code } from "../../../src/base/status.js";
import { InProcessBus } from "../../../src/bus/in-process-bus.js";
import { data, label, recorder } from "../../support/bus-messages.js";
import { expectThrown } from "../../support/expect-status.js";
import { idle } from "../../support/idle.js";
import { useRecordingLogger } from "../../support/recording-logger.js";
import { countHeld } from "../../support/task-bench.js";

describe("TaskOutbox", () => {
  const logger = useRecordingLogger();

  /** An outbox on a bus with "a", which doesn't go on before `release()`, and "b". */
  function opened() {
    const bus = new InProcessBus({ logger, limits: { maxMessages: 4 } });
    const gate = deferred();
    const a = recorder("a", () => gate.promise);
    const b = recorder("b");
    bus.subscribe(a);
    bus.subscribe(b);
    const listeners = countHeld(bus, "on");
    bus.start();
    const outbox = new TaskOutbox(
      () => bus,
      (message) => bus.send(message),
    );
    const send = (text: string, target: string, max = 100) => outbox.send(data(text, target), target, max);
    return { bus, a, b, listeners, send, release: gate.resolve };
  }

  it("keeps what there is no room for, and sends it in order once there is, to each on its own", async () => {
    const { a, b, listeners, send, release } = opened();
    const texts = Array.from({ length: 30 }, (_, i) => `${i}`);
    for (const text of texts) {
      expect(send(text, "a")).to.equal(true);
    }
    send("at once", "b");
    await idle();
    expect(b.labels).to.deep.equal(["at once"]);
    expect(listeners.held).to.equal(1);
    release();
    for (let i = 0; i < texts.length; i++) {
      await idle();
    }
    expect(a.labels).to.deep.equal(texts);
    expect(listeners.held, "listeners once all is sent").to.equal(0);
  });

  it("has nothing overtake what is kept, though there is room for one", async () => {
    const { bus, send } = opened();
    const gates = Array.from({ length: 8 }, () => deferred());
    let handled = 0;
    const c = recorder("c", () => gates[handled++]?.promise);
    bus.subscribe(c);
    send("0", "c");
    await idle();
    for (const text of ["1", "2", "3", "4", "5"]) {
      send(text, "c");
    }
    gates[0]?.resolve();
    await idle();
    send("6", "c");
    for (const gate of gates) {
      gate.resolve();
      await idle();
    }
    expect(c.labels).to.deep.equal(["0", "1", "2", "3", "4", "5", "6"]);
  });

  it("keeps no more than it is told to", async () => {
    const { a, send, release } = opened();
    const sent = Array.from({ length: 10 }, (_, i) => send(`${i}`, "a", 2));
    expect(sent).to.deep.equal([true, true, true, true, true, true, false, false, false, false]);
    release();
    for (let i = 0; i < 10; i++) {
      await idle();
    }
    expect(a.labels).to.deep.equal(["0", "1", "2", "3", "4", "5"]);
  });

  it("throws what is no want of room", () => {
    const { bus, listeners, send } = opened();
    bus.stop();
    expectThrown(Code.UNAVAILABLE, () => send("1", "a"));
    expect(listeners.held).to.equal(0);
  });

  it("forgets what was for a subscriber that is gone", async () => {
    const { bus, listeners, send } = opened();
    const stop = bus.subscribe(recorder("c", () => new Promise(() => {})));
    const undelivered: string[] = [];
    bus.on("undelivered", (message) => undelivered.push(label(message)));
    for (let i = 0; i < 6; i++) {
      send(`${i}`, "c");
    }
    const before = listeners.held;
    stop();
    await idle();
    expect(undelivered).to.deep.equal(["4", "5"]);
    expect(listeners.held).to.equal(before - 1);
  });
});
