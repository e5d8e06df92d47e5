import type { ModelMessage } from "ai";
import { expect } from "chai";
import { describe, it } from "mocha";
import type { LLMContext } from "../../gen/crossbus/v1/frame_kinds_pb.js";
import { Direction } from "../../gen/crossbus/v1/frame_pb.js";
import { Conversation } from "../../src/conversation/conversation.js";
import { type Prompt, toPrompt } from "../../src/llm/prompt.js";
import { frame } from "../../src/message/build.js";
import { toJs, type ValueInit } from "../../src/message/value.js";
import { useRecordingLogger } from "../support/recording-logger.js";
import { scripted, useLLMBench } from "./llm-bench.js";

function promptOf(messages: readonly ValueInit[], toolChoice?: ValueInit): Prompt {
  const { value } = frame("llmContext", { context: { messages, toolChoice } }).kind;
  return toPrompt(value.context as LLMContext, (name) => name === "price");
}

const call = (id: string, name = "price", args: ValueInit = '{"item":"anvil"}') => ({
  role: "assistant",
  tool_calls: [{ id, type: "function", function: { name, arguments: args } }],
});
const result = (id: ValueInit, content: ValueInit = "39") => ({ role: "tool", tool_call_id: id, content });
const hi = { role: "user", content: "Hi" };

describe("the prompt that a model gets", () => {
  const logger = useRecordingLogger();
  const bench = useLLMBench(logger);

  const cases: readonly (readonly [what: string, messages: readonly ValueInit[], prompt: readonly ModelMessage[]])[] = [
    [
      "instructions, and what was said",
      [{ role: "system", content: "Be brief." }, hi, { role: "assistant", content: "Hello" }],
      [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" },
        { role: "assistant", content: [{ type: "text", text: "Hello" }] },
      ],
    ],
    [
      "text in parts",
      [
        { role: "user", content: ["Hi", { type: "text", text: "there" }] },
        {
          role: "assistant",
          content: [
            { type: "text", text: "Hello" },
            { type: "text", text: "you" },
          ],
        },
        { role: "system", content: [{ type: "text", text: "Be brief." }] },
      ],
      [
        {
          role: "user",
          content: [
            { type: "text", text: "Hi" },
            { type: "text", text: "there" },
          ],
        },
        { role: "assistant", content: [{ type: "text", text: "Hello\nyou" }] },
        { role: "system", content: "Be brief." },
      ],
    ],
    [
      "developers' messages: instructions at the beginning, news later",
      [{ role: "developer", content: "A" }, { role: "system", content: "B" }, hi, { role: "developer", content: "C" }],
      [
        { role: "system", content: "A" },
        { role: "system", content: "B" },
        { role: "user", content: "Hi" },
        { role: "user", content: "C" },
      ],
    ],
    [
      "pictures and sound",
      [
        {
          role: "user",
          content: [
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
            { type: "input_audio", input_audio: { data: "BBBB", format: "wav" } },
            { type: "input_audio", input_audio: { data: "CCCC", format: "mp3" } },
          ],
        },
      ],
      [
        {
          role: "user",
          content: [
            { type: "image", image: new URL("data:image/png;base64,AAAA") },
            { type: "file", data: "BBBB", mediaType: "audio/wav" },
            { type: "file", data: "CCCC", mediaType: "audio/mpeg" },
          ],
        },
      ],
    ],
    [
      "function calls, with their results",
      [{ ...call("1"), content: "Let me see." }, result("1", "39"), call("2", "hours", "not JSON"), result("2", null)],
      [
        {
          role: "assistant",
          content: [
            { type: "text", text: "Let me see." },
            { type: "tool-call", toolCallId: "1", toolName: "price", input: { item: "anvil" } },
          ],
        },
        {
          role: "tool",
          content: [{ type: "tool-result", toolCallId: "1", toolName: "price", output: { type: "text", value: "39" } }],
        },
        {
          role: "assistant",
          content: [{ type: "tool-call", toolCallId: "2", toolName: "hours", input: { text: "not JSON" } }],
        },
        {
          role: "tool",
          content: [{ type: "tool-result", toolCallId: "2", toolName: "hours", output: { type: "text", value: "" } }],
        },
      ],
    ],
  ];

  for (const [what, messages, expected] of cases) {
    it(`has ${what}`, () => {
      expect(promptOf(messages)).to.deep.equal({ messages: expected, toolChoice: undefined, leftOut: [] });
    });
  }

  const bad: readonly (readonly [messages: readonly ValueInit[], reason: string])[] = [
    [["Hi"], 'a message that is "Hi"'],
    [[null], "a message that is null"],
    [[{ role: 3, content: "x" }], "a message that is an object of Object"],
    [[{ content: "x" }], "a message without a role"],
    [[{ role: "critic", content: "x" }], 'a message with the role "critic"'],
    [[{ role: "user", content: [{ type: "video", url: "x" }] }], 'a part of a message that is of the type "video"'],
    [[{ role: "user", content: 3 }], "a part of a message that is 3"],
    [
      [{ role: "user", content: [{ type: "image_url", image_url: { url: "nowhere" } }] }],
      'a part of a message that is of the type "image_url"',
    ],
    [[call("1")], "a function call without a result"],
    [[result("1")], "a result of a function that nobody called"],
    [[result(null)], "a result of a function that nobody called"],
  ];
  for (const [messages, reason] of bad) {
    it(`goes on without ${reason}`, () => {
      const prompt = promptOf([hi, ...messages]);
      expect(prompt.messages).to.deep.equal([{ role: "user", content: "Hi" }]);
      expect(prompt.leftOut).to.deep.equal([reason]);
    });
  }

  it("has each result right behind its call, wherever it stood, and the first for each call", () => {
    const { messages, leftOut } = promptOf([
      hi,
      result("late", "before its call"),
      call("late"),
      hi,
      call("again"),
      result("late", "late"),
      result("again", "one"),
      call("again"),
      result("again", "two"),
      result("again", "three"),
    ]);
    const shown = messages.map(({ role, content }) => {
      const [part] = Array.isArray(content) ? content : [];
      return part?.type === "tool-result" ? `${part.toolCallId}: ${(part.output as { value: string }).value}` : role;
    });
    expect(shown).to.deep.equal([
      "user",
      "assistant",
      "late: late",
      "user",
      "assistant",
      "again: one",
      "assistant",
      "again: two",
    ]);
    expect(leftOut).to.deep.equal(Array(2).fill("a result of a function that nobody called"));
  });

  it("says how tools are chosen, as far as there are such tools", () => {
    const named = (name: string) => ({ type: "function", function: { name } });
    expect(
      ["auto", "none", "required", null, named("price"), named("teleport"), "maybe"].map((choice) => {
        const { toolChoice, leftOut } = promptOf([hi], choice);
        return [toolChoice, leftOut];
      }),
    ).to.deep.equal([
      ["auto", []],
      ["none", []],
      ["required", []],
      [undefined, []],
      [{ type: "tool", toolName: "price" }, []],
      [undefined, ["a choice of tools that is an object of Object"]],
      [undefined, ['a choice of tools that is "maybe"']],
    ]);
  });

  it("can be made of whatever a conversation has recorded of functions", () => {
    let context: LLMContext | undefined;
    const conversation = new Conversation({
      send: ({ kind }) => {
        context = kind.case === "llmContext" ? kind.value.context : undefined;
      },
    });
    const receive: typeof conversation.receive = (received) => conversation.receive(received, Direction.DOWNSTREAM);
    for (const [id, cancelOnInterruption] of [
      ["1", true],
      ["2", false],
    ] as const) {
      const called = { functionName: "price", toolCallId: id, arguments: { item: "anvil" } };
      receive(frame("functionCallsStarted", { functionCalls: [called] }), Direction.DOWNSTREAM);
      receive(frame("functionCallInProgress", { ...called, cancelOnInterruption }), Direction.DOWNSTREAM);
    }
    conversation.addUser("Well?");
    for (const toolCallId of ["1", "2"]) {
      receive(frame("functionCallResult", { functionName: "price", toolCallId, result: 39 }), Direction.DOWNSTREAM);
    }
    conversation.run();
    const prompt = toPrompt(context as LLMContext, () => true);
    expect(prompt.leftOut).to.deep.equal([]);
    expect(prompt.messages.map(({ role }) => role)).to.deep.equal([
      "assistant",
      "tool",
      "assistant",
      "tool",
      "user",
      // What a function in the background has found.
      "user",
    ]);
    expect(toJs(context?.messages.at(-1))).to.have.property("role", "developer");
  });

  it("tells the log once what was left out", async () => {
    const { model } = scripted(["A"], ["B"]);
    const { ask } = await bench({ model });
    for (let i = 0; i < 2; i++) {
      await ask(hi, { role: "critic", content: "x" });
    }
    expect(logger.take("warn").map(({ fields }) => fields)).to.deep.equal([
      { agent: "assistant", without: 'a message with the role "critic"' },
    ]);
  });

  it("has pictures that come along; those at an address are for the model to fetch, never for the agent", async () => {
    const { model, asked } = scripted(["A"], ["B"], ["C"]);
    const picture = (url: string) => ({ role: "user", content: [{ type: "image_url", image_url: { url } }] });
    const { ask, frames } = await bench({ model });
    await ask(picture("data:image/png;base64,iVBORw0KGgo="));
    expect(asked[0]?.prompt[0]?.content[0]).to.deep.include({ type: "file", mediaType: "image/png" });
    await ask(picture("http://169.254.169.254/latest/meta-data"));
    expect(asked).to.have.lengthOf(1);
    expect(frames.find(({ kind }) => kind === "error")?.value.error).to.match(
      /^the language model failed: FAILED_PRECONDITION: the model can't fetch "http:\/\/169\.254/,
    );
    logger.takeErrors();
    const { model: fetching, asked: reached } = scripted(["A"]);
    Object.defineProperty(fetching, "supportedUrls", { value: { "image/*": [/^https:/] } });
    const b = await bench({ model: fetching });
    await b.ask(picture("https://acme.example/anvil.png"));
    expect(reached[0]?.prompt[0]?.content[0]).to.deep.include({ data: new URL("https://acme.example/anvil.png") });
  });
});
