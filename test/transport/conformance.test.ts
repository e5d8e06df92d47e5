import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { type ConformanceRig, transportConformance } from "../../src/testing/transport-conformance.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { ServerTransport, Transport } from "../../src/transport/transport.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import { WebSocketServerTransport } from "../../src/transport/websocket-server-node.js";
import { nothingLeft, openSockets } from "./helpers.js";

function expectNoTimers(clock: VirtualClock): void {
  expect(clock.pending, "timers that are left").to.equal(0);
}

async function overMemory(): Promise<ConformanceRig> {
  const clock = new VirtualClock();
  const memory = new MemoryTransport({ clock });
  return {
    transport: memory,
    server: memory,
    advance: (ms) => clock.advance(ms),
    dispose: async () => expectNoTimers(clock),
  };
}

async function overWebSocket(): Promise<ConformanceRig> {
  const clock = new VirtualClock();
  let url = "ws://127.0.0.1:1/ws";
  const server: ServerTransport = {
    async listen(accept) {
      const listener = await new WebSocketServerTransport({ port: 0, clock }).listen(accept);
      url = listener.address;
      return listener;
    },
  };
  const transport: Transport = { connect: (options) => new WebSocketTransport({ url, clock }).connect(options) };
  return { transport, server, advance: (ms) => clock.advance(ms), dispose: async () => expectNoTimers(clock) };
}

for (const [name, setup] of [
  ["the memory transport", overMemory],
  ["the WebSocket transport", overWebSocket],
] as const) {
  describe(`${name} conforms`, () => {
    let before: readonly string[] = [];
    beforeEach(() => {
      before = openSockets();
    });
    afterEach(() => nothingLeft(before));

    for (const { name: behaviour, run } of transportConformance(setup)) {
      it(behaviour, run);
    }
  });
}
