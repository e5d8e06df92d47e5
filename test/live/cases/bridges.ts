import { expect } from "chai";
import { describe } from "mocha";
import { Direction, frame } from "../../../src/index.js";
import type { TestAgent, TestHooks } from "../../support/test-agent.js";
import { eventually } from "../support/eventually.js";
import type { Live } from "../support/live-suite.js";

/** Frames that an assistant has no use for, and which way they travel. */
const passing = [
  ["UserStartedSpeakingFrame()", "DOWNSTREAM"],
  ["InterruptionFrame()", "DOWNSTREAM"],
  ["UserStoppedSpeakingFrame()", "DOWNSTREAM"],
  ["TTSSpeakFrame('One moment.')", "DOWNSTREAM"],
  ["AcmeOrderFrame(item='anvil', part=AcmePart(name='horn'))", "DOWNSTREAM"],
  ["BotStartedSpeakingFrame()", "UPSTREAM"],
  ["BotStoppedSpeakingFrame()", "UPSTREAM"],
] as const;

const question = "LLMContextFrame(context=LLMContext(messages=[{'role': 'user', 'content': 'Hi'}]))";

/** Answers conversations, and passes everything else on. */
function answering(agent: TestAgent): NonNullable<TestHooks["frame"]> {
  return (received, direction) => {
    if (received.kind.case !== "llmContext") {
      agent.pushFrame(received, direction);
      return;
    }
    agent.pushFrame(frame("llmFullResponseStart"), Direction.DOWNSTREAM);
    agent.pushFrame(frame("llmText", { text: "Hello from TypeScript." }), Direction.DOWNSTREAM);
    agent.pushFrame(frame("llmFullResponseEnd"), Direction.DOWNSTREAM);
  };
}

/** Pipelines that go on at the other side, through bridges with and without names. */
export function testBridges(live: Live): void {
  for (const name of [undefined, "voice"]) {
    describe(`a bridge ${name === undefined ? "without a name" : "with a name"}`, () => {
      live.it("in a Python pipeline gets the answer of an assistant here, and what that had no use for", async () => {
        const bridge = await live.open({
          agent: { bridges: name === undefined ? [] : [name] },
          hooks: (agent) => ({ frame: answering(agent) }),
          python: { kind: "media", ...(name !== undefined && { bridge: name }) },
        });
        /** The types of the frames that left the bridge in Python. */
        const left = () =>
          bridge.python.told("frame").flatMap(({ frame: told, direction, place }) => {
            const isOut = place === (direction === "DOWNSTREAM" ? "after" : "before");
            return isOut ? [(told as { type: string }).type] : [];
          });
        for (const [expression, direction] of passing) {
          await bridge.python.command("push", { frame: expression, direction });
          const type = expression.slice(0, expression.indexOf("("));
          await eventually(() => left().includes(type));
        }
        await bridge.python.command("push", { frame: question, direction: "DOWNSTREAM" });
        await eventually(() => left().includes("LLMFullResponseEndFrame"));
        const text = await bridge.python.frame("LLMTextFrame");
        expect(text.fields["text"]).to.equal("'Hello from TypeScript.'");
        expect(left().slice(-3)).to.deep.equal([
          "LLMFullResponseStartFrame",
          "LLMTextFrame",
          "LLMFullResponseEndFrame",
        ]);
        expect(left()).not.to.include("LLMContextFrame");
        const order = await bridge.python.frame("AcmeOrderFrame");
        expect(order.fields).to.include({ item: "'anvil'", part: "AcmePart(name='horn', weight=1.0)" });
      });

      live.it("in a Python pipeline gets what an assistant here says first, before anything came", async () => {
        const bridge = await live.open({
          agent: { bridges: name === undefined ? [] : [name] },
          python: { kind: "media", ...(name !== undefined && { bridge: name }) },
        });
        bridge.agent.pushFrame(frame("llmText", { text: "Welcome." }), Direction.DOWNSTREAM);
        await bridge.python.frame("LLMTextFrame");
      });

      live.it("here gets the answer of a Python assistant, and what that had no use for", async () => {
        const bridge = await live.open({
          python: { kind: "segment", ...(name !== undefined && { bridges: [name] }) },
          agent: {},
        });
        const media = bridge.agent.createBridge(name === undefined ? {} : { name });
        const kinds = () => bridge.agent.frames.map(({ kind }) => kind.case);
        const echoed = [
          frame("userStartedSpeaking"),
          frame("interruption"),
          frame("userStoppedSpeaking"),
          frame("inputAudioRaw", { audio: new Uint8Array(640), sampleRate: 16_000, numChannels: 1 }),
          frame("ttsSpeak", { text: "One moment." }),
          frame("other", { typeName: "acme_frames.AcmeOrderFrame", fields: { item: "anvil" } }),
        ];
        for (const sent of echoed) {
          media.send(sent, Direction.DOWNSTREAM);
          await eventually(() => kinds().at(-1) === sent.kind.case);
        }
        media.send(frame("botStoppedSpeaking"), Direction.UPSTREAM);
        await eventually(() => kinds().at(-1) === "botStoppedSpeaking");
        expect(bridge.agent.directions.at(-1)).to.equal(Direction.UPSTREAM);
        const messages = [{ role: "user", content: "Hi" }];
        media.send(frame("llmContext", { context: { messages } }), Direction.DOWNSTREAM);
        await eventually(() => kinds().includes("llmFullResponseEnd"));
        const answer = bridge.agent.frames.find(({ kind }) => kind.case === "llmText")?.kind.value;
        expect((answer as { text: string }).text).to.equal("Hello from Python.");
        expect(kinds().slice(-3)).to.deep.equal(["llmFullResponseStart", "llmText", "llmFullResponseEnd"]);
        expect(kinds()).not.to.include("llmContext");
      });
    });
  }

  describe("a bridge of another name", () => {
    live.it("of Python's reaches no assistant here", async () => {
      const bridge = await live.open({ agent: { bridges: ["voice"] }, python: { kind: "media", bridge: "video" } });
      await bridge.python.command("push", { frame: "TextFrame('lost')", direction: "DOWNSTREAM" });
      // What comes after it has arrived.
      await bridge.python.send("BusTaskUpdateMessage(source='py', target='ts', task_id='1')");
      await eventually(() => bridge.agent.cases.includes("taskUpdate"));
      await eventually(() => bridge.agent.cases.includes("frame"));
      expect(bridge.agent.frames).to.deep.equal([]);
    });
  });
}
