import { expect } from "chai";
import { describe, it } from "mocha";
import { Direction } from "../../gen/crossbus/v1/frame_pb.js";
import type { BusMessage } from "../../gen/crossbus/v1/message_pb.js";
import type { FrameContext } from "../../src/agent/frame-call.js";
import { deferred } from "../../src/base/deferred.js";
import { asyncDispose } from "../../src/base/dispose.js";
import { Code } from "../../src/base/status.js";
import { busMessage, frame } from "../../src/message/build.js";
import { withSource } from "../../src/message/copy.js";
import type { BodyOf } from "../../src/message/types.js";
import { framed, type Recorder, recorder } from "../support/bus-messages.js";
import { expectThrown } from "../support/expect-status.js";
import { idle } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";
import { TestAgent } from "../support/test-agent.js";
import { useRunners } from "../support/use-runners.js";

const { DOWNSTREAM, UPSTREAM } = Direction;
const text = () => frame("llmText", { text: "hi" });

/** The frame messages that a recorder got. */
function frames(from: Recorder): readonly (BusMessage & { readonly frame: BodyOf<"frame"> })[] {
  return (from.messages as BusMessage[]).flatMap((message) =>
    message.body.case === "frame" ? [{ ...message, frame: message.body.value }] : [],
  );
}

describe("a bridged agent", () => {
  const logger = useRecordingLogger();
  const runners = useRunners(logger);

  /** Runs agents beside a subscriber "media", which stands for whoever owns the media. */
  async function beside(...agents: readonly TestAgent[]) {
    const runner = await runners.start(...agents);
    const media = recorder("media");
    const observer = recorder("observer", undefined, { observes: true });
    runner.bus.subscribe(media);
    runner.bus.subscribe(observer);
    return { runner, bus: runner.bus, media, observer };
  }

  describe("taking frames", () => {
    it("takes frames that are for all, with their direction", async () => {
      const agent = new TestAgent("a", { bridges: [] });
      const { bus } = await beside(agent);
      const [down, up] = [text(), text()];
      bus.send(busMessage("frame", { frame: down, direction: DOWNSTREAM }, { source: "media" }));
      bus.send(busMessage("frame", { frame: up, direction: UPSTREAM }, { source: "media" }));
      await idle();
      expect(agent.frames).to.have.ordered.members([down, up]);
      expect(agent.directions).to.deep.equal([DOWNSTREAM, UPSTREAM]);
    });

    it("takes what is targeted at it, and leaves what is targeted at another", async () => {
      const [a, b] = [new TestAgent("a", { bridges: [] }), new TestAgent("b", { bridges: [] })];
      const { bus } = await beside(a, b);
      bus.send(framed(text(), "b", "media"));
      await idle();
      expect([a.frames.length, b.frames.length]).to.deep.equal([0, 1]);
    });

    it("takes nothing that it sent itself", async () => {
      const agent = new TestAgent("a", { bridges: [] });
      const { bus } = await beside(agent);
      bus.send(framed(text(), undefined, "a"));
      await idle();
      expect(agent.frames).to.deep.equal([]);
    });

    it("takes nothing while it is inactive, and again once it is active", async () => {
      const agent = new TestAgent("a", { bridges: [], active: false });
      const { bus } = await beside(agent);
      bus.send(framed(text(), undefined, "media"));
      await idle();
      expect(agent.frames).to.deep.equal([]);
      agent.activateAgent("a");
      bus.send(framed(text(), undefined, "media"));
      await idle();
      expect(agent.frames).to.have.length(1);
    });

    it("without bridges takes none at all, and can't push any", async () => {
      const agent = new TestAgent("a");
      const { bus } = await beside(agent);
      bus.send(framed(text(), "a", "media"));
      await idle();
      expect(agent.frames).to.deep.equal([]);
      const error = expectThrown(Code.FAILED_PRECONDITION, () => agent.pushFrame(text(), DOWNSTREAM));
      expect(error.message).to.contain("bridges");
    });

    it("takes frames of the bridges it names, one or several, and no other; of an empty list all", async () => {
      const one = new TestAgent("one", { bridges: ["x"] });
      const two = new TestAgent("two", { bridges: ["x", "y"] });
      const all = new TestAgent("all", { bridges: [] });
      const { bus } = await beside(one, two, all);
      for (const bridge of ["x", "y", "z", undefined]) {
        bus.send(busMessage("frame", { frame: text(), direction: DOWNSTREAM, bridge }, { source: "media" }));
      }
      await idle();
      expect([one, two, all].map((agent) => agent.frames.length)).to.deep.equal([1, 2, 4]);
    });

    it("takes none of the frames that start or end a pipeline", async () => {
      const agent = new TestAgent("a", { bridges: [] });
      const { bus } = await beside(agent);
      for (const kind of ["start", "end", "cancel", "stop"] as const) {
        bus.send(framed(frame(kind), "a", "media"));
      }
      await idle();
      expect(agent.frames).to.deep.equal([]);
      expect(agent.ready).to.equal(true);
    });

    it("refuses a bridge name that can't be one", () => {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => new TestAgent("a", { bridges: ["x", ""] }));
      expect(error.message).to.match(/^bridges/);
    });
  });

  describe("handling frames", () => {
    it("handles frames of data kinds one at a time", async () => {
      const gate = deferred();
      const agent = new TestAgent("a", { bridges: [] }, { frame: () => gate.promise });
      const { bus } = await beside(agent);
      bus.send(framed(text(), "a", "media"));
      bus.send(framed(text(), "a", "media"));
      await idle();
      expect(agent.frames).to.have.length(1);
      gate.resolve();
      await idle();
      expect(agent.frames).to.have.length(2);
    });

    it("gets frames of system kinds while its call for a data kind is running", async () => {
      const gate = deferred();
      const agent = new TestAgent(
        "a",
        { bridges: [] },
        {
          frame: (content) => (content.kind.case === "llmText" ? gate.promise : undefined),
        },
      );
      const { bus } = await beside(agent);
      bus.send(framed(text(), "a", "media"));
      await idle();
      bus.send(framed(frame("userStartedSpeaking"), "a", "media"));
      await idle();
      expect(agent.frames.map(({ kind }) => kind.case)).to.deep.equal(["llmText", "userStartedSpeaking"]);
      gate.resolve();
    });

    /** An agent whose calls stay open, with the signal of each by the kind of its frame. */
    function holding(activeHooks = {}) {
      const gate = deferred();
      const signals = new Map<string | undefined, AbortSignal>();
      const agent = new TestAgent(
        "a",
        { bridges: [] },
        {
          ...activeHooks,
          frame: (content, _direction, context) => {
            signals.set(content.kind.case, context.signal);
            return gate.promise;
          },
        },
      );
      return { agent, signals, release: () => gate.resolve() };
    }

    it("has the signal of the data call aborted by an interruption, and only that one", async () => {
      const { agent, signals, release } = holding();
      const { bus } = await beside(agent);
      bus.send(framed(text(), "a", "media"));
      await idle();
      bus.send(framed(frame("interruption"), "a", "media"));
      await idle();
      expect(signals.get("llmText")?.aborted).to.equal(true);
      expect(signals.get("interruption")?.aborted).to.equal(false);
      release();
      await idle();
      bus.send(framed(text(), "a", "media"));
      await idle();
      expect(signals.get("llmText")?.aborted, "of the next data call").to.equal(false);
    });

    it("has no signal aborted by other system kinds", async () => {
      const { agent, signals, release } = holding();
      const { bus } = await beside(agent);
      bus.send(framed(text(), "a", "media"));
      await idle();
      bus.send(framed(frame("userStartedSpeaking"), "a", "media"));
      await idle();
      expect([...signals.values()].map(({ aborted }) => aborted)).to.deep.equal([false, false]);
      release();
    });

    it("has no signal aborted by an interruption that is for another agent", async () => {
      const { agent, signals, release } = holding();
      const { bus } = await beside(agent, new TestAgent("b", { bridges: [] }));
      bus.send(framed(text(), "a", "media"));
      await idle();
      bus.send(framed(frame("interruption"), "b", "media"));
      await idle();
      expect(signals.get("llmText")?.aborted).to.equal(false);
      release();
    });

    it("has every signal aborted when it hands off, at once", async () => {
      const { agent, signals, release } = holding();
      const { bus } = await beside(agent, new TestAgent("b", { active: false }));
      bus.send(framed(text(), "a", "media"));
      await idle();
      bus.send(framed(frame("userStartedSpeaking"), "a", "media"));
      await idle();
      agent.handoffTo("b");
      expect([...signals.values()].map(({ aborted }) => aborted)).to.deep.equal([true, true]);
      release();
    });

    it("has its signal aborted when it is cancelled", async () => {
      const { agent, signals, release } = holding();
      const { runner, bus } = await beside(agent);
      bus.send(framed(text(), "a", "media"));
      await idle();
      runner.cancel();
      await agent.finished;
      expect(signals.get("llmText")?.aborted).to.equal(true);
      release();
    });

    it("gets a signal that is aborted already when it asks for it late", async () => {
      const gate = deferred();
      const contexts: FrameContext[] = [];
      const agent = new TestAgent(
        "a",
        { bridges: [] },
        {
          frame: (_content, _direction, context) => {
            contexts.push(context);
            return gate.promise;
          },
        },
      );
      const { runner, bus } = await beside(agent);
      bus.send(framed(text(), "a", "media"));
      await idle();
      runner.cancel();
      await agent.finished;
      expect(contexts[0]?.signal.aborted).to.equal(true);
      expect(contexts[0]?.signal).to.equal(contexts[0]?.signal);
      gate.resolve();
    });

    it("leaves the signal of a call that has ended, or thrown, alone", async () => {
      const signals: AbortSignal[] = [];
      const agent = new TestAgent(
        "a",
        { bridges: [] },
        {
          frame: (_content, _direction, { signal }) => {
            signals.push(signal);
            if (signals.length === 2) {
              throw new Error("broken");
            }
          },
        },
      );
      const { bus } = await beside(agent);
      bus.send(framed(text(), "a", "media"));
      bus.send(framed(text(), "a", "media"));
      await idle();
      agent.deactivate();
      expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false, false]);
      expect(logger.takeErrors()).to.have.length(1);
    });

    it("leaves the signal of a call alone whose promise is settled", async () => {
      const signals: AbortSignal[] = [];
      const agent = new TestAgent(
        "a",
        { bridges: [] },
        {
          frame: async (_content, _direction, { signal }) => {
            signals.push(signal);
            await null;
          },
        },
      );
      const { bus } = await beside(agent);
      bus.send(framed(text(), "a", "media"));
      await idle();
      agent.deactivate();
      expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false]);
    });

    it("reports an error of onFrame, thrown or rejected, and gets the next frame", async () => {
      for (const fail of [
        () => {
          throw new Error("broken");
        },
        () => Promise.reject(new Error("broken")),
      ]) {
        const agent = new TestAgent("a", { bridges: [] }, { frame: fail });
        const { runner, bus } = await beside(agent);
        bus.send(framed(text(), "a", "media"));
        bus.send(framed(text(), "a", "media"));
        await idle();
        expect(agent.frames).to.have.length(2);
        expect(agent.calls.filter((call) => call === "error broken")).to.have.length(2);
        expect(logger.takeErrors()).to.have.length(2);
        await runner[asyncDispose]();
      }
    });
  });

  describe("pushing frames", () => {
    it("passes on what it doesn't consume: same frame, same direction, to whom it came from, as itself", async () => {
      const agent = new TestAgent("a", { bridges: [] });
      const { bus, media } = await beside(agent);
      for (const direction of [DOWNSTREAM, UPSTREAM]) {
        const content = text();
        bus.send(busMessage("frame", { frame: content, direction }, { source: "media", target: "a" }));
        await idle();
        const got = frames(media).at(-1);
        expect(got).to.include({ source: "a", target: "media" });
        expect(got?.frame.frame).to.equal(content);
        expect(got?.frame.direction).to.equal(direction);
      }
      expect(frames(media)).to.have.length(2);
    });

    it("passes a frame on under the bridge name it came with, whatever came since", async () => {
      const kept: Parameters<TestAgent["pushFrame"]>[0][] = [];
      const agent = new TestAgent("a", { bridges: [] }, { frame: (content) => void kept.push(content) });
      const { bus, media } = await beside(agent);
      for (const bridge of ["x", "y", undefined]) {
        bus.send(busMessage("frame", { frame: text(), direction: DOWNSTREAM, bridge }, { source: "media" }));
      }
      await idle();
      for (const content of kept) {
        agent.pushFrame(content, DOWNSTREAM);
      }
      await idle();
      const passed = frames(media).filter(({ source }) => source === "a");
      expect(passed.map((message) => message.frame.bridge)).to.deep.equal(["x", "y", undefined]);
    });

    it("passes each frame back to whom it came from, where there are several", async () => {
      const kept: Parameters<TestAgent["pushFrame"]>[0][] = [];
      const agent = new TestAgent("a", { bridges: [] }, { frame: (content) => void kept.push(content) });
      const { bus, media } = await beside(agent);
      const other = recorder("other");
      bus.subscribe(other);
      bus.send(framed(text(), "a", "media"));
      bus.send(framed(text(), "a", "other"));
      await idle();
      for (const content of kept) {
        agent.pushFrame(content, DOWNSTREAM);
      }
      await idle();
      expect([frames(media).length, frames(other).length]).to.deep.equal([1, 1]);
      expect(frames(media)[0]?.frame.frame).to.equal(kept[0]);
    });

    it("sends what it makes where the last frame came from, under the bridge name last received", async () => {
      const agent = new TestAgent("a", { bridges: ["x", "y"] }, { frame: () => {} });
      const { bus, observer } = await beside(agent);
      for (const bridge of ["x", "y"]) {
        bus.send(
          busMessage("frame", { frame: text(), direction: DOWNSTREAM, bridge }, { source: "media", target: "a" }),
        );
      }
      await idle();
      agent.pushFrame(frame("text", { text: "mine" }), DOWNSTREAM);
      await idle();
      const got = frames(observer).at(-1);
      expect(got).to.include({ source: "a", target: "media" });
      expect(got?.frame).to.include({ bridge: "y" }).and.not.to.have.property("hops");
    });

    it("sends what it makes before any frame came to all, under its only bridge name", async () => {
      for (const [bridges, expected] of [
        [["x"], "x"],
        [["x", "y"], undefined],
        [[], undefined],
      ] as const) {
        const agent = new TestAgent("a", { bridges });
        const { runner, media } = await beside(agent);
        agent.pushFrame(text(), UPSTREAM);
        await idle();
        const [got] = frames(media);
        expect(got?.target).to.equal(undefined);
        expect([got?.frame.bridge, got?.frame.direction]).to.deep.equal([expected, UPSTREAM]);
        await runner[asyncDispose]();
      }
    });

    it("sends no frames of one pipeline alone, and none of the kinds that it excludes", async () => {
      const agent = new TestAgent("a", { bridges: [], excludeFrames: ["pipelineFlush"] });
      const { media } = await beside(agent);
      for (const kind of [
        "start",
        "end",
        "cancel",
        "stop",
        "outputTransportMessageUrgent",
        "pipelineFlush",
        "llmRun",
      ] as const) {
        agent.pushFrame(frame(kind), DOWNSTREAM);
      }
      await idle();
      expect(frames(media).map((message) => message.frame.frame?.kind.case)).to.deep.equal(["llmRun"]);
    });

    it("counts the hops of a frame, and drops one that was passed on eight times, with one warning", async () => {
      const agent = new TestAgent("a", { bridges: [] });
      const { bus, media } = await beside(agent);
      const send = (hops: number) =>
        bus.send(busMessage("frame", { frame: text(), direction: DOWNSTREAM, hops }, { source: "media", target: "a" }));
      send(0);
      send(7);
      await idle();
      expect(frames(media).map((message) => message.frame.hops)).to.deep.equal([1, 8]);
      send(8);
      send(4_000_000_000);
      await idle();
      expect(frames(media)).to.have.length(2);
      expect(agent.frames).to.have.length(2);
      expect(logger.take("warn").map(({ fields }) => fields)).to.deep.equal([{ agent: "a", source: "media" }]);
    });

    it("doesn't echo the frames of another segment of the process, with no media between them", async () => {
      const [a, b] = [new TestAgent("a", { bridges: [] }), new TestAgent("b", { bridges: [] })];
      const { observer } = await beside(a, b);
      a.pushFrame(text(), DOWNSTREAM);
      b.pushFrame(text(), DOWNSTREAM);
      await idle();
      expect([a.frames.length, b.frames.length]).to.deep.equal([0, 0]);
      expect(frames(observer)).to.have.length(2);
    });

    it("ends an echo with a segment elsewhere, whose frames bear no mark of this process, after a few hops", async () => {
      const agent = new TestAgent("a", { bridges: [] });
      const { bus, observer } = await beside(agent);
      // What a proxy and a faithful remote segment do: the same frame comes back as theirs, one hop further.
      bus.subscribe(
        recorder("remote", (message) => {
          const { body } = message as BusMessage;
          if (body.case === "frame" && message.target === "remote") {
            const { frame: content, direction, hops } = body.value;
            bus.send(
              busMessage(
                "frame",
                { frame: content, direction, hops: (hops ?? 0) + 1 },
                { source: "remote", target: "a" },
              ),
            );
          }
        }),
      );
      bus.send(framed(text(), "a", "remote"));
      await idle();
      expect(frames(observer).length).to.be.within(8, 12);
      expect(logger.take("warn")).to.have.length(1);
    });

    it("takes a copy of a segment's frame under another source: the mark is on the message alone", async () => {
      const [a, b] = [new TestAgent("a", { bridges: [] }), new TestAgent("b", { bridges: [] }, { frame: () => {} })];
      const { bus, media } = await beside(a, b);
      a.pushFrame(text(), DOWNSTREAM);
      await idle();
      bus.send(withSource(media.messages.at(-1) as BusMessage, "media"));
      await idle();
      expect(b.frames).to.have.length(1);
    });
  });
});
