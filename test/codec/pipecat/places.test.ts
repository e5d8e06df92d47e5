import { expect } from "chai";
import { describe, it } from "mocha";
import type { BusMessage } from "../../../gen/crossbus/v1/message_pb.js";
import type { Value } from "../../../gen/crossbus/v1/value_pb.js";
import { Code } from "../../../src/base/status.js";
import type { Codec } from "../../../src/codec/codec.js";
import { jsonCodec } from "../../../src/codec/pipecat/json-codec.js";
import { UnreadableJson } from "../../../src/codec/pipecat/read-json.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import { toStruct } from "../../../src/message/value.js";
import { expectThrown } from "../../support/expect-status.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const classes = {
  context: "pipecat.processors.aggregators.llm_context.LLMContext",
  tools: "pipecat.adapters.schemas.tools_schema.ToolsSchema",
  direction: "pipecat.processors.frame_processor.FrameDirection",
  entry: "pipecat.registry.types.WorkerRegistryEntry",
};

const object = (className: string, data: string) => `{"__type__":"${className}","__data__":{${data}}}`;
const message = (className: string, data: string) =>
  object(`pipecat.bus.messages.${className}`, `"source":"a","target":"b"${data === "" ? "" : `,${data}`}`);
const framed = (className: string, data: string) =>
  message(
    "BusFrameMessage",
    `"frame":${object(`pipecat.frames.frames.${className}`, data)},"direction":{"__type__":"${classes.direction}","__data__":"UPSTREAM"}`,
  );
const inContext = (data: string) => framed("LLMContextFrame", `"context":${object(classes.context, data)}`);
const inCall = (data: string) =>
  framed(
    "FunctionCallsStartedFrame",
    `"function_calls":[${object("pipecat.frames.frames.FunctionCallFromLLM", `"function_name":"f","tool_call_id":"1","arguments":{},${data}`)}]`,
  );

/** Every sort of place where a message holds a value that can be anything, by what is around it. */
const places: Readonly<Record<string, (value: string) => string>> = {
  "a payload": (value) => message("BusJobUpdateMessage", `"job_id":"1","update":${value}`),
  "a payload's dictionary": (value) => message("BusJobUpdateMessage", `"job_id":"1","update":{"k":${value}}`),
  "a payload's list": (value) => message("BusJobUpdateMessage", `"job_id":"1","update":[1,${value}]`),
  "a payload's object": (value) =>
    message("BusJobUpdateMessage", `"job_id":"1","update":{"__type__":"acme.Around","__data__":${value}}`),
  "the arguments of an activation": (value) => message("BusActivateWorkerMessage", `"args":${value}`),
  "an unknown field of a message": (value) => message("BusEndMessage", `"new":${value}`),
  "the metadata of a message": (value) => message("BusEndMessage", `"metadata":{"k":${value}}`),
  "an unknown field of an entry": (value) =>
    message(
      "BusWorkerRegistryMessage",
      `"runner":"r","workers":[${object(classes.entry, `"name":"n","new":${value}`)}]`,
    ),
  "an unknown field of a frame message": (value) =>
    framed("TextFrame", `"text":""`).replace(/}}$/, `,"new":${value}}}`),
  "an unknown field of a frame": (value) => framed("TextFrame", `"text":"","new":${value}`),
  "the metadata of a frame": (value) => framed("TextFrame", `"text":"","metadata":{"k":${value}}`),
  "the messages of a frame": (value) => framed("LLMMessagesAppendFrame", `"messages":[${value}]`),
  "the messages of a context": (value) => inContext(`"messages":[{"role":"user","content":${value}}]`),
  "the choice of tools": (value) => inContext(`"messages":[],"tool_choice":${value}`),
  "an unknown field of a context": (value) => inContext(`"messages":[],"new":${value}`),
  "the flat tools of a context": (value) => inContext(`"messages":[],"tools":[{"name":"f","parameters":${value}}]`),
  "the tools of a context": (value) => inContext(`"messages":[],"tools":{"standard_tools":[${value}]}`),
  "the custom tools of a context": (value) =>
    inContext(`"messages":[],"tools":{"standard_tools":[],"custom_tools":{"gemini":[${value}]}}`),
  "an unknown field of a context's tools": (value) =>
    inContext(`"messages":[],"tools":{"standard_tools":[],"new":${value}}`),
  "the tools of a frame": (value) =>
    framed("LLMSetToolsFrame", `"tools":${object(classes.tools, `"standard_tools":[${value}]`)}`),
  "an unknown field of a frame's tools": (value) =>
    framed("LLMSetToolsFrame", `"tools":${object(classes.tools, `"standard_tools":[],"new":${value}`)}`),
  "a list of tools": (value) => framed("LLMSetToolsFrame", `"tools":[${value}]`),
  "the arguments of a call": (value) => inCall(`"new":0`).replace('"arguments":{}', `"arguments":{"x":${value}}`),
  "an unknown field of a call": (value) => inCall(`"new":${value}`),
  "the context of a call": (value) => inCall(`"context":${object(classes.context, `"messages":[${value}]`)}`),
  "an unknown field of a call's context": (value) =>
    inCall(`"context":${object(classes.context, `"messages":[],"new":${value}`)}`),
  "the tools of a call's context": (value) =>
    inCall(`"context":${object(classes.context, `"messages":[],"tools":{"standard_tools":[${value}]}`)}`),
  "an unknown field of a call's tools": (value) =>
    inCall(`"context":${object(classes.context, `"messages":[],"tools":{"standard_tools":[],"new":${value}}`)}`),
  "the result of a call": (value) =>
    framed("FunctionCallResultFrame", `"function_name":"f","tool_call_id":"1","arguments":{},"result":${value}`),
  "a message of another class": (value) => object("acme.Around", `"source":"a","x":${value}`),
  "a frame of another class": (value) =>
    framed("TextFrame", `"x":${value}`).replace("pipecat.frames.frames.TextFrame", "acme.Around"),
};

function codecFor(listed: readonly string[] = [], pipecatVersion?: string): Codec {
  const codec = jsonCodec({ dialect: "pipecat", pipecatVersion });
  codec.allowTypes?.(new Set(["acme.Around", ...listed]));
  return codec;
}

function decoded(codec: Codec, wire: string): BusMessage {
  const result = codec.decode(encoder.encode(wire));
  return "invalid" in result ? expect.fail(`${wire}: ${result.invalid}`) : result;
}

/** Finds the typed value of a class in a message. */
function find(message: unknown, typeName: string): Value {
  const visit = (part: unknown): Value | undefined => {
    if (typeof part !== "object" || part === null || part instanceof Uint8Array) {
      return undefined;
    }
    const { kind } = part as Partial<Value>;
    if (kind?.case === "typedValue" && kind.value.typeName === typeName) {
      return part as Value;
    }
    for (const inner of Object.values(part)) {
      const found = visit(inner);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  };
  return visit(message) ?? expect.fail(`there is no ${typeName}`);
}

const thing = '{"__type__":"acme.Thing","__data__":{"n":1,"x":1.0}}';
const volume = "pipecat.frames.frames.VolumeFrame";

for (const [place, around] of Object.entries(places)) {
  describe(`in ${place}`, () => {
    it("a class is taken and written where it is listed, and nowhere else", () => {
      const wire = around(thing);
      const message = decoded(codecFor(["acme.Thing"]), wire);
      const bytes = codecFor(["acme.Thing"]).encode(protobufCodec.decode(protobufCodec.encode(message)));
      expect(JSON.parse(decoder.decode(bytes))).to.deep.equal(JSON.parse(wire));
      expect(codecFor().decode(bytes))
        .to.have.property("invalid")
        .that.matches(/the Python class "acme\.Thing" is neither/);
      expectThrown(Code.INVALID_ARGUMENT, () => codecFor().encode(message));
    });

    it("a message class of the other dialect is none, though anything is allowed", () => {
      const codec = codecFor();
      codec.allowTypes?.("any");
      const stranger = "pipecat_subagents.bus.messages.BusEndMessage";
      const invalid = codec.decode(encoder.encode(around(thing.replace("acme.Thing", stranger))));
      expect(invalid)
        .to.have.property("invalid")
        .that.matches(/is none of dialect pipecat/);
      const message = decoded(codec, around(thing));
      (find(message, "acme.Thing").kind.value as { typeName: string }).typeName = stranger;
      expectThrown(Code.INVALID_ARGUMENT, () => codec.encode(message));
    });

    it("user data that Python would take for an object isn't written", () => {
      const message = decoded(codecFor(["acme.Thing"]), around(thing));
      const value = find(message, "acme.Thing");
      value.kind = { case: "structValue", value: toStruct({ __type__: "acme.Thing", x: 1 }) };
      codecFor(["acme.Thing"]).encode(message);
      value.kind = { case: "structValue", value: toStruct({ __data__: null, x: 1, __type__: null }) };
      const error = expectThrown(Code.INVALID_ARGUMENT, () => codecFor(["acme.Thing"]).encode(message));
      expect(error.message).to.match(/must not have both __type__ and __data__/);
    });

    it("an object has no other keys", () => {
      const invalid = codecFor(["acme.Thing"]).decode(encoder.encode(around(thing.replace(/}$/, ',"z":1}'))));
      expect(invalid)
        .to.have.property("invalid")
        .that.matches(/no other keys/);
    });

    it("a class that came after the peer's release isn't written until the peer has sent it", () => {
      const wire = around(thing.replace("acme.Thing", volume));
      const message = decoded(codecFor(), wire);
      const codec = codecFor([], "1.12.0");
      expectThrown(Code.FAILED_PRECONDITION, () => codec.encode(message));
      decoded(codec, wire);
      codec.encode(message);
      codecFor([], "1.13.0").encode(message);
    });

    it("values nest as deep as they can be written again, and no deeper", () => {
      const codec = codecFor(["acme.Thing"]);
      for (const [open, close] of [
        ["[", "]"],
        ['{"k":', "}"],
        ['{"__type__":"acme.Thing","__data__":', "}"],
      ] as const) {
        let deepest = 0;
        for (let levels = 24; levels <= 40; levels++) {
          const bytes = encoder.encode(around(`${open.repeat(levels - 1)}1${close.repeat(levels - 1)}`));
          try {
            const message = codec.decode(bytes);
            expect(message).to.have.property("body");
            deepest = levels;
            const again = codec.encode(protobufCodec.decode(protobufCodec.encode(message as BusMessage)));
            expect(again).to.have.length(bytes.length);
          } catch (error) {
            expect(error, `${levels} levels`).to.be.instanceOf(UnreadableJson);
            expect((error as Error).message).to.match(/nests more than 32 levels deep/);
          }
        }
        // What stands around the value are levels too.
        expect(deepest).to.be.within(28, 32);
      }
    });

    it("what is no Unicode, and a key that occurs twice, is invalid", () => {
      const codec = codecFor();
      expect(codec.decode(encoder.encode(around('"\\udfff"'))))
        .to.have.property("invalid")
        .that.matches(/lone surrogate/);
      expect(codec.decode(encoder.encode(around('{"k":1,"\\u006b":1}'))))
        .to.have.property("invalid")
        .that.matches(/twice/);
    });
  });
}
