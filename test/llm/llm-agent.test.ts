import { expect } from "chai";
import { describe, it } from "mocha";
import { Direction, type Frame } from "../../gen/crossbus/v1/frame_pb.js";
import type { FrameContext } from "../../src/agent/frame-call.js";
import { deferred } from "../../src/base/deferred.js";
import { Code, type StatusError } from "../../src/base/status.js";
import { LLMAgent, type LLMAgentOptions } from "../../src/llm/llm-agent.js";
import { frame } from "../../src/message/build.js";
import { toJs } from "../../src/message/value.js";
import { expectThrown } from "../support/expect-status.js";
import { until } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";
import { scripted, settle, useLLMBench } from "./llm-bench.js";

const hi = { role: "user", content: "Hi" };

describe("LLMAgent", () => {
  const logger = useRecordingLogger();
  const bench = useLLMBench(logger);

  describe("answers a conversation", () => {
    for (const direction of [Direction.DOWNSTREAM, Direction.UPSTREAM]) {
      it(`that comes ${Direction[direction]} with what the model says, DOWNSTREAM and piece by piece`, async () => {
        const { model, asked } = scripted(["Hello", "", " there", "!"]);
        const { send, said, frames } = await bench({ model, instructions: "Be brief." });
        send(frame("llmContext", { context: { messages: [hi] } }), direction);
        await settle();
        expect(said()).to.deep.equal(['"Hello"', '" there"', '"!"'].reduce(inReply, ["llmFullResponseStart"]));
        expect(frames.every((received) => received.direction === "down")).to.equal(true);
        expect(asked[0]?.prompt).to.deep.equal([
          { role: "system", content: "Be brief." },
          { role: "user", content: [{ type: "text", text: "Hi" }], providerOptions: undefined },
        ]);
      });
    }

    it("as it comes: the first words are there before the model has finished", async () => {
      const gate = deferred();
      const { model } = scripted(["One", gate.promise, " two"]);
      const b = await bench({ model });
      await b.ask(hi);
      expect(b.said()).to.deep.equal(["llmFullResponseStart", '"One"']);
      gate.resolve();
      await settle();
      expect(b.said()).to.deep.equal(["llmFullResponseStart", '"One"', '" two"', "llmFullResponseEnd"]);
    });

    it("one after the other, each with the conversation that it came with", async () => {
      const { model, asked } = scripted(["1"], ["2"]);
      const { send, said } = await bench({ model });
      send(frame("llmContext", { context: { messages: [hi] } }));
      send(frame("llmContext", { context: { messages: [hi, { role: "user", content: "Still there?" }] } }));
      await settle();
      expect(said().filter((kind) => kind.startsWith('"'))).to.deep.equal(['"1"', '"2"']);
      expect(asked.map(({ prompt }) => prompt.length)).to.deep.equal([1, 2]);
    });

    it("in whole characters, wherever the model cuts them", async () => {
      const { model } = scripted(["Rocket \ud83d", "\ude80", " \ud83d", "x", "\ud83d"]);
      const { ask, said } = await bench({ model });
      await ask(hi);
      expect(said().slice(1, -1)).to.deep.equal(['"Rocket "', '"🚀"', '" "', '"�x"', '"�"']);
    });

    it("no faster than it is listened to: nothing of it is lost, and its end arrives", async () => {
      const { model } = scripted(Array.from({ length: 12_000 }, () => "word "));
      const { ask, said } = await bench({ model });
      await ask(hi);
      await until(() => said().at(-1) === "llmFullResponseEnd");
      expect(said()).to.have.lengthOf(12_002);
    });

    it("with the settings that it was given", async () => {
      const { model, asked } = scripted(["1"]);
      const settings = { temperature: 0.5, maxOutputTokens: 99, providerOptions: { acme: { tier: "gold" } } };
      const { ask } = await bench({ model, settings });
      await ask(hi);
      expect(asked[0]).to.deep.include({ ...settings, toolChoice: undefined });
    });
  });

  it("passes on whatever it doesn't consume, in its direction, also while it answers", async () => {
    const gate = deferred();
    const { model } = scripted(["One", gate.promise, " two"]);
    const { ask, send, frames, said } = await bench({ model });
    await ask(hi);
    send(frame("userStartedSpeaking"));
    send(frame("botStartedSpeaking"), Direction.UPSTREAM);
    await settle();
    gate.resolve();
    send(frame("text", { text: "aside" }));
    await settle();
    expect(said()).to.deep.equal([
      "llmFullResponseStart",
      '"One"',
      "userStartedSpeaking",
      '" two"',
      "llmFullResponseEnd",
      "text",
    ]);
    expect(frames.filter(({ direction }) => direction === "up").map(({ kind }) => kind)).to.deep.equal([
      "botStartedSpeaking",
    ]);
  });

  describe("at an interruption", () => {
    it("stops at once, and passes it on", async () => {
      const gate = deferred();
      const { model, asked } = scripted(["One", gate.promise, " two"]);
      const { ask, send, said } = await bench({ model });
      await ask(hi);
      send(frame("interruption"));
      await settle();
      expect(said()).to.deep.equal(["llmFullResponseStart", '"One"', "interruption", "llmFullResponseEnd"]);
      expect(asked[0]?.abortSignal?.aborted).to.equal(true);
      gate.resolve();
      await settle();
      expect(said()).to.have.lengthOf(4);
    });

    it("stops also where the model doesn't listen, and what it says later goes nowhere", async () => {
      const gate = deferred();
      const { model } = scripted(["One", gate.promise, " two", new Error("late")], ["Yes?"]);
      const b = await bench({ model });
      await b.ask(hi);
      b.send(frame("interruption"));
      await b.ask(hi);
      gate.resolve();
      await settle();
      expect(b.said()).to.deep.equal([
        "llmFullResponseStart",
        '"One"',
        "interruption",
        "llmFullResponseEnd",
        "llmFullResponseStart",
        '"Yes?"',
        "llmFullResponseEnd",
      ]);
    });
  });

  describe("once it has ended", () => {
    it("says no more, and tells the model to stop", async () => {
      const gate = deferred();
      const { model, asked } = scripted(["One", gate.promise, " two"]);
      const { ask, assistant, said } = await bench({ model });
      await ask(hi);
      await assistant.finish();
      gate.resolve();
      await settle();
      expect(said()).to.deep.equal(["llmFullResponseStart", '"One"']);
      expect(asked[0]?.abortSignal?.aborted).to.equal(true);
    });
  });

  describe("when the model fails", () => {
    it("reports it, tells it UPSTREAM, ends the reply, and answers the next time", async () => {
      const { model } = scripted(["One", new Error("out of tokens")], ["Two"]);
      const b = await bench({ model });
      await b.ask(hi);
      expect((logger.takeErrors() as Error[]).map(({ message }) => message)).to.deep.equal(["out of tokens"]);
      const [error] = b.frames.filter(({ direction }) => direction === "up");
      expect(error?.kind).to.equal("error");
      expect(error?.value.error).to.equal("the language model failed: UNKNOWN: out of tokens");
      await b.ask(hi);
      expect(b.said()).to.deep.equal([
        "llmFullResponseStart",
        '"One"',
        "llmFullResponseEnd",
        "llmFullResponseStart",
        '"Two"',
        "llmFullResponseEnd",
      ]);
    });

    for (const error of [new Error("\ud800"), { constructor: { name: { toString: 1 } } }]) {
      it(`with what can't be shown does the same: ${error instanceof Error ? "half a character" : "an odd object"}`, async () => {
        const { model } = scripted(["One", { type: "error", error }], ["Two"]);
        const b = await bench({ model });
        await b.ask(hi);
        await b.ask(hi);
        expect(b.said().slice(-3)).to.deep.equal(["llmFullResponseStart", '"Two"', "llmFullResponseEnd"]);
        expect(b.said().filter((kind) => kind === "llmFullResponseEnd")).to.have.lengthOf(2);
        expect(b.frames.filter(({ kind }) => kind === "error")).to.have.lengthOf(1);
        logger.takeErrors();
      });
    }

    it("to begin, or is given nothing to answer, does the same", async () => {
      const { model } = scripted();
      model.doStream = () => Promise.reject(new TypeError("no such model"));
      const { ask, send, frames, said } = await bench({ model, settings: { maxRetries: 0 } });
      await ask(hi);
      await ask();
      send(frame("llmContext"));
      await settle();
      expect(said()).to.deep.equal(Array(3).fill(["llmFullResponseStart", "llmFullResponseEnd"]).flat());
      const told = frames.filter(({ direction }) => direction === "up").map(({ value }) => value.error);
      expect(told).to.deep.equal([
        "the language model failed: UNKNOWN: no such model",
        "the language model failed: FAILED_PRECONDITION: the conversation has no message that a model could answer",
        "the language model failed: INVALID_ARGUMENT: llmContext.context: must be there, to be answered",
      ]);
      expect(logger.takeErrors()).to.have.lengthOf(3);
    });
  });

  describe("when it is activated", () => {
    const start = async (args?: unknown) => {
      const { model } = scripted();
      const b = await bench({ model, active: false });
      b.main.activateAgent("assistant", args === undefined ? {} : { args: args as never });
      await settle();
      return b;
    };

    it("greets if it is asked to: with messages for the conversation, which are to be answered", async () => {
      const { frames, said } = await start({ messages: [hi], metadata: { x: 1 } });
      expect(said()).to.deep.equal(["llmMessagesAppend"]);
      expect(frames[0]?.value.messages.map(toJs)).to.deep.equal([hi]);
      expect(frames[0]?.value.runLlm).to.equal(true);
    });

    it("has the messages added only, with run_llm false", async () => {
      const { frames } = await start({ messages: [hi], run_llm: false });
      expect(frames.map(({ value }) => value.runLlm)).to.deep.equal([false]);
    });

    for (const args of [undefined, {}, { messages: [] }, { messages: null, run_llm: null }]) {
      it(`says nothing of its own when asked nothing: ${JSON.stringify(args)}`, async () => {
        expect((await start(args)).said()).to.deep.equal([]);
      });
    }

    it("reports messages that are no list", async () => {
      const { said } = await start({ messages: "Hi" });
      const [error] = logger.takeErrors() as StatusError[];
      expect(error?.message).to.equal('args.messages: must be a list of messages, got "Hi"');
      expect(said()).to.deep.equal([]);
    });

    it("is inactive until then, and a segment of any bridge", async () => {
      const { model } = scripted();
      const agent = new LLMAgent("assistant", { model });
      expect(agent.active).to.equal(false);
      const { ask, said, assistant } = await bench({ model, active: false });
      await ask(hi);
      expect([assistant.active, said()]).to.deep.equal([false, []]);
    });
  });

  it("lets a subclass deal with frames and errors of its own", async () => {
    class Polite extends LLMAgent {
      constructor(name: string, options: LLMAgentOptions) {
        super(name, options);
        this.on("error", () => this.pushFrame(frame("llmText", { text: "Sorry." }), Direction.DOWNSTREAM));
      }

      protected override onFrame(received: Frame, direction: Direction, context: FrameContext) {
        return received.kind.case === "text" ? undefined : super.onFrame(received, direction, context);
      }
    }
    const { model } = scripted([new Error("broken")]);
    const { send, ask, said } = await bench({ model }, Polite);
    send(frame("text", { text: "swallowed" }));
    await ask(hi);
    expect(said()).to.deep.equal(["llmFullResponseStart", '"Sorry."', "llmFullResponseEnd"]);
    expect(logger.takeErrors()).to.have.lengthOf(1);
  });

  it("refuses a model that is none", () => {
    for (const model of [undefined, null, {}, 3]) {
      const error = expectThrown(Code.INVALID_ARGUMENT, () => new LLMAgent("assistant", { model: model as never }));
      expect(error.message).to.match(/^model: must be a language model of the AI SDK, got /);
    }
  });
});

/** Puts pieces of a reply behind its start, and its end behind the last. */
function inReply(all: readonly string[], piece: string, index: number, pieces: readonly string[]): readonly string[] {
  return index === pieces.length - 1 ? [...all, piece, "llmFullResponseEnd"] : [...all, piece];
}
