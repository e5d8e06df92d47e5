import { expect } from "chai";
import { describe, it } from "mocha";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { PageWriter } from "../../src/transport/page-writer.js";
import { FakeBrowserWebSocket } from "./fake-browser-web-socket.js";

function open() {
  const socket = new FakeBrowserWebSocket();
  const clock = new VirtualClock();
  return { socket, clock, writer: new PageWriter(socket, clock) };
}

describe("PageWriter", () => {
  it("looks what the socket has sent for as long as something waits", async () => {
    const { socket, clock, writer } = open();
    writer.send(new Uint8Array(10));
    writer.send(new Uint8Array(10));
    const drained = writer.drained(0);
    socket.bufferedAmount = 15;
    clock.advance(20);
    expect(writer.bufferedAmount).to.equal(20);
    socket.bufferedAmount = 0;
    clock.advance(20);
    await drained;
    expect(clock.pending).to.equal(0);
  });

  it("tells what the socket hasn't sent at the end, and lets everyone go", async () => {
    const { socket, clock, writer } = open();
    for (const length of [1, 2, 3]) {
      writer.send(new Uint8Array(length));
    }
    const drained = writer.drained(-1);
    socket.bufferedAmount = 4;
    expect(writer.end().map(({ length }) => length)).to.deep.equal([2, 3]);
    await drained;
    expect(clock.pending).to.equal(0);
    expect(writer.bufferedAmount).to.equal(0);
  });

  it("keeps what waits behind 128 others in memory of its own", () => {
    const { writer } = open();
    const sent = Array.from({ length: 130 }, (_, number) => new Uint8Array(65_536).fill(number, 0, 10).subarray(0, 10));
    for (const message of sent) {
      writer.send(message);
    }
    const kept = writer.end();
    expect(kept).to.deep.equal(sent);
    expect(kept.slice(0, 128).every((message, index) => message === sent[index])).to.equal(true);
    expect(kept.slice(128).map(({ buffer }) => buffer.byteLength)).to.deep.equal([10, 10]);
  });
});
