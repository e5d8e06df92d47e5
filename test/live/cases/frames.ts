import { expect } from "chai";
import { describe } from "mocha";
import { busMessage, Direction, type Frame, type FrameKind, type FrameOf, frame, toJs } from "../../../src/index.js";
import { eventually } from "../support/eventually.js";
import type { LiveBridge } from "../support/live-bridge.js";
import type { Live } from "../support/live-suite.js";
import type { PythonDescription } from "../support/python-peer.js";

/** A frame that crosses in both directions. */
interface FrameCase {
  readonly what: string;
  /** The frame as Python makes it. */
  readonly python: string;
  readonly kind: FrameKind;
  /** Looks at what came of it here. */
  readonly check: (frame: Frame) => void;
  /** The frame as it is made here. */
  readonly make: () => Frame;
  /** The name of its class in Python. */
  readonly type: string;
  /** What came of it there, as Python source. */
  readonly fields: Readonly<Record<string, string>>;
}

function frameCase<K extends FrameKind>(
  what: string,
  python: string,
  kind: K,
  check: (content: FrameOf<K>, frame: Frame) => void,
  make: Frame,
  fields: Readonly<Record<string, string>> = {},
): FrameCase {
  return {
    what,
    python,
    kind,
    check: (received) => {
      expect(received.kind.case).to.equal(kind);
      check(received.kind.value as FrameOf<K>, received);
    },
    make: () => make,
    type: /^\w+/.exec(python)?.[0] ?? "",
    fields,
  };
}

const samples = Uint8Array.from({ length: 640 }, (_, i) => i % 256);
const tool = {
  name: "price",
  description: "What an item costs.",
  parameters: { type: "object", properties: { item: { type: "string" } }, required: ["item"] },
};
const shownTool =
  "[{'name': 'price', 'description': 'What an item costs.', 'parameters': " +
  "{'type': 'object', 'properties': {'item': {'type': 'string'}}, 'required': ['item']}}]";
const tools =
  "ToolsSchema(standard_tools=[FunctionSchema(name='price', description='What an item costs.', " +
  "properties={'item': {'type': 'string'}}, required=['item'])])";
const messages = [
  { role: "system", content: "Sei kurz. 🚀" },
  { role: "user", content: [{ type: "text", text: "Hi" }] },
];
const shownMessages =
  "[{'role': 'system', 'content': 'Sei kurz. 🚀'}, {'role': 'user', 'content': [{'type': 'text', 'text': 'Hi'}]}]";

function audioCase(kind: "inputAudioRaw" | "outputAudioRaw" | "ttsAudioRaw", type: string): FrameCase {
  return frameCase(
    type,
    `${type}(audio=bytes(i % 256 for i in range(640)), sample_rate=16000, num_channels=1)`,
    kind,
    (content) => {
      expect(content).to.include({ sampleRate: 16_000, numChannels: 1, numFrames: 320 });
      expect(content.audio).to.deep.equal(samples);
    },
    frame(kind, { audio: samples, sampleRate: 24_000, numChannels: 2 }),
    { sample_rate: "24000", num_channels: "2", num_frames: "160" },
  );
}

function markCase(kind: FrameKind, type: string): FrameCase {
  return frameCase(type, `${type}()`, kind, () => {}, frame(kind));
}

const frameCases: readonly FrameCase[] = [
  frameCase(
    "TextFrame",
    "TextFrame('Grüße, \\u2028 \\x00 🚀')",
    "text",
    ({ text, appendToContext, includesInterFrameSpaces }) => {
      expect(text).to.equal("Grüße, \u2028 \u0000 🚀");
      expect({ appendToContext, includesInterFrameSpaces }).to.deep.equal({
        appendToContext: true,
        includesInterFrameSpaces: false,
      });
    },
    frame("text", { text: "Grüße 🚀" }),
    // What isn't said here gets the default that it has there.
    { text: "'Grüße 🚀'", append_to_context: "True", includes_inter_frame_spaces: "False", skip_tts: "None" },
  ),
  frameCase(
    "LLMTextFrame",
    "LLMTextFrame('Hi')",
    "llmText",
    ({ text, includesInterFrameSpaces }) => {
      expect(text).to.equal("Hi");
      expect(includesInterFrameSpaces).to.equal(true);
    },
    frame("llmText", { text: "Hi", skipTts: false, appendToContext: false }),
    { text: "'Hi'", append_to_context: "False", includes_inter_frame_spaces: "True", skip_tts: "False" },
  ),
  frameCase(
    "LLMContextFrame without tools",
    `LLMContextFrame(context=LLMContext(messages=${shownMessages}))`,
    "llmContext",
    ({ context }) => {
      expect(context?.messages.map((message) => toJs(message))).to.deep.equal(messages);
      expect(context?.tools).to.equal(undefined);
    },
    frame("llmContext", { context: { messages } }),
    { context: `LLMContext(messages=${shownMessages}, tools=None, tool_choice=None)` },
  ),
  frameCase(
    "LLMContextFrame with tools",
    `LLMContextFrame(context=LLMContext(messages=${shownMessages}, tools=${tools}, tool_choice='auto'))`,
    "llmContext",
    ({ context }) => {
      expect(context?.tools?.standardTools.map((value) => toJs(value))).to.deep.equal([tool]);
      expect(toJs(context?.toolChoice)).to.equal("auto");
    },
    frame("llmContext", { context: { messages, tools: { standardTools: [tool] }, toolChoice: "required" } }),
    { context: `LLMContext(messages=${shownMessages}, tools=${shownTool}, tool_choice='required')` },
  ),
  frameCase(
    "TranscriptionFrame",
    "TranscriptionFrame(text='hi', user_id='u', timestamp='2026-01-01T00:00:00Z', language=Language.EN_US)",
    "transcription",
    (content) => {
      expect(content).to.include({ text: "hi", userId: "u", timestamp: "2026-01-01T00:00:00Z", language: "en-US" });
    },
    frame("transcription", { text: "hi", userId: "u", timestamp: "now", language: "de-DE", finalized: true }),
    { text: "'hi'", user_id: "'u'", timestamp: "'now'", language: "'de-DE'", finalized: "True", result: "None" },
  ),
  audioCase("inputAudioRaw", "InputAudioRawFrame"),
  audioCase("outputAudioRaw", "OutputAudioRawFrame"),
  audioCase("ttsAudioRaw", "TTSAudioRawFrame"),
  markCase("interruption", "InterruptionFrame"),
  markCase("userStartedSpeaking", "UserStartedSpeakingFrame"),
  markCase("userStoppedSpeaking", "UserStoppedSpeakingFrame"),
  markCase("botStartedSpeaking", "BotStartedSpeakingFrame"),
  markCase("botStoppedSpeaking", "BotStoppedSpeakingFrame"),
  frameCase(
    "FunctionCallsStartedFrame",
    "FunctionCallsStartedFrame(function_calls=[FunctionCallFromLLM(function_name='price', tool_call_id='c1', " +
      `arguments={'n': 1, 'x': 1.0}, context=LLMContext(messages=${shownMessages}))])`,
    "functionCallsStarted",
    ({ functionCalls }) => {
      expect(functionCalls[0]).to.include({ functionName: "price", toolCallId: "c1" });
      expect(functionCalls[0]?.context?.messages.map((message) => toJs(message))).to.deep.equal(messages);
    },
    frame("functionCallsStarted", {
      functionCalls: [{ functionName: "f", toolCallId: "c", arguments: { n: 1 }, context: { messages: [] } }],
    }),
    {
      function_calls:
        "[FunctionCallFromLLM(function_name='f', tool_call_id='c', arguments={'n': 1}, " +
        "context=LLMContext(messages=[], tools=None, tool_choice=None))]",
    },
  ),
  frameCase(
    "FunctionCallInProgressFrame",
    "FunctionCallInProgressFrame(function_name='price', tool_call_id='c1', arguments={'item': 'rocket'})",
    "functionCallInProgress",
    (content) => {
      expect(content).to.include({ functionName: "price", toolCallId: "c1", cancelOnInterruption: false });
      expect(toJs(content.arguments)).to.deep.equal({ item: "rocket" });
    },
    frame("functionCallInProgress", {
      functionName: "f",
      toolCallId: "c",
      arguments: { n: 1, list: [] },
      cancelOnInterruption: true,
    }),
    { function_name: "'f'", arguments: "{'n': 1, 'list': []}", cancel_on_interruption: "True", group_id: "None" },
  ),
  frameCase(
    "FunctionCallResultFrame",
    "FunctionCallResultFrame(function_name='price', tool_call_id='c1', arguments={}, result={'price': 149.0, " +
      "'none': None}, properties=FunctionCallResultProperties(run_llm=False))",
    "functionCallResult",
    (content) => {
      expect(toJs(content.result)).to.deep.equal({ price: 149, none: null });
      expect(content.properties?.runLlm).to.equal(false);
    },
    frame("functionCallResult", {
      functionName: "f",
      toolCallId: "c",
      arguments: {},
      result: "sold out",
      runLlm: true,
      properties: { runLlm: true, isFinal: false },
    }),
    {
      result: "'sold out'",
      run_llm: "True",
      properties: "FunctionCallResultProperties(run_llm=True, on_context_updated=None, is_final=False)",
    },
  ),
  frameCase(
    "FunctionCallCancelFrame",
    "FunctionCallCancelFrame(function_name='price', tool_call_id='c1')",
    "functionCallCancel",
    (content) => expect(content).to.include({ functionName: "price", toolCallId: "c1" }),
    frame("functionCallCancel", { functionName: "f", toolCallId: "c" }),
    { function_name: "'f'", tool_call_id: "'c'" },
  ),
  frameCase(
    "AcmeOrderFrame, an application's own dataclass",
    "AcmeOrderFrame(item='anvil', quantity=3, photo=b'\\x00\\xff', part=AcmePart(name='horn', weight=2.0), " +
      "tags=['a', None, 1, 1.0])",
    "other",
    (content) => {
      expect(content.typeName).to.equal("acme_frames.AcmeOrderFrame");
      const fields = new Map(content.fields?.entries.map(({ key, value }) => [key, value]));
      expect(toJs(fields.get("item"))).to.equal("anvil");
      expect(toJs(fields.get("photo"))).to.deep.equal(Uint8Array.of(0, 255));
      expect(fields.get("part")?.kind.case).to.equal("typedValue");
    },
    frame("other", {
      typeName: "acme_frames.AcmeOrderFrame",
      fields: { item: "anvil", quantity: 2, photo: Uint8Array.of(7), tags: [true] },
    }),
    { item: "'anvil'", quantity: "2", photo: "b'\\x07'", part: "None", tags: "[True]" },
  ),
];

/** The fields of the frame in a description of a message. */
function frameIn(message: PythonDescription["fields"]): PythonDescription {
  const description = message["frame"];
  if (description === undefined || typeof description === "string") {
    expect.fail(`Python got a message whose frame is ${description}`);
  }
  return description;
}

async function received(bridge: LiveBridge): Promise<{ readonly frame: Frame; readonly direction: Direction }> {
  await eventually(() => bridge.agent.cases.includes("frame"));
  const { body } = bridge.agent.messages.find((message) => message.body.case === "frame") as {
    body: { value: { frame: Frame; direction: Direction } };
  };
  return body.value;
}

/** Frames of each sort, both ways and back. */
export function testFrames(live: Live): void {
  describe("frames", () => {
    for (const { what, python, check, make, type, fields } of frameCases) {
      live.it(`${what} crosses both ways, and comes back to Python as it was`, async () => {
        const bridge = await live.open();
        const [sent] = await bridge.python.send(
          `BusFrameMessage(source='py', frame=${python}, direction=UPSTREAM, bridge='voice')`,
        );
        const got = await received(bridge);
        check(got.frame);
        expect(got.direction).to.equal(Direction.UPSTREAM);
        bridge.agent.send(busMessage("frame", got, { target: "py" }));
        const echoed = frameIn(await bridge.python.message("BusFrameMessage"));
        expect(echoed).to.deep.equal(frameIn((sent as PythonDescription).fields));

        bridge.agent.send(busMessage("frame", { frame: make(), direction: Direction.DOWNSTREAM, bridge: "voice" }));
        const message = await bridge.python.message("BusFrameMessage", 2);
        expect(message).to.include({ source: "'ts'", target: "None", direction: "DOWNSTREAM", bridge: "'voice'" });
        const made = frameIn(message);
        expect(made.type).to.equal(type);
        expect(made.fields).to.include(fields);
      });
    }
  });
}
