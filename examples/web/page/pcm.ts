/** The samples a second that are sent, one channel of 16 bits. */
export const sampleRate = 16_000;

/** How many samples are sent at a time: 20 ms. */
export const chunkSamples = 320;

/** What makes chunks to send of what a microphone records. */
export interface Chunker {
  /** Takes samples from -1 to 1, and gives each chunk that is full. */
  push(samples: Float32Array, chunk: (samples: Int16Array, level: number) => void): void;
}

/**
 * Makes chunks of samples that come at another rate. Each sample that is sent is the mean of those that came in its time,
 * which is all the filter that speech needs; where they come at a lower rate the last one is repeated.
 */
export function chunker(rate: number): Chunker {
  let chunk = new Int16Array(chunkSamples);
  let filled = 0;
  let squares = 0;
  let sum = 0;
  let count = 0;
  let last = 0;
  /** How much of a sample to send has come. */
  let due = 0;
  const step = sampleRate / rate;

  return {
    push(samples, full) {
      for (const sample of samples) {
        sum += sample;
        count++;
        due += step;
        while (due >= 1 - 1e-9) {
          due -= 1;
          last = count === 0 ? last : Math.max(-1, Math.min(1, sum / count));
          sum = 0;
          count = 0;
          chunk[filled++] = Math.round(last * (last < 0 ? 32_768 : 32_767));
          squares += last * last;
          if (filled === chunkSamples) {
            full(chunk, Math.sqrt(squares / chunkSamples));
            chunk = new Int16Array(chunkSamples);
            filled = 0;
            squares = 0;
          }
        }
      }
    },
  };
}

/** The bytes of samples, the low one of each first, whatever this machine has. */
export function bytesOf(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [index, sample] of samples.entries()) {
    view.setInt16(index * 2, sample, true);
  }
  return bytes;
}

/** The samples that bytes stand for, from -1 to 1. Half a sample at the end is dropped. */
export function samplesOf(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length >> 1 }, (_, index) => view.getInt16(index * 2, true) / 32_768);
}
