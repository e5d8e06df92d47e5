import { expect } from "chai";
import { describe, it } from "mocha";
import { Code } from "../../src/base/status.js";
import { faulty } from "../../src/testing/faulty.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import { dataMessage, LinkPair, systemMessage } from "../support/link-pair.js";

/** 100 MB, in messages of so many bytes. */
const messageBytes = 50_000;
const messages = 2_000;

/**
 * What is on its way already when something urgent comes: where the socket shows what waits, what a sender keeps there and
 * what the network takes beside; where buffers on the way hide it, what the sender lets be on its way; and a fragment.
 */
const underWayBytes = 65_536 + 65_536 + 16_384;

describe("an urgent message behind 100 MB before a throttled socket", () => {
  for (const [name, windowBytes, bytesPerSecond] of [
    ["a socket that shows what waits, at 50 kB/s", 65_536, 50_000],
    ["a socket that shows what waits, at 1 000 kB/s", 65_536, 1_000_000],
    ["buffers on the way that hide what waits, at 50 kB/s", 10_000_000, 50_000],
    ["buffers on the way that hide what waits, at 1 000 kB/s", 10_000_000, 1_000_000],
  ] as const) {
    it(`overtakes all but what is under way, with ${name}`, async () => {
      const clock = new VirtualClock();
      const memory = new MemoryTransport({ clock });
      const network = faulty(memory, { clock, windowBytes });
      const buffer = { maxBytes: 2 * messageBytes * messages, overflow: "reject" } as const;
      const pair = await LinkPair.listen({ clock, client: network, server: memory, clientOptions: { buffer } });
      const end = await pair.connect();
      await clock.advanceAsync(100);
      network.inject({ type: "throttle", bytesPerSecond });
      const text = "x".repeat(messageBytes);
      for (let i = 0; i < messages; i++) {
        end.link.send(dataMessage(text));
      }
      // For a while the data flows, as far as it is let.
      await clock.advanceAsync(10_000);
      const arrived: readonly string[] = pair.served[0]?.arrived ?? [];
      const before = arrived.length;
      end.link.send(systemMessage("cancel"));
      for (let i = 0; i < 100 && !arrived.includes("cancel"); i++) {
        await clock.advanceAsync(100);
      }
      expect(arrived, "what has arrived").to.include("cancel");
      expect(before, "messages that came before").to.be.within(1, messages - 1);
      expect((arrived.indexOf("cancel") - before) * messageBytes).to.be.at.most(underWayBytes + messageBytes);
      end.link.end({ code: Code.CANCELLED, message: "the test is over", details: [] });
      await clock.advanceAsync(30_000);
      await pair.stop();
    });
  }
});
