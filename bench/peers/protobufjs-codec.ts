/** protobufjs, with static code. */
import {
  audioFields,
  type CodecSample,
  type CodecSamples,
  envelope,
  payload,
  task,
  text,
  toValueFields,
} from "../ends/codec.js";
import { crossbus } from "../generated/protobufjs/messages.js";

const { BusMessage } = crossbus.v1;

function sample(body: () => object): CodecSample {
  return {
    encode: () => BusMessage.encode({ ...envelope, ...body() }).finish(),
    decode: (bytes) => BusMessage.decode(bytes),
  };
}

function audio(size: number): CodecSample {
  const inputAudioRaw = audioFields(size);
  return sample(() => ({ frame: { direction: 1, frame: { inputAudioRaw } } }));
}

export const samples: CodecSamples = {
  text: sample(() => ({ frame: { direction: 1, frame: { text: { text } } } })),
  "audio 640 B": audio(640),
  "audio 1 920 B": audio(1920),
  "task, 1 kB": sample(() => ({ taskRequest: { ...task, payload: toValueFields(payload, (value) => value) } })),
};
