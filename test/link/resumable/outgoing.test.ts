import { expect } from "chai";
import { describe, it } from "mocha";
import { Channel } from "../../../src/link/resumable/channel.js";
import { readControlFrame } from "../../../src/link/resumable/frame.js";
import { maxSocketBytes } from "../../../src/link/resumable/limits.js";
import { Outgoing } from "../../../src/link/resumable/outgoing.js";
import { VirtualClock } from "../../../src/testing/virtual-clock.js";
import type { Connection } from "../../../src/transport/transport.js";

/** What sends over a connection whose socket takes everything, and tells nobody when it has got rid of it. */
function open() {
  const sent: Uint8Array[] = [];
  let bufferedAmount = 0;
  const connection = {
    closed: new Promise(() => {}),
    get bufferedAmount() {
      return bufferedAmount;
    },
    send(bytes: Uint8Array) {
      sent.push(bytes);
      bufferedAmount += bytes.length;
    },
    drained: () => new Promise(() => {}),
    receive() {},
  };
  const channel = new Channel(connection as unknown as Connection, {
    control() {},
    ack() {},
    data() {},
    broken() {},
    closed() {},
  });
  const outgoing = new Outgoing(
    {
      clock: new VirtualClock(),
      buffer: { bytes: 16_777_216, messages: 16_384 },
      overflow: "block",
    },
    { expired() {}, sent() {} },
  );
  outgoing.data.rewind(0, { acknowledged: 0, maxSequence: 1_000, maxBytes: 1_000_000_000 });
  outgoing.attach(channel);
  return {
    outgoing,
    /** The tokens of the pings that were sent. */
    pings: () =>
      sent.flatMap((frame) => {
        const kind = frame[0] === 0 ? readControlFrame(frame) : undefined;
        return kind?.case === "ping" ? [kind.value.token] : [];
      }),
    isFull: () => bufferedAmount >= maxSocketBytes,
    send(size: number) {
      outgoing.data.push(new Uint8Array(outgoing.data.headroom + size), 0);
      outgoing.pump();
    },
    empty() {
      bufferedAmount = 0;
    },
  };
}

describe("what a link sends", () => {
  it("has an answer on its way for as long as the socket is full, which tells when it isn't", () => {
    const { outgoing, pings, isFull, send, empty } = open();
    // A fast network, in which much may be on its way before a mark is due.
    send(10_000);
    send(10_000);
    outgoing.answered(pings().at(-1) as bigint);
    empty();
    const before = pings().length;
    send(10_000);
    expect(pings(), "while there is room").to.have.length(before);
    while (!isFull()) {
      send(10_000);
    }
    send(10_000);
    expect(pings(), "once it is full").to.have.length(before + 1);
    outgoing.ping();
    const [first, second] = pings().slice(-2) as [bigint, bigint];
    outgoing.answered(first);
    expect(pings(), "while another is on its way").to.have.length(before + 2);
    outgoing.answered(second);
    expect(pings(), "when it is full all the same").to.have.length(before + 3);
  });
});
