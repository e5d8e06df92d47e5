import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { Code, StatusError } from "../../src/base/status.js";
import { faulty } from "../../src/testing/faulty.js";
import { type ConformanceRig, transportConformance } from "../../src/testing/transport-conformance.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { ServerTransport, Transport } from "../../src/transport/transport.js";
import { WebSocketTransport } from "../../src/transport/websocket.js";
import { WebSocketServerTransport } from "../../src/transport/websocket-server-node.js";
import { openSockets } from "../support/open-node.js";
import { nothingLeft } from "./helpers.js";

function expectNoTimers(clock: VirtualClock): void {
  expect(clock.pending, "timers that are left").to.equal(0);
}

const inBrowser = typeof document !== "undefined";

async function overMemory(clock: VirtualClock): Promise<ConformanceRig> {
  const memory = new MemoryTransport({ clock });
  return {
    transport: memory,
    server: memory,
    advance: (ms) => clock.advance(ms),
    dispose: async () => expectNoTimers(clock),
  };
}

async function overWebSocket(clock: VirtualClock): Promise<ConformanceRig> {
  let url = "ws://127.0.0.1:1/ws";
  const server: ServerTransport = {
    async listen(accept, how) {
      if (inBrowser && how?.arrive !== undefined) {
        throw new StatusError(Code.UNIMPLEMENTED, "a listener in Node can't ask a page, and wait for what it says");
      }
      const listener = await new WebSocketServerTransport({ port: 0, clock }).listen(accept, how);
      url = listener.address;
      return listener;
    },
  };
  const transport: Transport = { connect: (options) => new WebSocketTransport({ url, clock }).connect(options) };
  // What the platform's own WebSocket can't do.
  const limits = inBrowser
    ? { tellsRefusals: false, connectsInParallel: false, tellsAborts: !navigator.userAgent.includes("Firefox") }
    : {};
  return {
    ...limits,
    transport,
    server,
    advance: (ms) => clock.advance(ms),
    dispose: async () => expectNoTimers(clock),
  };
}

/** The same behind a wrapper that injects no faults, at the end that connects or at the one that listens. */
function wrapped(setup: (clock: VirtualClock) => Promise<ConformanceRig>, which: "client" | "server") {
  return async (clock: VirtualClock): Promise<ConformanceRig> => {
    const rig = await setup(clock);
    const { transport, server } = rig;
    return which === "client"
      ? { ...rig, transport: faulty({ connect: (how) => transport.connect(how) }, { clock }) }
      : { ...rig, server: faulty({ listen: (accept, how) => server.listen(accept, how) }, { clock }) };
  };
}

for (const [name, setup] of [
  ["the memory transport", overMemory],
  ["the WebSocket transport", overWebSocket],
  ["the memory transport, wrapped for faults where it connects,", wrapped(overMemory, "client")],
  ["the memory transport, wrapped for faults where it listens,", wrapped(overMemory, "server")],
  ["the WebSocket transport, wrapped for faults where it connects,", wrapped(overWebSocket, "client")],
  ["the WebSocket transport, wrapped for faults where it listens,", wrapped(overWebSocket, "server")],
] as const) {
  describe(`${name} conforms`, () => {
    let before: readonly string[] = [];
    beforeEach(() => {
      before = openSockets();
    });
    afterEach(() => nothingLeft(before));

    for (const { name: behaviour, run } of transportConformance(() => setup(new VirtualClock()))) {
      it(behaviour, async function () {
        try {
          await run();
        } catch (error) {
          if (inBrowser && error instanceof StatusError && error.code === Code.UNIMPLEMENTED) {
            const { test } = this;
            if (test !== undefined) {
              test.title += ` (left out: ${error.message})`;
            }
            this.skip();
          }
          throw error;
        }
      });
    }
  });
}
