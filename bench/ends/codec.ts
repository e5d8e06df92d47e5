import type { ValueInit } from "../../src/message/value.js";

/** The messages that codecs are measured with. */
export const sampleNames = ["text", "audio 640 B", "audio 1 920 B", "task, 1 kB"] as const;

export type SampleName = (typeof sampleNames)[number];

/** What a codec does with one of the messages. */
export interface CodecSample {
  /** Builds the message, from what an application has, and encodes it. */
  encode(): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

/** A codec, with its ways for all messages. */
export type CodecSamples = Readonly<Record<SampleName, CodecSample>>;

/** The names in the envelope. */
export const envelope = { source: "acme", target: "assistant" };

/** What the text frame says. */
export const text = "Our rocket skates are 149 dollars a pair, fuel not included.";

/** What an audio frame of so many bytes says. */
export function audioFields(size: number) {
  return { audio: Uint8Array.from({ length: size }, (_, i) => i % 251), sampleRate: 16_000, numChannels: 1 };
}

export const task = { taskId: "4d4f4a9e", taskName: "work" };

/** What a task carries: about 1 kB, encoded. */
export const payload = {
  topic: "anvils",
  items: Array.from({ length: 10 }, (_, id) => ({
    id,
    name: `item number ${id}`,
    price: id + 0.5,
    tags: ["heavy", "iron"],
    inStock: id % 2 === 0,
  })),
};

/**
 * Plain JavaScript as most generated code takes it for a `Value`: an object with one of several fields. `toInt` makes
 * what it takes for an integer of 64 bits.
 */
export function toValueFields(plain: ValueInit | undefined, toInt: (value: number) => unknown): object {
  switch (typeof plain) {
    case "string":
      return { stringValue: plain };
    case "boolean":
      return { boolValue: plain };
    case "number":
      return Number.isInteger(plain) ? { intValue: toInt(plain) } : { doubleValue: plain };
  }
  if (Array.isArray(plain)) {
    return { listValue: { values: plain.map((value) => toValueFields(value, toInt)) } };
  }
  return {
    structValue: {
      entries: Object.entries(plain as Readonly<Record<string, ValueInit>>).map(([key, value]) => ({
        key,
        value: toValueFields(value, toInt),
      })),
    },
  };
}
