import { expect } from "chai";
import { describe, it } from "mocha";
import { Code, type StatusError } from "../../src/base/status.js";
import type { BufferOptions } from "../../src/link/resumable/options.js";
import { faulty } from "../../src/testing/faulty.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import { until } from "../support/idle.js";
import { dataMessage, LinkPair } from "../support/link-pair.js";

const count = 100_000;
const message = dataMessage("x".repeat(1_000));
const maxBytes = 4_194_304;

/** A link whose connection is lost, and the message sent over it so often; before each `mayGoOn` is asked. */
async function writeWhileAway(overflow: Required<BufferOptions>["overflow"], waits: boolean) {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  const network = faulty(memory, { clock });
  const buffer = { maxBytes, maxMessages: count, overflow };
  const pair = await LinkPair.listen({ clock, client: network, server: memory, clientOptions: { buffer } });
  const end = await pair.connect();
  network.inject({ type: "refuse" });
  network.inject({ type: "cut" });
  await until(() => end.events.includes("suspended"));
  const { link } = end;
  const refused = new Map<Code, number>();
  let [sent, mostKept] = [0, 0];
  while (sent < count && !(waits && link.drained() !== undefined)) {
    sent++;
    try {
      link.send(message);
    } catch (error) {
      const { code } = error as StatusError;
      refused.set(code, (refused.get(code) ?? 0) + 1);
    }
    if (sent % 100 === 0) {
      mostKept = Math.max(mostKept, link.stats().unacknowledgedBytes);
    }
  }
  const stats = link.stats();
  await link.close({ code: Code.CANCELLED, message: "the test is over", details: [] });
  await pair.stop();
  return { end, stats, sent, mostKept, refused, undelivered: end.undeliveredTexts };
}

describe("100 000 messages of 1 kB while the connection is lost", () => {
  it("make their sender wait, with the policy block", async () => {
    const { sent, stats, refused } = await writeWhileAway("block", true);
    expect(sent).to.be.below(count);
    expect(stats.unacknowledgedBytes).to.be.within(maxBytes / 2, maxBytes / 2 + 2_000);
    expect(refused.size).to.equal(0);
  });

  for (const overflow of ["block", "reject"] as const) {
    it(`are refused beyond the bound, with the policy ${overflow} and a sender that doesn't wait`, async () => {
      const { stats, refused, mostKept, undelivered } = await writeWhileAway(overflow, false);
      expect(mostKept).to.be.within(maxBytes - 4_000, maxBytes);
      expect(stats.unacknowledgedBytes).to.be.at.most(maxBytes);
      expect([...refused]).to.deep.equal([[Code.RESOURCE_EXHAUSTED, count - stats.unacknowledged]]);
      // What was kept is told when the link ends without it.
      expect(undelivered.length).to.equal(stats.unacknowledged);
    });
  }

  it("reset the link, with the policy reset, and all that was kept is told", async () => {
    const { stats, end, refused, mostKept, undelivered } = await writeWhileAway("reset", false);
    expect(mostKept).to.be.within(maxBytes - 200_000, maxBytes);
    expect(stats).to.include({ state: "closed", unacknowledged: 0, unacknowledgedBytes: 0 });
    expect(end.ended?.details).to.deep.include({ type: "errorInfo", reason: "overflow" });
    expect([...refused]).to.deep.equal([[Code.UNAVAILABLE, count - undelivered.length]]);
    expect(new Set(undelivered.map(([, { code }]) => code))).to.deep.equal(new Set([Code.UNAVAILABLE]));
  });
});
