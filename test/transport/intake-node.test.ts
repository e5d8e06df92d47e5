import { expect } from "chai";
import { describe, it } from "mocha";
import { Code } from "../../src/base/status.js";
import { Intake } from "../../src/transport/intake.js";
import { thrown } from "./helpers.js";

/** A view of a larger buffer, as sockets of Node give it. */
function view(length: number, read: number, fill = 7): Buffer {
  return Buffer.from(new ArrayBuffer(read), 16, length).fill(fill);
}

describe("Intake", () => {
  it("leaves a message in place that came with little else", () => {
    const data = view(100, 4_096);
    const bytes = new Intake().take(data);
    expect(bytes.buffer).to.equal(data.buffer);
    expect(bytes).to.deep.equal(new Uint8Array(100).fill(7));
  });

  it("leaves a message in place that is most of what was read", () => {
    const data = view(40_000, 65_536);
    expect(new Intake().take(data).buffer).to.equal(data.buffer);
  });

  it("copies a large message out of what was read with it", () => {
    const bytes = new Intake().take(view(2_049, 65_536));
    expect(bytes.buffer.byteLength).to.equal(2_049);
    expect(bytes).to.deep.equal(new Uint8Array(2_049).fill(7));
  });

  it("copies small messages next to each other, 8 KiB at a time", () => {
    const intake = new Intake();
    const taken = Array.from({ length: 10 }, (_, number) => intake.take(view(2_000, 65_536, number)));
    expect(taken.map((bytes) => bytes.buffer.byteLength)).to.deep.equal(Array(10).fill(8_192));
    expect(new Set(taken.map(({ buffer }) => buffer)).size).to.equal(3);
    for (const [number, bytes] of taken.entries()) {
      expect(bytes).to.deep.equal(new Uint8Array(2_000).fill(number));
    }
  });

  it("copies a message out of the pool of Node, in which others stand", () => {
    const pooled = Buffer.from("from the pool");
    expect(pooled.buffer.byteLength, "is it the pool?").to.equal(Buffer.poolSize);
    expect(new Intake().take(pooled).buffer).not.to.equal(pooled.buffer);
  });

  it("keeps nothing after the turn", async () => {
    const intake = new Intake();
    const first = intake.take(view(10, 65_536));
    await Promise.resolve();
    expect(intake.take(view(10, 65_536)).buffer).not.to.equal(first.buffer);
  });

  it("gives no Buffer", () => {
    for (const data of [view(10, 26), view(10, 65_536), view(3_000, 65_536), new ArrayBuffer(3), "é"]) {
      expect(new Intake().take(data).constructor).to.equal(Uint8Array);
    }
  });

  it("takes an ArrayBuffer as it is, an empty one alone not, since sockets may share that", () => {
    const data = new ArrayBuffer(3);
    expect(new Intake().take(data).buffer).to.equal(data);
    const empty = new ArrayBuffer(0);
    expect(new Intake().take(empty).buffer).not.to.equal(empty);
  });

  it("encodes text in UTF-8", () => {
    expect(new Intake().take("é")).to.deep.equal(new Uint8Array([0xc3, 0xa9]));
  });

  it("refuses what no WebSocket should give, with INTERNAL", () => {
    expect(thrown(() => new Intake().take(new Map()), Code.INTERNAL).message).to.contain("object");
  });
});
