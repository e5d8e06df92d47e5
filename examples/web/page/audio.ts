import { sampleRate, samplesOf } from "./pcm.js";

/** A microphone that is on. */
export interface Microphone {
  stop(): void;
}

/** What a chunk of recorded audio is. */
export interface Chunk {
  readonly samples: Int16Array;
  /** How loud it is, from 0 to 1. */
  readonly level: number;
}

/** Turns the microphone on, and gives what it records in chunks. Rejects when people don't allow it, or there is none. */
export async function openMicrophone(chunk: (chunk: Chunk) => void): Promise<Microphone> {
  const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true };
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  // At the rate of the device: not every browser records at another one. The worklet makes 16 kHz of it.
  const context = new AudioContext();
  const stop = () => {
    for (const track of stream.getTracks()) {
      track.stop();
    }
    void context.close();
  };
  try {
    await context.audioWorklet.addModule("/capture-worklet.js");
    const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    capture.port.onmessage = ({ data }: MessageEvent<Chunk>) => chunk(data);
    context.createMediaStreamSource(stream).connect(capture);
    await context.resume();
    return { stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** Says in plain words why there is no microphone. */
export function whyNoMicrophone(error: unknown): string {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
      return "The microphone isn’t allowed for this page. Allow it in the browser’s settings for this site, then try again. Typing works all the same.";
    case "NotFoundError":
      return "No microphone was found. Connect one, then try again. Typing works all the same.";
    case "NotReadableError":
      return "The microphone is in use by another program. Close that one, then try again.";
    default:
      return "The microphone can’t be used in this browser. Typing works all the same.";
  }
}

/** How far behind playback starts, so that pieces that come late make no gaps, and at most, in seconds. */
const startDelay = 0.2;
const maxDelay = 1;

/** Makes what plays pieces of audio, one after the other. */
export function player(): (pcm: Uint8Array, rate: number) => void {
  let context: AudioContext | undefined;
  let next = 0;
  return (pcm, rate) => {
    context ??= new AudioContext();
    const samples = samplesOf(pcm);
    // Audio that was kept while the network was away comes all at once: it isn't worth hearing late.
    if (samples.length === 0 || next - context.currentTime > maxDelay) {
      return;
    }
    const buffer = context.createBuffer(1, samples.length, rate > 0 ? rate : sampleRate);
    buffer.copyToChannel(samples, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    next = next < context.currentTime ? context.currentTime + startDelay : next;
    source.start(next);
    next += buffer.duration;
  };
}
