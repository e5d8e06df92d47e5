/** The code of ts-proto. */
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
import { BusMessage, type DeepPartial } from "../generated/ts-proto/crossbus/v1/message.js";

function sample(body: () => DeepPartial<BusMessage>): CodecSample {
  return {
    encode: () => BusMessage.encode(BusMessage.fromPartial({ ...envelope, ...body() })).finish(),
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
  "task, 1 kB": sample(() => ({ taskRequest: { ...task, payload: toValueFields(payload, BigInt) } })),
};
