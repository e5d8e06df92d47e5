/** msgpackr: no schema, so names travel along and nothing is checked. */
import { pack, unpack } from "msgpackr";
import { audioFields, type CodecSample, type CodecSamples, envelope, payload, task, text } from "../ends/codec.js";

function sample(body: () => object): CodecSample {
  return { encode: () => pack({ ...envelope, ...body() }), decode: (bytes) => unpack(bytes) };
}

function audio(size: number): CodecSample {
  const inputAudioRaw = audioFields(size);
  return sample(() => ({ frame: { direction: 1, frame: { inputAudioRaw } } }));
}

export const samples: CodecSamples = {
  text: sample(() => ({ frame: { direction: 1, frame: { text: { text } } } })),
  "audio 640 B": audio(640),
  "audio 1 920 B": audio(1920),
  "task, 1 kB": sample(() => ({ taskRequest: { ...task, payload } })),
};
