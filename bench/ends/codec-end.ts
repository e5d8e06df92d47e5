/** Has a codec encode and decode, and takes the time. */
import { now } from "../harness/clock.js";
import type { CodecSamples, SampleName } from "./codec.js";

export async function open({ maker }: { readonly maker: string }): Promise<CodecEnd> {
  const { samples } = (await import(new URL(`../${maker}`, import.meta.url).href)) as {
    readonly samples: CodecSamples;
  };
  return new CodecEnd(samples);
}

class CodecEnd {
  readonly #samples: CodecSamples;
  /** The last result, so that nothing can be left out because nobody wants it. */
  last: unknown;

  constructor(samples: CodecSamples) {
    this.#samples = samples;
  }

  /** The size of a message, encoded. */
  size(name: SampleName): number {
    return this.#samples[name].encode().length;
  }

  /** Builds and encodes a message so many times. Returns how long that took. */
  encode(name: SampleName, count: number): number {
    const sample = this.#samples[name];
    const began = now();
    for (let i = 0; i < count; i++) {
      this.last = sample.encode();
    }
    return now() - began;
  }

  /** Decodes a message so many times. Returns how long that took. */
  decode(name: SampleName, count: number): number {
    const sample = this.#samples[name];
    const bytes = sample.encode();
    const began = now();
    for (let i = 0; i < count; i++) {
      this.last = sample.decode(bytes);
    }
    return now() - began;
  }
}
