import { create, ScalarType } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { FrameSchema } from "../../../gen/crossbus/v1/frame_pb.js";
import { type BusMessage, BusMessageSchema } from "../../../gen/crossbus/v1/message_pb.js";
import { pipecatBodyNames, pipecatFrameNames } from "../../../gen/crossbus/v1/pipecat-names.js";
import { ValueSchema } from "../../../gen/crossbus/v1/value_pb.js";
import { Code, StatusError } from "../../../src/base/status.js";
import type { Codec } from "../../../src/codec/codec.js";
import { jsonCodec } from "../../../src/codec/pipecat/json-codec.js";
import { pythonFieldsOf } from "../../../src/codec/pipecat/python-fields.js";
import { UnreadableJson } from "../../../src/codec/pipecat/read-json.js";
import type { TypeRulesOptions } from "../../../src/codec/pipecat/type-rules.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import { busMessage, frame } from "../../../src/message/build.js";
import { bodyTraits } from "../../../src/message/case-traits.js";
import type { FieldType, MessageType } from "../../../src/message/message-type.js";
import { toStruct, toValue, type ValueInit } from "../../../src/message/value.js";
import { arbitraryBusMessageOf } from "../../support/arbitrary-message.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const envelope = { source: "a", target: "b" };

function codecOf(options: Partial<TypeRulesOptions> = {}, ...listed: string[]): Codec {
  const codec = jsonCodec({ dialect: "pipecat", pipecatVersion: undefined, ...options });
  codec.allowTypes?.(new Set(listed));
  return codec;
}

const write = (codec: Codec, message: BusMessage): string => decoder.decode(codec.encode(message));

/** The reason why a message is invalid. */
function reason(codec: Codec, json: string): string {
  const message = codec.decode(encoder.encode(json));
  return "invalid" in message ? message.invalid : expect.fail(`${json} was taken`);
}

/** A bus message of a class, with members beside the envelope. */
const json = (className: string, members = ""): string =>
  `{"__type__":"pipecat.bus.messages.${className}","__data__":{"source":"a","target":"b"${members}}}`;
const framed = (type: string, data: string, direction = "DOWNSTREAM"): string =>
  json(
    "BusFrameMessage",
    `,"frame":{"__type__":"${type}","__data__":${data}},"direction":{"__type__":"pipecat.processors.frame_processor.FrameDirection","__data__":"${direction}"}`,
  );
const text = (data = '{"text":"hi"}') => framed("pipecat.frames.frames.TextFrame", data);
const update = (value: string) => json("BusJobUpdateMessage", `,"job_id":"1","update":${value}`);
const updating = (value: ValueInit) => busMessage("taskUpdate", { taskId: "1", update: value }, envelope);

/** Runs what must throw a status, and gives it. */
function refused(action: () => unknown): StatusError {
  try {
    action();
  } catch (error) {
    expect(error).to.be.instanceOf(StatusError);
    return error as StatusError;
  }
  return expect.fail("nothing was thrown");
}

describe("the JSON codec", () => {
  for (const dialect of ["pipecat", "pipecat-subagents"] as const) {
    for (const name of Object.keys(bodyTraits)) {
      it(`in dialect ${dialect} brings any ${name} back as it was, or says why it can't write it`, () => {
        let written = 0;
        const codec = jsonCodec({ dialect, pipecatVersion: undefined });
        codec.allowTypes?.("any");
        fc.assert(
          fc.property(arbitraryBusMessageOf(name), (message) => {
            let bytes: Uint8Array;
            try {
              bytes = codec.encode(message);
            } catch (error) {
              expect(error).to.be.instanceOf(StatusError);
              return;
            }
            written += 1;
            const back = codec.decode(bytes);
            expect("invalid" in back ? back.invalid : write(codec, back)).to.equal(decoder.decode(bytes));
            if (!("invalid" in back)) {
              expect(codec.peek(bytes)).to.deep.include({ source: message.source, target: message.target, case: name });
            }
          }),
          { numRuns: 60 },
        );
        const known = jsonCodec({ dialect, pipecatVersion: undefined });
        const hasClass = name === "other" || refusedCode(known, name) !== Code.UNIMPLEMENTED;
        // Most that are made up have something that Python couldn't read; of small messages most are written.
        if (hasClass && ["end", "taskCancel", "deactivateAgent"].includes(name)) {
          expect(written).to.be.greaterThan(5);
        }
      });
    }
  }

  it("throws nothing but a status, and makes no half of a message, whatever is done to the JSON", () => {
    const codec = codecOf({}, "acme.Thing");
    const whole = [text(), update('{"a":[1,{"__type__":"acme.Thing","__data__":{"x":1.0}}]}'), json("BusEndMessage")];
    const piece = fc.constantFrom(
      ...'{}[]",:',
      "__type__",
      "__data__",
      "null",
      "1",
      "1.0",
      '"x"',
      "pipecat",
      "TextFrame",
    );
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...whole), fc.nat(400), fc.nat(8), piece, (before, at, length, put) => {
        const bytes = encoder.encode(before.slice(0, at) + put + before.slice(at + length));
        const read = <T>(call: () => T): T | "unreadable" => {
          try {
            return call();
          } catch (error) {
            expect(error).to.be.instanceOf(UnreadableJson);
            return "unreadable";
          }
        };
        const peeked = read(() => codec.peek(bytes));
        const message = read(() => codec.decode(bytes));
        if (message !== "unreadable" && !("invalid" in message)) {
          taken += 1;
          expect(peeked).to.deep.include({ source: message.source, target: message.target, case: message.body.case });
          // What was taken can be written, in Protocol Buffers too.
          protobufCodec.encode(message);
          codec.encode(message);
        } else if (peeked === "unreadable") {
          expect(message).to.equal("unreadable");
        }
      }),
      { numRuns: 3_000 },
    );
    expect(taken).to.be.greaterThan(10);
  });

  describe("takes for invalid", () => {
    const cases: Record<string, readonly [wire: string, why: RegExp]> = {
      "what is no object": ["[]", /no object with __type__/],
      nothing: ["null", /no object/],
      "an object without a class": ['{"source":"a"}', /no object with __type__/],
      "a class that is no text": ['{"__type__":1,"__data__":{}}', /must have a class name/],
      "a typed object with more keys": ['{"__type__":"x.Y","__data__":{},"z":1}', /no other keys/],
      "data that is no object": ['{"__type__":"pipecat.bus.messages.BusEndMessage","__data__":[]}', /is no object/],
      "a missing source": ['{"__type__":"pipecat.bus.messages.BusEndMessage","__data__":{}}', /source is missing/],
      "a source that is no text": [
        '{"__type__":"pipecat.bus.messages.BusEndMessage","__data__":{"source":1}}',
        /source must/,
      ],
      "a target that is no text": [json("BusEndMessage").replace('"b"', "[]"), /target must be text/],
      "a key twice": [json("BusEndMessage", ',"reason":"x","reason":"y"'), /"reason" occurs twice/],
      "a lone surrogate": [json("BusEndMessage", ',"reason":"\\ud800"'), /lone surrogate/],
      "a class nobody listed": [json("BusEndMessage").replace("BusEnd", "BusOwn"), /add pythonType\("pipecat\.bus/],
      "a message of the other package": [
        json("BusEndMessage").replace("pipecat.bus", "pipecat_subagents.bus"),
        /is none of dialect pipecat/,
      ],
      "a frame where a message belongs": [
        json("BusEndMessage").replace("bus.messages.BusEndMessage", "frames.frames.TextFrame"),
        /doesn't belong here/,
      ],
      "a message where a frame belongs": [framed("pipecat.bus.messages.BusEndMessage", "{}"), /doesn't belong here/],
      "a frame nobody listed": [framed("acme.Frame", "{}"), /frame\.frame: the Python class "acme\.Frame" is neither/],
      "a frame message without a frame": [json("BusFrameMessage"), /frame has no frame/],
      "a frame that is no object": [framed("pipecat.frames.frames.TextFrame", '"hi"'), /must be an object/],
      "a frame without a direction": [text().replace(/,"direction".*/, "}}"), /direction: is missing/],
      "a direction that there isn't": [
        framed("pipecat.frames.frames.TextFrame", '{"text":""}', "SIDEWAYS"),
        /must be a member of .*FrameDirection/,
      ],
      "a direction as text": [text().replace(/"direction":{.*?}/, '"direction":"DOWNSTREAM"'), /must be a member/],
      "a status that there isn't": [
        json("BusJobResponseMessage", ',"job_id":"1","status":"weird"'),
        /status: must be a member/,
      ],
      "the zero of an enumeration": [
        json("BusJobResponseMessage", ',"job_id":"1","status":"unspecified"'),
        /must be a member/,
      ],
      "base64 without padding": [update('{"__type__":"bytes","__data__":"AAE"}'), /base64 with padding/],
      "base64 for URLs": [update('{"__type__":"bytes","__data__":"__8="}'), /base64/],
      "bytes that are no text": [update('{"__type__":"bytes","__data__":[1]}'), /base64/],
      "audio as text": [
        framed("pipecat.frames.frames.InputAudioRawFrame", '{"audio":"AAE=","sample_rate":1,"num_channels":1}'),
        /audio: must be bytes/,
      ],
      "a nested class nobody listed": [
        update('[{"deep":{"__type__":"os.path","__data__":null}}]'),
        /update\[0\]\.deep: the Python class "os\.path"/,
      ],
      "an unknown field of a class nobody listed": [
        text('{"text":"","new":{"__type__":"os.path","__data__":null}}'),
        /new: the Python class/,
      ],
      "an unknown field that begins with _": [text('{"text":"","_x":1}'), /must not start with _/],
      "the metadata of another type": [text('{"text":"","metadata":[]}'), /metadata: must be a dictionary/],
      "a context that is no LLMContext": [
        framed("pipecat.frames.frames.LLMContextFrame", '{"context":{"messages":[]}}'),
        /context: must be a pipecat\.processors/,
      ],
      "a context of another class": [
        framed(
          "pipecat.frames.frames.LLMContextFrame",
          '{"context":{"__type__":"pipecat.frames.frames.FunctionCallFromLLM","__data__":{"messages":[]}}}',
        ),
        /context: must be a pipecat\.processors/,
      ],
      "a context without messages": [
        framed(
          "pipecat.frames.frames.LLMContextFrame",
          '{"context":{"__type__":"pipecat.processors.aggregators.llm_context.LLMContext","__data__":{}}}',
        ),
        /messages: is missing/,
      ],
    };
    for (const [name, [wire, why]] of Object.entries(cases)) {
      it(name, () => expect(reason(codecOf(), wire)).to.match(why));
    }

    it("every field of every class that is missing or of another type", () => {
      const codec = codecOf();
      const samples: Record<string, string> = {
        string: '"s"',
        bool: "true",
        int: "7",
        bytes: '{"__type__":"bytes","__data__":""}',
      };
      let checked = 0;
      const check = (desc: MessageType, wrap: (data: string) => string) => {
        const fields = pythonFieldsOf(desc, "pipecat").list.filter(({ desc: field }) => sampleOf(field) !== undefined);
        const simple = pythonFieldsOf(desc, "pipecat").list.every(
          ({ desc: field }) => sampleOf(field) !== undefined || !isRequired(field),
        );
        if (!simple) {
          return;
        }
        const data = (without: string, instead?: string) =>
          fields
            .flatMap(({ name, desc: field }) => {
              const value = name === without ? instead : samples[sampleOf(field) ?? ""];
              return value === undefined ? [] : [`"${name}":${value}`];
            })
            .join(",");
        expect(codec.decode(encoder.encode(wrap(data("")))), desc.typeName).not.to.have.property("invalid");
        for (const { name, desc: field, isRequired: required } of fields) {
          for (const [type, value] of Object.entries(samples)) {
            if (type !== sampleOf(field)) {
              expect(reason(codec, wrap(data(name, value))), `${desc.typeName}.${name} as ${type}`).to.match(/must be/);
              checked += 1;
            }
          }
          const without = codec.decode(encoder.encode(wrap(data(name))));
          expect("invalid" in without, `whether ${desc.typeName} needs ${name}`).to.equal(required);
        }
      };
      for (const field of BusMessageSchema.oneofs[0]?.fields ?? []) {
        const className = (pipecatBodyNames as Record<string, string>)[field.localName];
        if (className !== undefined && field.message !== undefined && field.localName !== "frame") {
          check(
            field.message,
            (data) => `{"__type__":"${className}","__data__":{"source":"a"${data === "" ? "" : `,${data}`}}}`,
          );
        }
      }
      for (const field of FrameSchema.oneofs[0]?.fields ?? []) {
        const className = (pipecatFrameNames as Record<string, string>)[field.localName];
        if (className !== undefined && field.message !== undefined) {
          check(field.message, (data) => framed(className, `{${data}}`));
        }
      }
      expect(checked).to.be.greaterThan(500);
    });
  });

  it("closes on values that nest deeper than a Value may, and reads those that don't", () => {
    const nested = (levels: number) => update(`${"[".repeat(levels - 1)}1${"]".repeat(levels - 1)}`);
    expect(codecOf().decode(encoder.encode(nested(32)))).to.have.property("body");
    expect(() => codecOf().decode(encoder.encode(nested(33)))).to.throw(UnreadableJson, /more than 32 levels/);
  });

  it("takes what Python writes as null for absent, but in a structured value", () => {
    const message = codecOf().decode(
      encoder.encode(json("BusJobRequestMessage", ',"job_id":"1","job_name":null,"payload":null')),
    );
    expect(message).not.to.have.nested.property("body.value.taskName");
    expect(write(codecOf(), message as BusMessage)).to.equal(
      json("BusJobRequestMessage", ',"job_id":"1","payload":null'),
    );
  });

  it("keeps what a newer peer adds, at every place", () => {
    const wires = [
      json("BusEndMessage", ',"new":{"x":1.0}'),
      text('{"text":"hi","new":[null]}'),
      json(
        "BusWorkerRegistryMessage",
        ',"runner":"r","workers":[{"__type__":"pipecat.registry.types.WorkerRegistryEntry","__data__":{"name":"n","new":1}}]',
      ),
    ];
    for (const wire of wires) {
      const message = codecOf().decode(encoder.encode(wire)) as BusMessage;
      expect(JSON.parse(write(codecOf(), message))).to.deep.equal(JSON.parse(wire));
    }
  });

  it("carries what only Crossbus knows where Python takes no notice", () => {
    const message = busMessage("frame", { frame: frame("text", { text: "hi" }), direction: 1, hops: 3 }, envelope);
    message.traceContext = create(
      BusMessageSchema.fields.find(({ name }) => name === "trace_context")?.message as never,
      {
        traceparent: "00-1",
      } as never,
    ) as never;
    const back = codecOf().decode(codecOf().encode(message)) as BusMessage;
    expect(back).to.have.nested.property("body.value.hops", 3);
    expect(back.traceContext?.traceparent).to.equal("00-1");
  });

  describe("doesn't write", () => {
    const other = (fields: Record<string, ValueInit>, typeName = "acme.Thing") =>
      busMessage("other", { typeName, fields }, envelope);
    const extra = (init: Record<string, ValueInit>) => ({ ...updating(1), extra: toStruct(init) });
    const cases: Record<string, readonly [BusMessage, RegExp]> = {
      "user data that Python would take for an object": [
        updating({ a: [{ __data__: 1, __type__: "os.path" }] }),
        /update\.a\[0\]: a dictionary must not have both/,
      ],
      "user data like that in metadata": [
        busMessage(
          "frame",
          {
            frame: { ...frame("text", { text: "" }), metadata: toStruct({ __type__: "x", __data__: 1 }) },
            direction: 1,
          },
          envelope,
        ),
        /metadata: a dictionary must not have both/,
      ],
      "a class nobody listed": [updating(typed("os.path", 1)), /update: the Python class "os\.path" is neither/],
      "bytes under another name": [updating(typed("bytes", "AAE=")), /must not be the class of a typed value/],
      "another message nobody listed": [other({}, "acme.Else"), /"acme\.Else" is neither/],
      "another message that is on the schema": [
        other({}, "pipecat.bus.messages.BusCancelMessage"),
        /must not be a class that the schema has/,
      ],
      "a source among its fields": [other({ source: "c" }), /must neither name a field/],
      "a special name among its fields": [other({ __dict__: {} }), /must neither name a field/],
      "an extra that names a field": [extra({ job_id: "2" }), /must neither name a field/],
      "an extra that names a field of the envelope": [extra({ source: "c" }), /must neither name a field/],
      "an extra that names a frame's field": [extra({ metadata: {} }), /must neither name a field/],
      "an extra that begins with _": [extra({ _x: 1 }), /nor begin with _/],
      "a status that isn't said": [
        busMessage("taskResponse", { taskId: "1" }, envelope),
        /status: must be a value of .* that is specified/,
      ],
      "a frame without a direction": [
        busMessage("frame", { frame: frame("text") }, envelope),
        /direction: must be a value/,
      ],
      "a frame message without a frame": [busMessage("frame", { direction: 1 }, envelope), /frame: must be set/],
      "audio without a number of channels": [
        busMessage("frame", { frame: frame("inputAudioRaw", { sampleRate: 1 }), direction: 1 }, envelope),
        /numChannels: must be set: Python can't do without it/,
      ],
      "a context frame without a context": [
        busMessage("frame", { frame: frame("llmContext"), direction: 1 }, envelope),
        /context: must be set/,
      ],
      "fields that only Protocol Buffers know": [
        { ...updating(1), $unknown: [{ no: 7, wireType: 0, data: Uint8Array.of(1) }] },
        /\$unknown: fields that only Protocol Buffers know/,
      ],
    };
    for (const [name, [message, why]] of Object.entries(cases)) {
      it(name, () => {
        const error = refused(() => codecOf({}, "acme.Thing").encode(message));
        expect(error.code).to.equal(Code.INVALID_ARGUMENT);
        expect(error.message).to.match(why);
      });
    }
  });

  it("lets a listed class through at any depth, and no other", () => {
    const codec = codecOf({}, "acme.Thing");
    const wire = update('{"a":[{"__type__":"acme.Thing","__data__":{"x":{"__type__":"acme.Thing","__data__":1}}}]}');
    expect(write(codec, codec.decode(encoder.encode(wire)) as BusMessage)).to.equal(wire);
    const whole = '{"__type__":"acme.Thing","__data__":{"source":"a","_private":1,"id":"mine"}}';
    expect(JSON.parse(write(codec, codec.decode(encoder.encode(whole)) as BusMessage))).to.deep.equal(
      JSON.parse(whole),
    );
  });

  it("writes no class that came after the peer's release, until the peer has sent it", () => {
    const codec = codecOf({ pipecatVersion: "1.7.0" });
    const message = busMessage("frame", { frame: frame("proposedUserStartedSpeaking"), direction: 1 }, envelope);
    const error = refused(() => codec.encode(message));
    expect(error).to.include({ code: Code.FAILED_PRECONDITION });
    expect(error.message).to.match(/ProposedUserStartedSpeakingFrame came with pipecat-ai 1\.8\.0.* 1\.7\.0/);
    refused(() => codec.encode(updating(typed("pipecat.frames.frames.VolumeFrame", {}))));
    codec.decode(encoder.encode(framed("pipecat.frames.frames.ProposedUserStartedSpeakingFrame", "{}")));
    codec.encode(message);
    codecOf({ pipecatVersion: "1.8.0" }).encode(message);
  });

  it("writes tools in the form that the peer's release reads, or that the peer uses", () => {
    const tools = { standardTools: [{ name: "f" }] };
    const message = busMessage("frame", { frame: frame("llmContext", { context: { tools } }), direction: 1 }, envelope);
    const flat = '"tools":[{"name":"f"}]';
    const object = '"tools":{"standard_tools":[{"name":"f"}]}';
    expect(write(codecOf({ pipecatVersion: "1.5.0" }), message)).to.include(flat);
    expect(write(codecOf({ pipecatVersion: "1.6.0" }), message)).to.include(object);
    expect(write(codecOf({ dialect: "pipecat-subagents", pipecatVersion: "1.0.0" }), message)).to.include(flat);
    expect(write(codecOf({ pipecatVersion: "1.5.0", tools: "object" }), message)).to.include(object);
    const learner = codecOf({ pipecatVersion: "1.3.0" });
    learner.decode(codecOf({ pipecatVersion: "1.6.0" }).encode(message));
    expect(write(learner, message)).to.include(object);
    const custom = busMessage(
      "frame",
      { frame: frame("llmContext", { context: { tools: { customTools: { gemini: [] } } } }), direction: 1 },
      envelope,
    );
    expect(refused(() => codecOf({ pipecatVersion: "1.5.0" }).encode(custom))).to.include({
      code: Code.FAILED_PRECONDITION,
    });
  });

  it("calls tools by the name that they came with, where the peer has it", () => {
    const moved = "pipecat.adapters.llm.schemas.tools_schema.ToolsSchema";
    const data = `{"tools":{"__type__":"${moved}","__data__":{"standard_tools":[]}}}`;
    const message = codecOf().decode(
      encoder.encode(framed("pipecat.frames.frames.LLMSetToolsFrame", data)),
    ) as BusMessage;
    expect(write(codecOf(), message)).to.include(moved);
    expect(write(codecOf({ pipecatVersion: "1.13.0" }), message)).to.include(
      "pipecat.adapters.schemas.tools_schema.ToolsSchema",
    );
  });

  it("decodes what was not peeked before, and what was peeked long before", () => {
    const codec = codecOf();
    const [first, second] = [encoder.encode(text()), encoder.encode(update("1"))];
    codec.peek(first);
    codec.peek(second);
    expect(codec.decode(first)).to.have.nested.property("body.case", "frame");
    expect(codec.decode(second)).to.have.nested.property("body.case", "taskUpdate");
  });
});

/** A typed value of a class. */
function typed(typeName: string, content: ValueInit) {
  return create(ValueSchema, { kind: { case: "typedValue", value: { typeName, value: toValue(content) } } });
}

/** What refuses an empty message of a case. */
function refusedCode(codec: Codec, name: string): Code | undefined {
  try {
    codec.encode(busMessage(name as "end", {}, envelope));
    return undefined;
  } catch (error) {
    return (error as StatusError).code;
  }
}

function isRequired(field: FieldType): boolean {
  return pythonFieldsOf(field.parent, "pipecat").list.some(
    ({ desc, isRequired: required }) => desc === field && required,
  );
}

/** The name of a sample that a field takes; undefined for one that takes more than scalars. */
function sampleOf(field: FieldType): string | undefined {
  if (field.fieldKind !== "scalar") {
    return undefined;
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      return "string";
    case ScalarType.BOOL:
      return "bool";
    case ScalarType.BYTES:
      return "bytes";
    default:
      return "int";
  }
}
