/** Runs where audio is processed: makes chunks of what the microphone records, and hands them to the page. */
import { chunker } from "./pcm.js";

// What this scope has, which the types of the page don't know.
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

class Capture extends AudioWorkletProcessor {
  readonly #chunker = chunker(sampleRate);

  process([input]: readonly (readonly Float32Array[])[]): boolean {
    const mono = input?.[0];
    if (mono !== undefined) {
      this.#chunker.push(mono, (samples, level) => {
        this.port.postMessage({ samples, level }, [samples.buffer]);
      });
    }
    return true;
  }
}

registerProcessor("capture", Capture);
