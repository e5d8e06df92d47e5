import { expect } from "chai";
import { describe, it } from "mocha";
import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import { Code } from "../../../src/base/status.js";
import type { Codec } from "../../../src/codec/codec.js";
import { jsonCodec } from "../../../src/codec/pipecat/json-codec.js";
import { busMessage, frame } from "../../../src/message/build.js";
import { toStruct } from "../../../src/message/value.js";
import { expectThrown } from "../../support/expect-status.js";

const encoder = new TextEncoder();
const envelope = { source: "a", target: "b" };

function codecFor(): Codec {
  const codec = jsonCodec({ dialect: "pipecat", pipecatVersion: undefined });
  codec.allowTypes?.(new Set(["acme.Thing"]));
  return codec;
}

const wire = (data: string, className = "pipecat.bus.messages.BusEndMessage") =>
  `{"__type__":"${className}","__data__":{${data}}}`;
const framed = (data: string, className = "pipecat.frames.frames.TextFrame") =>
  wire(
    `"source":"a","frame":{"__type__":"${className}","__data__":{${data}}},"direction":{"__type__":"pipecat.processors.frame_processor.FrameDirection","__data__":"UPSTREAM"}`,
    "pipecat.bus.messages.BusFrameMessage",
  );
const audio = (data: string) =>
  framed(`"audio":{"__type__":"bytes","__data__":"AAE="},${data}`, "pipecat.frames.frames.InputAudioRawFrame");
const base64 = (text: string) =>
  framed(
    `"audio":{"__type__":"bytes","__data__":"${text}"},"sample_rate":1,"num_channels":1`,
    "pipecat.frames.frames.InputAudioRawFrame",
  );
const inContext = (tools: string) =>
  framed(
    `"context":{"__type__":"pipecat.processors.aggregators.llm_context.LLMContext","__data__":{"messages":[],"tools":${tools}}}`,
    "pipecat.frames.frames.LLMContextFrame",
  );

/** What is wrong with a message; undefined for one that is taken. */
function problem(text: string): string | undefined {
  const message = codecFor().decode(encoder.encode(text));
  return "invalid" in message ? message.invalid : undefined;
}

describe("what is said of a wrong field", () => {
  const dataclass = '{"__type__":"acme.Thing","__data__":{}}';
  for (const [name, text, rule] of [
    ["shows a number as it stands on the wire", framed('"text":"","pts":3.0'), /pts: must be .*, got 3\.0$/],
    [
      "names the class of an object",
      wire(`"source":"a","reason":${dataclass}`),
      /got an object of the class "acme\.Thing"$/,
    ],
    [
      "tells a dictionary from an object",
      wire('"source":"a","reason":{"x":1}'),
      /end\.reason: must be text, got an object$/,
    ],
    ["shows nothing for what isn't there", framed('"skip_tts":true'), /^frame\.frame\.text: is missing$/],
  ] as const) {
    it(name, () => {
      expect(problem(text)).to.match(rule);
    });
  }
});

describe("a field of a message of a Python peer", () => {
  const cases: Readonly<Record<string, readonly [taken: readonly string[], invalid: readonly string[]]>> = {
    "the source must be text": [
      [wire('"source":""')],
      ["1", "1.0", "null", "true", "[]", "{}", '["a"]', '{"__type__":"bytes","__data__":"YQ=="}'].map((source) =>
        wire(`"source":${source}`),
      ),
    ],
    "the target must be text or null": [
      [wire('"source":"a","target":""'), wire('"source":"a","target":null')],
      ["1", "false", "[]", "{}"].map((target) => wire(`"source":"a","target":${target}`)),
    ],
    "text must be text, or null for none": [
      [wire('"source":"a","reason":"1"'), wire('"source":"a","reason":null')],
      ["1", "1.0", "true", "[]", "{}", "NaN"].map((reason) => wire(`"source":"a","reason":${reason}`)),
    ],
    "a yes or no must be one": [
      [framed('"text":"","append_to_context":false')],
      ["0", "1", '"true"', "[]", "{}"].map((value) => framed(`"text":"","append_to_context":${value}`)),
    ],
    "an integer must have 64 bits at most, and no point": [
      [framed('"text":"","pts":9223372036854775807'), framed('"text":"","pts":-9223372036854775808')],
      ["9223372036854775808", "-9223372036854775809", "1.0", "1e3", "NaN", '"1"', "true"].map((pts) =>
        framed(`"text":"","pts":${pts}`),
      ),
    ],
    "a number of samples must have 32 bits at most, and no sign": [
      [audio('"sample_rate":4294967295,"num_channels":0')],
      ["4294967296", "-1", "1.0"].map((rate) => audio(`"sample_rate":${rate},"num_channels":1`)),
    ],
    "bytes must be in the base64 that Python writes": [
      ["", "AA==", "AAE=", "AAEC", "+/+/"].map(base64),
      [
        "A",
        "AA",
        "AAE",
        "AAE==",
        "A===",
        "====",
        "=AAA",
        "AA=A",
        "AAE=AAE=",
        "__8=",
        "-A==",
        "AA E",
        "AA\\n=",
        "é===",
      ].map(base64),
    ],
    "what an unknown field is called must not begin with _": [
      [wire('"source":"a","x_":1'), framed('"text":"","x":1')],
      [wire('"source":"a","_x":1'), wire('"source":"a","__dict__":{}'), framed('"text":"","__class__":1')],
    ],
    "what a field of a class that is kept whole is called must not begin with __": [
      [wire('"source":"a","_x":1', "acme.Thing"), framed('"_x":1', "acme.Thing")],
      [
        wire('"source":"a","__dict__":{}', "acme.Thing"),
        wire('"source":"a","__type__":"x"', "acme.Thing"),
        framed('"__class__":1', "acme.Thing"),
        framed('"__type__":"x","__data__":1', "acme.Thing"),
      ],
    ],
    "the tools of a conversation must be of no class": [
      [inContext("[]"), inContext('{"standard_tools":[]}')],
      [
        inContext('{"__type__":"pipecat.adapters.schemas.tools_schema.ToolsSchema","__data__":{"standard_tools":[]}}'),
        inContext("{}"),
        inContext('{"standard_tools":{}}'),
        inContext('"f"'),
        inContext("0"),
      ],
    ],
    "a direction must be a member by its name": [
      [framed('"text":""'), framed('"text":""').replace("UPSTREAM", "DOWNSTREAM")],
      ["upstream", "UNSPECIFIED", "2", "", "FrameDirection.UPSTREAM"].map((name) =>
        framed('"text":""').replace("UPSTREAM", name),
      ),
    ],
    "a status must be text as Python has it": [
      ["completed", "cancelled", "failed", "error"].map((status) =>
        wire(`"source":"a","job_id":"1","status":"${status}"`, "pipecat.bus.messages.BusJobResponseMessage"),
      ),
      ['"COMPLETED"', '"unspecified"', '""', "1", "null", '{"__type__":"x.Y","__data__":"completed"}'].map((status) =>
        wire(`"source":"a","job_id":"1","status":${status}`, "pipecat.bus.messages.BusJobResponseMessage"),
      ),
    ],
  };
  for (const [rule, [taken, invalid]] of Object.entries(cases)) {
    it(rule, () => {
      for (const text of taken) {
        expect(problem(text), text).to.equal(undefined);
      }
      for (const text of invalid) {
        expect(problem(text), text).to.be.a("string").with.length.above(0);
      }
    });
  }
});

describe("what is no message of the schema", () => {
  const ended = () => busMessage("end", {}, envelope);
  const framed = () => busMessage("frame", { direction: 1, frame: frame("text", { text: "" }) }, envelope);
  const refused: Readonly<Record<string, () => BusMessage>> = {
    "text that is no Unicode": () => spoil(ended(), "body.value.reason", "\ud800"),
    "a number where text belongs": () => spoil(ended(), "body.value.reason", 5),
    "a source that is none": () => spoil(ended(), "source", undefined),
    "a number beyond 32 bits": () => spoil(framed(), "body.value.hops", 2 ** 32),
    "no body": () => spoil(ended(), "body", { case: undefined }),
    "no kind": () => spoil(framed(), "body.value.frame.kind", { case: undefined }),
    "an extra beside a message that is kept whole": () =>
      spoil(busMessage("other", { typeName: "acme.Thing", fields: {} }, envelope), "extra", toStruct({ x: 1 })),
    "an extra beside a frame that is kept whole": () => {
      const other = frame("other", { typeName: "acme.Thing", fields: {} });
      const message = busMessage("frame", { direction: 1, frame: other }, envelope);
      return spoil(message, "body.value.frame.extra", toStruct({ x: 1 }));
    },
  };
  for (const [name, make] of Object.entries(refused)) {
    it(`isn't written: ${name}`, () => expectThrown(Code.INVALID_ARGUMENT, () => codecFor().encode(make())));
  }
});

/** Sets a part of a message to anything. */
function spoil(message: BusMessage, path: string, value: unknown): BusMessage {
  const keys = path.split(".");
  const last = keys.pop() as string;
  const holder = keys.reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], message);
  (holder as Record<string, unknown>)[last] = value;
  return message;
}
