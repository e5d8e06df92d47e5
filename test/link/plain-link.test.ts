import { equals } from "@bufbuild/protobuf";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type BusMessage, BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import { Code, type Status, status } from "../../src/base/status.js";
import type { Codec } from "../../src/codec/codec.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import type { Incoming, LinkConsumer } from "../../src/link/link.js";
import { PlainLink, type PlainLinkOptions } from "../../src/link/plain-link.js";
import { busMessage, frame } from "../../src/message/build.js";
import { VirtualClock } from "../../src/testing/virtual-clock.js";
import { expectThrown } from "../support/expect-status.js";
import { idle } from "../support/idle.js";
import { ScriptedConnection } from "../support/scripted-connection.js";

/** A link over a scripted connection, and what its consumer was told. */
function rig(options: Partial<PlainLinkOptions> = {}, codec: Codec = protobufCodec) {
  const connection = new ScriptedConnection();
  const clock = new VirtualClock();
  const link = new PlainLink(connection, codec, { announces: true, clock, ...options });
  const messages: Incoming[] = [];
  const invalid: [string, number][] = [];
  const undelivered: [BusMessage, Status][] = [];
  const consumer: LinkConsumer = {
    pythonTypes: new Set(),
    message: (incoming) => messages.push(incoming),
    invalid: (...args) => invalid.push(args),
    undelivered: (...args) => undelivered.push(args),
  };
  return { connection, clock, link, consumer, messages, invalid, undelivered };
}

function text(length = 2): BusMessage {
  return busMessage("frame", { frame: frame("text", { text: "x".repeat(length) }) }, { source: "a", target: "b" });
}

describe("a plain link", () => {
  it("sends each message as one of the connection's, and says its size", () => {
    const { link, connection } = rig();
    const message = text();
    const size = link.send(message);
    expect(connection.sent).to.have.length(1);
    expect(connection.sent[0]).to.deep.equal(protobufCodec.encode(message));
    expect(size).to.equal(connection.sent[0]?.length);
  });

  it("forwards what arrived on another link byte by byte, within the same limits", () => {
    const [a, b] = [rig(), rig({ maxMessageBytes: 100 })];
    a.link.receive(a.consumer);
    const bytes = protobufCodec.encode(text());
    a.connection.deliver(bytes);
    a.connection.deliver(protobufCodec.encode(text(100)));
    const [incoming, large] = a.messages as [Incoming, Incoming];
    expect([a.link.dialect, a.link.peekSuffices]).to.deep.equal(["protobuf", true]);
    b.link.forward(incoming);
    expect(b.connection.sent).to.have.length(1);
    expect(b.connection.sent[0]).to.equal(bytes);
    const error = expectThrown(Code.RESOURCE_EXHAUSTED, () => b.link.forward(large));
    expect(error.message).to.include(`a frame message of ${large.bytes} bytes`);
    b.connection.buffer(16_777_216);
    expectThrown(Code.RESOURCE_EXHAUSTED, () => b.link.forward(incoming));
    b.connection.buffer(0);
    b.connection.end(status(Code.OK));
    expectThrown(Code.UNAVAILABLE, () => b.link.forward(incoming));
    expect(b.connection.sent).to.have.length(1);
  });

  it("has the peer, the end and the announcing that it was made with", async () => {
    const { link, connection } = rig({ announces: false });
    expect(link.peer).to.equal(connection.peer);
    expect(link.announces).to.equal(false);
    const why = status(Code.ABORTED, "enough");
    expect(await link.close(why)).to.equal(why);
    expect(connection.closedWith).to.equal(why);
    expect(await link.closed).to.equal(why);
  });

  it("sends what has exactly maxMessageBytes, and refuses one byte more", () => {
    const size = protobufCodec.encode(text(100)).length;
    const { link, connection } = rig({ maxMessageBytes: size });
    link.send(text(100));
    const error = expectThrown(Code.RESOURCE_EXHAUSTED, () => link.send(text(101)));
    expect(error.message)
      .to.include(`${size + 1} bytes`)
      .and.to.include(String(size));
    expect(connection.sent).to.have.length(1);
  });

  it("takes 1 MiB for the largest message unless told otherwise", () => {
    const { link, connection } = rig();
    const overhead = protobufCodec.encode(text(1_000_000)).length - 1_000_000;
    expect(link.send(text(1_048_576 - overhead))).to.equal(1_048_576);
    expectThrown(Code.RESOURCE_EXHAUSTED, () => link.send(text(1_048_577 - overhead)));
    expect(connection.sent).to.have.length(1);
  });

  for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "many"]) {
    it(`refuses ${String(value)} for maxMessageBytes`, () => {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => rig({ maxMessageBytes: value as number }));
      expect(error.message).to.include("maxMessageBytes").and.to.include(String(value));
    });
  }

  it("refuses what can't be encoded, and sends nothing of it", () => {
    const { link, connection } = rig();
    const message = text();
    message.body = { case: undefined };
    expectThrown(Code.INVALID_ARGUMENT, () => link.send(message));
    expect(connection.sent).to.deep.equal([]);
  });

  it("takes nothing more once 16 MiB wait, and does again afterwards", () => {
    const { link, connection } = rig();
    const size = protobufCodec.encode(text()).length;
    connection.buffer(16_777_216 - size + 1);
    const error = expectThrown(Code.RESOURCE_EXHAUSTED, () => link.send(text()));
    expect(error.message).to.include("too slowly").and.to.include(String(connection.bufferedAmount));
    connection.buffer(16_777_216 - size);
    link.send(text());
    expect(connection.sent).to.have.length(1);
  });

  it("is UNAVAILABLE once it is closed", async () => {
    const { link } = rig();
    await link.close(status(Code.OK));
    expectThrown(Code.UNAVAILABLE, () => link.send(text()));
  });

  it("has senders wait above 1 MiB, until a quarter of that is left", async () => {
    const { link, connection } = rig();
    connection.buffer(1_048_576);
    expect(link.drained()).to.equal(undefined);
    connection.buffer(1_048_577);
    let drained = false;
    const waiting = link.drained()?.then(() => {
      drained = true;
    });
    connection.buffer(262_145);
    await idle();
    expect(drained).to.equal(false);
    connection.buffer(262_144);
    await waiting;
    expect(drained).to.equal(true);
  });

  it("lets senders go when the peer has not caught up within 10 s, and keeps them no more until it has", async () => {
    const { link, connection, clock } = rig();
    connection.buffer(2_000_000);
    const waiting = link.drained();
    clock.advance(9_999);
    await idle();
    const again = link.drained();
    expect(again).not.to.equal(undefined);
    clock.advance(1);
    await waiting;
    await again;
    expect(link.drained()).to.equal(undefined);
    connection.buffer(0);
    expect(link.drained()).to.equal(undefined);
    connection.buffer(2_000_000);
    const afresh = link.drained();
    expect(afresh).not.to.equal(undefined);
    connection.buffer(0);
    await afresh;
  });

  it("lets senders go when it closes", async () => {
    const { link, connection } = rig();
    connection.buffer(2_000_000);
    const waiting = link.drained();
    connection.end(status(Code.UNAVAILABLE));
    await waiting;
  });

  it("gives what arrives to its consumer, not decoded before it asks", () => {
    let decoded = 0;
    const counting: Codec = {
      ...protobufCodec,
      decode(bytes) {
        decoded++;
        return protobufCodec.decode(bytes);
      },
    };
    const { link, connection, consumer, messages } = rig({}, counting);
    link.receive(consumer);
    const message = text();
    const bytes = protobufCodec.encode(message);
    connection.deliver(bytes);
    expect(messages).to.have.length(1);
    expect(messages[0]?.bytes).to.equal(bytes.length);
    expect(messages[0]?.peeked).to.deep.equal({
      source: "a",
      target: "b",
      case: "frame",
      kind: "text",
      typeName: undefined,
    });
    expect(decoded).to.equal(0);
    const read = messages[0]?.decode();
    expect(decoded).to.equal(1);
    expect(read !== undefined && equals(BusMessageSchema, read, message)).to.equal(true);
  });

  it("tells of an invalid message, and lives on", () => {
    const { link, connection, consumer, messages, invalid } = rig();
    link.receive(consumer);
    // Field 1000, a string: a case that nobody here knows.
    connection.deliver(Uint8Array.of(0xc2, 0x3e, 1, 0x61));
    expect(invalid).to.deep.equal([["body is the unknown case 1000", 4]]);
    expect(messages).to.deep.equal([]);
    expect(connection.closedWith).to.equal(undefined);
  });

  it("closes with INVALID_ARGUMENT at a message that can't be peeked", () => {
    const { link, connection, consumer, messages, invalid } = rig();
    link.receive(consumer);
    connection.deliver(Uint8Array.of(0xff));
    expect(connection.closedWith?.code).to.equal(Code.INVALID_ARGUMENT);
    expect(connection.closedWith?.message).not.to.equal("");
    expect([messages, invalid]).to.deep.equal([[], []]);
  });

  it("closes with INVALID_ARGUMENT at a message that can be peeked but not decoded", () => {
    const { link, connection, consumer, messages } = rig();
    link.receive(consumer);
    // source "a", and a task request whose payload is cut short.
    connection.deliver(Uint8Array.of(0x0a, 1, 0x61, 0xc2, 0x02, 2, 0x0a, 9));
    expect(messages).to.have.length(1);
    expect(connection.closedWith).to.equal(undefined);
    expect(messages[0]?.decode()).to.equal(undefined);
    expect(connection.closedWith?.code).to.equal(Code.INVALID_ARGUMENT);
  });

  it("closes with a status when its codec has a bug, and throws nothing at the connection", () => {
    const broken: Codec = {
      ...protobufCodec,
      peek() {
        throw new TypeError("a bug");
      },
    };
    const { link, connection, consumer } = rig({}, broken);
    link.receive(consumer);
    connection.deliver(protobufCodec.encode(text()));
    expect(connection.closedWith?.code).to.equal(Code.UNKNOWN);
  });

  it("tells of what was not handed over, as the messages that were sent", () => {
    const { link, connection, consumer, undelivered } = rig();
    link.receive(consumer);
    const message = text();
    link.send(message);
    const why = status(Code.UNAVAILABLE, "gone");
    connection.end(why, connection.sent);
    expect(undelivered).to.have.length(1);
    const [[lost, reason] = []] = undelivered;
    expect(lost !== undefined && equals(BusMessageSchema, lost, message)).to.equal(true);
    expect(reason).to.equal(why);
  });

  it("has one consumer", () => {
    const { link, consumer } = rig();
    link.receive(consumer);
    expectThrown(Code.FAILED_PRECONDITION, () => link.receive(consumer));
  });

  describe("with a codec that takes no text", () => {
    it("leaves it to the connection to refuse text", () => {
      const { link, connection, consumer } = rig();
      link.receive(consumer);
      expect(connection.consumer).not.to.have.property("text");
      connection.deliverText("{}");
      expect(connection.closedWith?.code).to.equal(Code.INVALID_ARGUMENT);
    });
  });

  describe("with a codec that takes text", () => {
    it("reads text like bytes", () => {
      const { link, connection, consumer, messages } = rig({}, { ...protobufCodec, acceptsText: true });
      link.receive(consumer);
      // A text that is an encoded message too: all of its bytes are ASCII.
      const ascii = busMessage("deactivateAgent", {}, { source: "a", target: "b" });
      const bytes = protobufCodec.encode(ascii).map((byte) => byte);
      connection.consumer?.text?.(bytes);
      connection.deliver(bytes);
      expect(messages.map(({ peeked }) => peeked.case)).to.deep.equal(["deactivateAgent", "deactivateAgent"]);
    });

    it("closes at text that can't be read", () => {
      const { link, connection, consumer } = rig({}, { ...protobufCodec, acceptsText: true });
      link.receive(consumer);
      connection.deliverText("{}");
      expect(connection.closedWith?.code).to.equal(Code.INVALID_ARGUMENT);
    });
  });

  describe("that pauses", () => {
    it("stops reading until it is resumed", () => {
      const { link, connection, clock } = rig();
      link.pause();
      expect(connection.isPaused).to.equal(true);
      link.resume();
      expect(connection.isPaused).to.equal(false);
      expect(clock.pending).to.equal(0);
    });

    it("resumes by itself after 10 s, before a Python peer takes it for dead", () => {
      const { link, connection, clock } = rig();
      link.pause();
      clock.advance(9_999);
      expect(connection.isPaused).to.equal(true);
      clock.advance(1);
      expect(connection.isPaused).to.equal(false);
      expect(clock.pending).to.equal(0);
    });

    it("counts the 10 s from the first of several pauses", () => {
      const { link, connection, clock } = rig();
      link.pause();
      clock.advance(6_000);
      link.pause();
      expect(clock.pending).to.equal(1);
      clock.advance(4_000);
      expect(connection.isPaused).to.equal(false);
    });

    it("can pause again, for its full time", () => {
      const { link, connection, clock } = rig();
      link.pause();
      clock.advance(9_000);
      link.resume();
      link.pause();
      clock.advance(9_000);
      expect(connection.isPaused).to.equal(true);
      clock.advance(1_000);
      expect(connection.isPaused).to.equal(false);
    });

    it("leaves a connection alone that is not paused", () => {
      const { link, connection } = rig();
      let resumed = 0;
      connection.resume = () => {
        resumed++;
      };
      link.resume();
      expect(resumed).to.equal(0);
    });

    it("leaves no timer behind when it closes", async () => {
      const { link, connection, clock } = rig();
      link.pause();
      connection.end(status(Code.UNAVAILABLE));
      await link.closed;
      await idle();
      expect(clock.pending).to.equal(0);
    });
  });
});
