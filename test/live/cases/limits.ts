import { expect } from "chai";
import { describe } from "mocha";
import { type BusMessage, busMessage, Code } from "../../../src/index.js";
import type { BodyOf } from "../../../src/message/types.js";
import { eventually } from "../support/eventually.js";
import type { LiveBridge } from "../support/live-bridge.js";
import type { Live } from "../support/live-suite.js";

/** As much as a Python client takes of one message, and as this side takes by default. */
const limit = 1_048_576;

function padded(length: number): BusMessage {
  return busMessage("taskUpdate", { taskId: "1", update: { pad: "x".repeat(length) } }, { target: "py" });
}

/** The ids of the tasks that Python was told of. */
function toldOf(bridge: LiveBridge): readonly string[] {
  return bridge.python.messages("BusTaskUpdateMessage").map(({ fields }) => String(fields["task_id"]));
}

/** Waits until the proxy takes no more from its bus: until the sockets and the connection are full. */
async function stuck(bridge: LiveBridge): Promise<void> {
  let last = -1;
  let since = 0;
  await eventually(() => {
    const { crossedOut } = bridge.ts.stats();
    const now = performance.now();
    if (crossedOut !== last) {
      last = crossedOut;
      since = now;
    }
    return now - since > 100;
  });
}

/** Messages of the largest size, and readers that are slow. */
export function testLimits(live: Live): void {
  describe("limits", () => {
    live.it("sends a message of exactly the limit, and says of one byte more that it is too large", async () => {
      const bridge = await live.open();
      const { sent: sizes } = bridge.ts;
      const send = async (length: number) => {
        const before = sizes.length;
        bridge.agent.send(padded(length));
        await eventually(() => sizes.length > before || bridge.ts.undelivered.length > 0);
        return sizes.at(-1) ?? 0;
      };
      // How long the text must be is found out by sending: it depends on the codec.
      const overhead = (await send(limit - 1_000)) - (limit - 1_000);
      expect(await send(limit - overhead)).to.equal(limit);
      await bridge.python.message("BusTaskUpdateMessage", 2);
      await send(limit - overhead + 1);
      expect(bridge.ts.undelivered.map(({ case: kind, status }) => [kind, status.code])).to.deep.equal([
        ["taskUpdate", Code.RESOURCE_EXHAUSTED],
      ]);
      expect(bridge.ts.undelivered[0]?.status.message)
        .to.include(`${limit + 1}`)
        .and.to.include("maxMessageBytes");
      // The connection is as good as before.
      await send(1);
      await bridge.python.message("BusTaskUpdateMessage", 3);
    });

    live.it("takes a message of exactly the limit, and ends the connection for one byte more", async () => {
      const bridge = await live.open({ reconnect: false });
      const message = "BusTaskRequestMessage(source='py', target='ts', task_id='1', payload={'pad': PAD})";
      await bridge.python.command("send_sized", { message, size: limit });
      await eventually(() => bridge.agent.cases.includes("taskRequest"));
      const request = bridge.agent.messages.find(({ body }) => body.case === "taskRequest")?.body
        .value as BodyOf<"taskRequest">;
      expect(request.taskId).to.equal("1");
      await bridge.python.command("send_sized", { message, size: limit + 1 });
      await bridge.python.event("disconnected");
      await eventually(() => bridge.ts.events.some(([name]) => name === "disconnected" || name === "failed"));
      const end = bridge.ts.events.find(([name]) => name === "disconnected" || name === "failed");
      expect(end?.[1]).to.equal(Code.RESOURCE_EXHAUSTED);
      bridge.logger.takeErrors();
    });

    live.it("waits for a Python that reads slowly, keeps a bounded amount, and loses nothing", async () => {
      const bridge = await live.open();
      await bridge.python.command("pause");
      const pad = "x".repeat(65_536);
      let sent = 0;
      const send = (count: number) => {
        for (const end = sent + count; sent < end; sent++) {
          bridge.agent.send(busMessage("taskUpdate", { taskId: `${sent}`, update: { pad } }, { target: "py" }));
        }
      };
      // How much the two operating systems and Python's own queue take before it waits differs from machine to machine.
      do {
        send(60);
        await stuck(bridge);
      } while (bridge.ts.stats().crossedOut === sent && sent < 3_000);
      const { crossedOut } = bridge.ts.stats();
      expect(crossedOut).to.be.lessThan(sent);
      send(50);
      await stuck(bridge);
      expect(bridge.ts.stats().crossedOut, "messages taken while Python reads nothing").to.equal(crossedOut);
      await bridge.python.command("resume");
      await eventually(() => toldOf(bridge).length === sent);
      expect(toldOf(bridge)).to.deep.equal(Array.from({ length: sent }, (_, i) => `'${i}'`));
      expect(bridge.ts.undelivered).to.deep.equal([]);
    });
  });
}
