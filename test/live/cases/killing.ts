import { expect } from "chai";
import { describe } from "mocha";
import { busMessage, Code } from "../../../src/index.js";
import { eventually } from "../support/eventually.js";
import type { LiveBridge } from "../support/live-bridge.js";
import type { Live } from "../support/live-suite.js";

/** Has a message cross each way. */
async function works(bridge: LiveBridge): Promise<void> {
  bridge.agent.send(busMessage("taskUpdate", { taskId: "there" }, { target: "py" }));
  await bridge.python.message("BusTaskUpdateMessage");
  await bridge.python.send("BusTaskUpdateMessage(source='py', target='ts', task_id='back')");
  await eventually(() => bridge.agent.cases.includes("taskUpdate"));
}

/** That a bridge is there again after either side was killed. */
export function testKilling(live: Live): void {
  describe("a process that is killed", () => {
    live.it("in Python is noticed, and the bridge is there again when another has its place", async () => {
      const bridge = await live.open();
      const { agent, events } = bridge.ts;
      await live.killPeer();
      await eventually(() => events.at(-1)?.[0] === "disconnected");
      expect(events.at(-1)).to.deep.equal(["disconnected", Code.UNAVAILABLE]);
      if (live.direction === "TypeScript client") {
        await eventually(() => agent.calls.includes("agentGone py"));
        agent.send(busMessage("taskUpdate", { taskId: "lost" }, { target: "py" }));
        await eventually(() => bridge.ts.undelivered.length === 1);
        expect(bridge.ts.undelivered[0]?.status.code).to.equal(Code.UNAVAILABLE);
      }
      await live.revivePeer((peer) => bridge.moveTo(peer));
      await bridge.connected();
      await works(bridge);
      expect(bridge.python.messages("BusTaskUpdateMessage")).to.have.length(1);
    });

    live.it("in TypeScript is noticed, and the bridge is there again when another has its place", async () => {
      const bridge = await live.open({ predecessor: live.crossbus });
      await works(bridge);
      const codes = bridge.python.told("disconnected").map(({ code }) => code);
      expect(codes).to.deep.equal([live.direction === "TypeScript client" ? null : 1006]);
    });
  });
}
