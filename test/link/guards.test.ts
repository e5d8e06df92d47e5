import { expect } from "chai";
import { describe, it } from "mocha";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { PlainLink } from "../../src/link/plain-link.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { idle } from "../support/idle.js";
import { ScriptedConnection } from "../support/scripted-connection.js";

describe("a plain link whose peer was slow once", () => {
  it("has senders wait for the full 10 s when it is slow again, although it never seemed quick in between", async () => {
    const connection = new ScriptedConnection();
    const clock = new VirtualClock();
    const link = new PlainLink(connection, protobufCodec, { announces: true, clock });
    connection.buffer(2_000_000);
    const first = link.drained();
    clock.advance(9_000);
    connection.buffer(0);
    await first;
    // One large message, and nobody has asked while there was room.
    connection.buffer(2_000_000);
    let over = false;
    const second = link.drained()?.then(() => {
      over = true;
    });
    clock.advance(9_999);
    await idle();
    expect(over).to.equal(false);
    clock.advance(1);
    await second;
    expect(clock.pending).to.equal(0);
  });
});
