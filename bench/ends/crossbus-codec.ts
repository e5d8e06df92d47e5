/** The codec of this package. */
import { protobufCodec } from "../../src/codec/protobuf.js";
import { type BusMessage, busMessage, frame } from "../../src/index.js";
import { audioFields, type CodecSample, type CodecSamples, envelope, payload, task, text } from "./codec.js";

function sample(build: () => BusMessage): CodecSample {
  return { encode: () => protobufCodec.encode(build()), decode: (bytes) => protobufCodec.decode(bytes) };
}

function audio(size: number): CodecSample {
  const fields = audioFields(size);
  return sample(() => busMessage("frame", { frame: frame("inputAudioRaw", fields), direction: 1 }, envelope));
}

export const samples: CodecSamples = {
  text: sample(() => busMessage("frame", { frame: frame("text", { text }), direction: 1 }, envelope)),
  "audio 640 B": audio(640),
  "audio 1 920 B": audio(1920),
  "task, 1 kB": sample(() => busMessage("taskRequest", { ...task, payload }, envelope)),
};
