import { expect } from "chai";
import { describe, it } from "mocha";
import { Direction } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { BridgeOptions } from "../../src/agent/bridge.js";
import { asyncDispose } from "../../src/base/dispose.js";
import { Code } from "../../src/base/status.js";
import { busMessage, frame } from "../../src/message/build.js";
import { markDelivered } from "../../src/message/provenance.js";
import { framed, recorder } from "../support/bus-messages.js";
import { expectThrown } from "../support/expect-status.js";
import { idle } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";
import { TestAgent } from "../support/test-agent.js";
import { useRunners } from "../support/use-runners.js";

const { DOWNSTREAM, UPSTREAM } = Direction;
const text = () => frame("llmText", { text: "hi" });

describe("a bridge", () => {
  const logger = useRecordingLogger();
  const runners = useRunners(logger);

  /** An agent "media" with a bridge, beside one "other" that only listens. */
  async function bridged(options?: BridgeOptions) {
    const media = new TestAgent("media");
    const bridge = media.createBridge(options);
    const runner = await runners.start(media);
    const other = recorder("other", undefined, { observes: true });
    runner.bus.subscribe(other);
    return { media, bridge, other, bus: runner.bus, runner };
  }

  it("sends frames to the bus, to all, as its owner, and passes none of them through", async () => {
    const { media, bridge, other } = await bridged();
    const content = text();
    bridge.send(content, DOWNSTREAM);
    await idle();
    const [message] = other.messages as BusMessage[];
    expect([message?.source, message?.target]).to.deep.equal(["media", undefined]);
    expect(message?.body.value).to.include({ frame: content, direction: DOWNSTREAM });
    expect(message?.body.value).not.to.have.property("bridge", "");
    expect(media.frames).to.deep.equal([]);
  });

  it("sends under its name, and to its target agent alone", async () => {
    const { bridge, other, bus } = await bridged({ name: "x", targetAgent: "assistant" });
    const assistant = recorder("assistant");
    bus.subscribe(assistant);
    bridge.send(text(), UPSTREAM);
    await idle();
    expect(assistant.messages).to.have.length(1);
    expect(other.messages[0]).to.include({ target: "assistant" });
    expect((other.messages[0] as BusMessage).body.value).to.include({ bridge: "x", direction: UPSTREAM });
  });

  it("passes frames of one pipeline alone straight through, and sends none of them", async () => {
    const { media, bridge, other } = await bridged();
    const kinds = ["start", "end", "cancel", "stop", "outputTransportMessageUrgent"] as const;
    for (const kind of kinds) {
      bridge.send(frame(kind), DOWNSTREAM);
    }
    expect(
      media.frames.map(({ kind }) => kind.case),
      "at once",
    ).to.deep.equal(kinds);
    await idle();
    expect(other.messages).to.deep.equal([]);
  });

  it("passes excluded kinds straight through with their direction, and sends none of them", async () => {
    const { media, bridge, other } = await bridged({ excludeFrames: ["text"] });
    bridge.send(frame("text", { text: "stays" }), UPSTREAM);
    bridge.send(text(), UPSTREAM);
    await idle();
    expect(media.frames.map(({ kind }) => kind.case)).to.deep.equal(["text"]);
    expect(media.directions).to.deep.equal([UPSTREAM]);
    expect(other.messages).to.have.length(1);
  });

  it("hands what comes back to onBridgeFrame and then to the event, and never sends it out again", async () => {
    const { media, bridge, other, bus } = await bridged();
    const events: unknown[] = [];
    media.on("bridgeFrame", (content, direction, from) => events.push([media.frames.length, content, direction, from]));
    const content = text();
    bus.send(busMessage("frame", { frame: content, direction: UPSTREAM }, { source: "assistant", target: "media" }));
    await idle();
    expect(media.frames).to.deep.equal([content]);
    expect(events).to.deep.equal([[1, content, UPSTREAM, bridge]]);
    expect(other.messages.map(({ source }) => source)).to.deep.equal(["assistant"]);
  });

  it("takes frames for all, and leaves its own and those targeted at others", async () => {
    const { media, bus } = await bridged();
    bus.send(framed(text(), undefined, "assistant"));
    bus.send(framed(text(), undefined, "media"));
    bus.send(framed(text(), "other", "assistant"));
    await idle();
    expect(media.frames).to.have.length(1);
  });

  it("takes frames of its target agent alone", async () => {
    const { media, bus } = await bridged({ targetAgent: "assistant" });
    bus.send(framed(text(), "media", "stranger"));
    bus.send(framed(text(), undefined, "stranger"));
    await idle();
    expect(media.frames).to.deep.equal([]);
    bus.send(framed(text(), "media", "assistant"));
    await idle();
    expect(media.frames).to.have.length(1);
  });

  it("takes frames of its name alone, and without a name all", async () => {
    for (const [name, expected] of [
      ["x", 1],
      [undefined, 3],
    ] as const) {
      const { media, bus, runner } = await bridged(name === undefined ? {} : { name });
      for (const bridge of ["x", "y", undefined]) {
        bus.send(busMessage("frame", { frame: text(), direction: DOWNSTREAM, bridge }, { source: "assistant" }));
      }
      await idle();
      expect(media.frames).to.have.length(expected);
      await runner[asyncDispose]();
    }
  });

  it("with a name takes unnamed frames only if they came over a link, and none of another name", async () => {
    const { media, bus } = await bridged({ name: "x" });
    const local = framed(text(), "media", "assistant");
    const content = text();
    const delivered = framed(content, "media", "assistant");
    markDelivered(delivered, {});
    const misnamed = busMessage("frame", { frame: text(), bridge: "y" }, { source: "assistant", target: "media" });
    markDelivered(misnamed, {});
    for (const message of [local, delivered, misnamed]) {
      bus.send(message);
    }
    await idle();
    expect(media.frames).to.have.length(1);
    expect(media.frames[0]).to.equal(content);
  });

  it("is one of several of an agent, each of which takes the frames of its name", async () => {
    const { media, bus } = await bridged({ name: "x" });
    const second = media.createBridge({ name: "y" });
    const took: (string | undefined)[] = [];
    media.on("bridgeFrame", (_frame, _direction, { name }) => took.push(name));
    for (const bridge of ["y", "x"]) {
      bus.send(busMessage("frame", { frame: text(), bridge }, { source: "assistant", target: "media" }));
    }
    await idle();
    expect(took).to.deep.equal([second.name, "x"]);
  });

  it("gets its frames back through a segment, in order, after what the segment sent first", async () => {
    const media = new TestAgent("media");
    const bridge = media.createBridge({ name: "x" });
    const segment = new TestAgent(
      "segment",
      { bridges: ["x"] },
      {
        frame: (content, direction) => {
          segment.pushFrame(frame("llmFullResponseStart"), direction);
          segment.pushFrame(content, direction);
        },
      },
    );
    await runners.start(media, segment);
    bridge.send(text(), DOWNSTREAM);
    await idle();
    expect(media.frames.map(({ kind }) => kind.case)).to.deep.equal(["llmFullResponseStart", "llmText"]);
    expect(segment.frames, "and the segment doesn't get them again").to.have.length(1);
  });

  it("throws FAILED_PRECONDITION when its owner is on no bus yet", () => {
    const bridge = new TestAgent("media").createBridge();
    expectThrown(Code.FAILED_PRECONDITION, () => bridge.send(text(), DOWNSTREAM));
  });

  it("refuses names that can't be any, naming the option", () => {
    const media = new TestAgent("media");
    for (const options of [{ name: "" }, { targetAgent: "a\nb" }]) {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => media.createBridge(options));
      expect(error.message.startsWith(`${Object.keys(options)[0]}: `)).to.equal(true);
    }
  });
});
