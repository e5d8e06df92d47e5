/** `@bufbuild/protobuf`, with the very code that is generated for this package. */
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BusMessageSchema } from "../../gen/crossbus/v1/message_pb.js";
import type { ValueSchema } from "../../gen/crossbus/v1/value_pb.js";
import type { ValueInit } from "../../src/message/value.js";
import { audioFields, type CodecSample, type CodecSamples, envelope, payload, task, text } from "./codec.js";

type Body = NonNullable<MessageInitShape<typeof BusMessageSchema>["body"]>;

function sample(body: () => Body): CodecSample {
  return {
    encode: () => toBinary(BusMessageSchema, create(BusMessageSchema, { ...envelope, body: body() })),
    decode: (bytes) => fromBinary(BusMessageSchema, bytes),
  };
}

function audio(size: number): CodecSample {
  const value = audioFields(size);
  return sample(() => ({
    case: "frame",
    value: { direction: 1, frame: { kind: { case: "inputAudioRaw", value } } },
  }));
}

function toValue(plain: ValueInit | undefined): MessageInitShape<typeof ValueSchema> {
  switch (typeof plain) {
    case "string":
      return { kind: { case: "stringValue", value: plain } };
    case "boolean":
      return { kind: { case: "boolValue", value: plain } };
    case "number":
      return Number.isInteger(plain)
        ? { kind: { case: "intValue", value: BigInt(plain) } }
        : { kind: { case: "doubleValue", value: plain } };
  }
  if (Array.isArray(plain)) {
    return { kind: { case: "listValue", value: { values: plain.map(toValue) } } };
  }
  const entries = Object.entries(plain as Readonly<Record<string, ValueInit>>);
  return {
    kind: { case: "structValue", value: { entries: entries.map(([key, value]) => ({ key, value: toValue(value) })) } },
  };
}

export const samples: CodecSamples = {
  text: sample(() => ({
    case: "frame",
    value: { direction: 1, frame: { kind: { case: "text", value: { text } } } },
  })),
  "audio 640 B": audio(640),
  "audio 1 920 B": audio(1920),
  "task, 1 kB": sample(() => ({ case: "taskRequest", value: { ...task, payload: toValue(payload) } })),
};
