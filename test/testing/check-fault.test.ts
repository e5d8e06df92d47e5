import { expect } from "chai";
import { describe, it } from "mocha";
import { Code } from "../../src/base/status.js";
import type { Fault, FaultStep } from "../../src/testing/fault.js";
import { faulty } from "../../src/testing/faulty.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import { expectThrown } from "../support/expect-status.js";

describe("a script of faults", () => {
  for (const [field, value, step] of [
    ["type", '"snip"', { type: "snip" }],
    ["ends", '"left"', { type: "cut", ends: "left" }],
    ["direction", '"up"', { type: "halfOpen", direction: "up" }],
    ["forMs", "-1", { type: "halfOpen", forMs: -1 }],
    ["ms", "NaN", { type: "delay", ms: Number.NaN }],
    ["ms", "undefined", { type: "delay" }],
    ["jitterMs", "-1", { type: "delay", ms: 1, jitterMs: -1 }],
    ["bytesPerSecond", "0", { type: "throttle", bytesPerSecond: 0 }],
    ["bytesPerSecond", "undefined", { type: "throttle" }],
    ["code", "0", { type: "refuse", code: Code.OK }],
    ["code", "99", { type: "refuse", code: 99 }],
    ["connection", "-1", { type: "cut", connection: -1 }],
    ["connection", "1.5", { type: "cut", connection: 1.5 }],
    ["afterSent", "0", { type: "cut", afterSent: 0 }],
    ["afterReceived", "0", { type: "cut", afterReceived: 0 }],
    ["afterMs", "-1", { type: "cut", afterMs: -1 }],
  ] as const) {
    it(`can't have ${value} for ${field}: ${JSON.stringify(step)}`, () => {
      const script = [{ type: "cut" }, step] as unknown as FaultStep[];
      const error = expectThrown(Code.INVALID_ARGUMENT, () => faulty(new MemoryTransport(), { script }));
      expect(error.message).to.include(`script[1].${field}`).and.to.include(value);
    });
  }

  it("can't count messages before it refuses an attempt", () => {
    const script: FaultStep[] = [{ type: "refuse", afterSent: 1 }];
    const error = expectThrown(Code.INVALID_ARGUMENT, () => faulty(new MemoryTransport(), { script }));
    expect(error.message).to.include("script[0]");
  });

  it("can't duplicate connections where the transport makes none", () => {
    const memory = new MemoryTransport();
    const listens = { listen: memory.listen.bind(memory) };
    expectThrown(Code.INVALID_ARGUMENT, () => faulty(listens, { script: [{ type: "duplicate" }] }));
    expectThrown(Code.INVALID_ARGUMENT, () => faulty(listens).inject({ type: "duplicate" }));
  });

  it("is checked where it is injected too", () => {
    const network = faulty(new MemoryTransport());
    const error = expectThrown(Code.INVALID_ARGUMENT, () => network.inject({ type: "snip" } as unknown as Fault));
    expect(error.message).to.include("fault.type");
  });

  for (const windowBytes of [-1, 0.5, Number.NaN]) {
    it(`can't have a window of ${windowBytes} bytes`, () => {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => faulty(new MemoryTransport(), { windowBytes }));
      expect(error.message).to.include("windowBytes").and.to.include(String(windowBytes));
    });
  }
});
