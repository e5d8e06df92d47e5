import { describe, it } from "mocha";
import { Code } from "../../src/base/status.js";
import { TASKS } from "../../src/message/forward.js";
import { resumableWires, useBridge } from "../support/bridge-fixture.js";
import { until } from "../support/idle.js";
import { aborted, expectFailure } from "../support/task-bench.js";

// Not in pages: there each turn of a listener in Node asks for a request of its own, and many turns take minutes.
for (const { name, make } of resumableWires) {
  describe(`tasks across a resumable link over ${name}`, () => {
    const fixture = useBridge(make);

    it("are all cancelled at the worker, however many of them at once", async () => {
      const bridge = fixture();
      await bridge.serveAssistants({ forwardMessages: TASKS });
      const [{ acme }, { assistant }] = await bridge.connect({ forwardMessages: TASKS, reconnect: false });
      assistant.handleTask("work", ({ signal }) => aborted(signal).then(() => undefined));
      const controller = new AbortController();
      const { signal } = controller;
      const tasks = Array.from({ length: 8_000 }, () => acme.requestTask("assistant", { name: "work", signal }));
      await until(() => assistant.taskStats.handled === 8_000);
      controller.abort(new Error("the page was left, and nobody is there any more who would want to know"));
      await Promise.all(tasks.map((task) => expectFailure(Code.CANCELLED, task)));
      await until(() => assistant.taskStats.handled === 0);
    });
  });
}
