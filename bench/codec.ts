import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type BusMessage, BusMessageSchema } from "../gen/crossbus/v1/message_pb.js";
import type { ValueSchema } from "../gen/crossbus/v1/value_pb.js";
import { protobufCodec } from "../src/codec/protobuf.js";
import { busMessage, frame } from "../src/message/build.js";
import type { ValueInit } from "../src/message/value.js";
import type { Contestant, Workload } from "./workload.js";

/** How many messages there are in one turn. */
const count = 5_000;

const envelope = { source: "acme", target: "assistant" };

/** What a task carries: about 1 kB, encoded. */
const payload = {
  topic: "anvils",
  items: Array.from({ length: 10 }, (_, id) => ({
    id,
    name: `item number ${id}`,
    price: id + 0.5,
    tags: ["heavy", "iron"],
    inStock: id % 2 === 0,
  })),
};

/** A message in the words of this package, and in those of protobuf-es. */
interface Sample {
  readonly name: string;
  ours(): BusMessage;
  theirs(): BusMessage;
}

const samples: readonly Sample[] = [
  text("text", "Our rocket skates are 149 dollars a pair, fuel not included."),
  audio(640),
  audio(1920),
  {
    name: "task",
    ours: () => busMessage("taskRequest", { taskId: "4d4f4a9e", taskName: "work", payload }, envelope),
    theirs: () =>
      create(BusMessageSchema, {
        ...envelope,
        body: { case: "taskRequest", value: { taskId: "4d4f4a9e", taskName: "work", payload: toInit(payload) } },
      }),
  },
];

function text(name: string, content: string): Sample {
  return {
    name,
    ours: () => busMessage("frame", { frame: frame("text", { text: content }), direction: 1 }, envelope),
    theirs: () =>
      create(BusMessageSchema, {
        ...envelope,
        body: {
          case: "frame",
          value: { direction: 1, frame: { kind: { case: "text", value: { text: content } } } },
        },
      }),
  };
}

function audio(size: number): Sample {
  const fields = { audio: Uint8Array.from({ length: size }, (_, i) => i % 251), sampleRate: 16_000, numChannels: 1 };
  return {
    name: `audio ${size} B`,
    ours: () => busMessage("frame", { frame: frame("inputAudioRaw", fields), direction: 1 }, envelope),
    theirs: () =>
      create(BusMessageSchema, {
        ...envelope,
        body: {
          case: "frame",
          value: { direction: 1, frame: { kind: { case: "inputAudioRaw", value: fields } } },
        },
      }),
  };
}

/** Plain JavaScript as protobuf-es takes it for a `Value`. */
function toInit(plain: ValueInit | undefined): MessageInitShape<typeof ValueSchema> {
  if (typeof plain === "string") {
    return { kind: { case: "stringValue", value: plain } };
  }
  if (typeof plain === "boolean") {
    return { kind: { case: "boolValue", value: plain } };
  }
  if (typeof plain === "number") {
    return Number.isInteger(plain)
      ? { kind: { case: "intValue", value: BigInt(plain) } }
      : { kind: { case: "doubleValue", value: plain } };
  }
  if (Array.isArray(plain)) {
    return { kind: { case: "listValue", value: { values: plain.map(toInit) } } };
  }
  const entries = Object.entries(plain as Readonly<Record<string, ValueInit>>);
  return {
    kind: { case: "structValue", value: { entries: entries.map(([key, value]) => ({ key, value: toInit(value) })) } },
  };
}

/** Building and encoding messages, and decoding them: with the codec of this package, and with protobuf-es. */
export const codecWorkload: Workload = {
  name: "codec",
  unit: "µs",
  async setUp() {
    return samples.flatMap(({ name, ours, theirs }) => {
      const bytes = protobufCodec.encode(ours());
      return [
        contestant(`encode ${name}`, () => protobufCodec.encode(ours())),
        contestant(`encode ${name}, protobuf-es`, () => toBinary(BusMessageSchema, theirs())),
        contestant(`decode ${name}`, () => protobufCodec.decode(bytes)),
        contestant(`decode ${name}, protobuf-es`, () => fromBinary(BusMessageSchema, bytes)),
      ];
    });
  },
};

function contestant(name: string, work: () => unknown): Contestant {
  return {
    name,
    count,
    async run() {
      for (let i = 0; i < count; i++) {
        work();
      }
    },
    async tearDown() {},
  };
}
