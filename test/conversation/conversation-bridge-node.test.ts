import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { BaseAgent, Direction, type Frame, type FrameContext, frame, type JsValue, toJs } from "crossbus";
import { Conversation } from "crossbus/conversation";
import { describe, it } from "mocha";
import { idle } from "../support/idle.js";
import { useRecordingLogger } from "../support/recording-logger.js";
import { useRunners } from "../support/use-runners.js";

// The example of the class's doc comment, as it stands there.
class MainAgent extends BaseAgent {
  readonly #conversation = new Conversation(this.createBridge({ targetAgent: "assistant" }));

  protected override onBridgeFrame(received: Frame, direction: Direction) {
    if (!this.#conversation.receive(received, direction) && received.kind.case === "llmText") {
      process.stdout.write(received.kind.value.text);
    }
  }

  say(text: string) {
    this.#conversation.addUser(text);
  }
}

/** An assistant that greets as Pipecat's do, and answers with what it was sent last, and in which direction. */
class Assistant extends BaseAgent {
  constructor() {
    super("assistant", { active: false, bridges: [] });
  }

  protected override onActivated(args: JsValue | undefined) {
    this.pushFrame(frame("llmMessagesAppend", { messages: [args ?? null], runLlm: true }), Direction.DOWNSTREAM);
  }

  protected override onFrame({ kind }: Frame, direction: Direction, _context: FrameContext) {
    if (kind.case === "llmContext") {
      const messages = kind.value.context?.messages ?? [];
      const last = toJs(messages.at(-1)) as { readonly content: string };
      const text = `${Direction[direction]} ${messages.length} ${last.content}\n`;
      this.pushFrame(frame("llmFullResponseStart"), Direction.DOWNSTREAM);
      this.pushFrame(frame("llmText", { text }), Direction.DOWNSTREAM);
      this.pushFrame(frame("llmFullResponseEnd"), Direction.DOWNSTREAM);
    }
  }
}

describe("a conversation across a bridge", () => {
  const logger = useRecordingLogger();
  const runners = useRunners(logger);

  it("is what the assistant answers to, upstream for its greeting and downstream for turns", async () => {
    const main = new MainAgent("main");
    await runners.start(main, new Assistant());
    const shown: string[] = [];
    const { write } = process.stdout;
    try {
      process.stdout.write = (text: string | Uint8Array) => shown.push(String(text)) > 0;
      main.activateAgent("assistant", { args: { role: "developer", content: "Greet." } });
      await idle();
      main.say("Hi");
      await idle();
    } finally {
      process.stdout.write = write;
    }
    expect(shown).to.deep.equal(["UPSTREAM 1 Greet.\n", "DOWNSTREAM 3 Hi\n"]);
  });

  it("is documented with the code above", async () => {
    const source = await readFile(new URL("../../src/conversation/conversation.ts", import.meta.url), "utf8");
    const example = /@example\n([\s\S]*?)\n \*\//.exec(source)?.[1]?.replace(/^ \* ?/gm, "");
    expect(example).to.match(/^class MainAgent/);
    expect(await readFile(new URL(import.meta.url), "utf8")).to.include(`\n${example}\n`);
  });
});
