import { expect } from "chai";
import { describe } from "mocha";
import { eventually } from "../support/eventually.js";
import type { Live } from "../support/live-suite.js";

/** That the agents get to know each other, and that the client activates the server's agent. */
export function testAnnouncing(live: Live): void {
  const weAreClient = live.direction === "TypeScript client";

  describe("announcing and activation", () => {
    live.it("tells each side of the other's agent, under a runner name of its own", async () => {
      const bridge = await live.open();
      await bridge.python.command("watch");
      const ready = await bridge.python.event("ready");
      expect(ready["agent"]).to.equal("ts");
      const py = bridge.ts.runner.registry.get("py");
      expect(new Set([ready["runner"], py?.runner, bridge.ts.runner.name]).size).to.equal(3);
    });

    if (weAreClient) {
      live.it("activates Python's agent with arguments, and deactivates it", async () => {
        const bridge = await live.open({ python: { active: false } });
        const messages = [{ role: "user", content: "Grüße 🚀" }];
        bridge.agent.activateAgent("py", { args: { messages, run_llm: true, metadata: { n: 3, x: 0.5 } } });
        const { args } = await bridge.python.event("activated");
        expect(args).to.equal(
          "{'messages': [{'role': 'user', 'content': 'Grüße 🚀'}], 'run_llm': True, 'metadata': {'n': 3, 'x': 0.5}}",
        );
        bridge.agent.deactivateAgent("py");
        await bridge.python.event("deactivated");
      });

      live.it("lets Python's server activate nothing here", async () => {
        const bridge = await live.open({ agent: { active: false } });
        await bridge.python.send("BusActivateAgentMessage(source='py', target='ts')");
        await eventually(() => bridge.ts.denied.length === 1);
        expect(bridge.ts.denied[0]).to.include({ direction: "in", rule: "direction", case: "activateAgent" });
        expect(bridge.agent.active).to.equal(false);
      });
    } else {
      live.it("is activated by Python's agent with arguments, and deactivated", async () => {
        let activation: unknown;
        const bridge = await live.open({
          agent: { active: false },
          hooks: () => ({
            activated: (args) => {
              activation = args;
            },
          }),
        });
        const args = "{'messages': [{'role': 'user', 'content': 'Grüße 🚀'}], 'run_llm': True, 'metadata': {'n': 3}}";
        await bridge.python.send(`BusActivateAgentMessage(source='py', target='ts', args=${args})`);
        await eventually(() => bridge.agent.active);
        expect(activation).to.deep.equal({
          messages: [{ role: "user", content: "Grüße 🚀" }],
          run_llm: true,
          metadata: { n: 3 },
        });
        await bridge.python.send("BusDeactivateAgentMessage(source='py', target='ts')");
        await eventually(() => !bridge.agent.active);
      });

      live.it("activates nothing at Python's client", async () => {
        const bridge = await live.open({ python: { active: false } });
        bridge.agent.activateAgent("py");
        await eventually(() => bridge.ts.denied.length === 1);
        expect(bridge.ts.denied[0]).to.include({ direction: "out", rule: "direction", case: "activateAgent" });
      });
    }
  });

  describe("the end of a session", () => {
    live.it("is noticed by Python at once when it is ended here", async () => {
      const bridge = await live.open();
      bridge.agent.end();
      await bridge.python.event("disconnected");
      await eventually(() => bridge.ts.events.at(-1)?.[0] === "disconnected");
    });

    for (const [how, command, fields] of [
      ["its agent", "send", { messages: ["BusEndMessage(source='py', reason='done')"] }],
      ["its application", "end", {}],
    ] as const) {
      live.it(`is noticed here when ${how} ends it in Python, and nobody connects again`, async () => {
        const bridge = await live.open();
        await bridge.python.command(command, fields);
        await eventually(() => bridge.ts.events.length === 2);
        expect(bridge.ts.events).to.deep.equal([["connected"], ["disconnected", 0]]);
        await eventually(() => bridge.agent.calls.includes("agentGone py") || !weAreClient);
        expect(bridge.ends).to.have.length(1);
      });
    }
  });
}
