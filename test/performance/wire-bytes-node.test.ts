import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { bodyTraits, frameTraits } from "../../gen/crossbus/v1/traits.js";
import { root } from "../../scripts/run.js";
import { protobufCodec } from "../../src/codec/protobuf.js";
import { type BodyCase, busMessage, type FrameKind, frame } from "../../src/index.js";

const recordFile = join(root, "test/performance/wire-bytes.json");
const envelope = { source: "acme", target: "assistant" };

/** What hot messages carry; all others carry no more than they must. */
const contents: Readonly<Record<string, object>> = {
  inputAudioRaw: { audio: new Uint8Array(640), sampleRate: 16_000, numChannels: 1 },
  outputAudioRaw: { audio: new Uint8Array(1_920), sampleRate: 48_000, numChannels: 1 },
  ttsAudioRaw: { audio: new Uint8Array(640), sampleRate: 16_000, numChannels: 1 },
  text: { text: "Our rocket skates are 149 dollars a pair, fuel not included." },
  llmText: { text: "Good morning!" },
  taskRequest: {
    taskId: "4d4f4a9e",
    taskName: "work",
    payload: Array.from({ length: 10 }, (_, id) => ({ id, name: `item ${id}`, price: id + 0.5, inStock: true })),
  },
};

/** How many bytes a message of each type takes: bus messages by their case, frames by their kind. */
function measure(): Readonly<Record<string, number>> {
  const bytes: Record<string, number> = {};
  for (const name of Object.keys(bodyTraits) as BodyCase[]) {
    if (name !== "frame" && name !== "custom" && name !== "other") {
      bytes[name] = protobufCodec.encode(busMessage(name, contents[name] ?? {}, envelope)).length;
    }
  }
  for (const kind of Object.keys(frameTraits) as FrameKind[]) {
    if (kind !== "other") {
      const content = frame(kind, contents[kind] ?? {});
      bytes[`frame ${kind}`] = protobufCodec.encode(busMessage("frame", { frame: content }, envelope)).length;
    }
  }
  return bytes;
}

describe("what a message takes on the wire", () => {
  it("is what was recorded, for every type", async () => {
    const bytes = measure();
    if (process.env["RECORD"] !== undefined) {
      await writeFile(recordFile, `${JSON.stringify(bytes, undefined, 2)}\n`);
    }
    const recorded = JSON.parse(await readFile(recordFile, "utf8")) as object;
    expect(bytes, "if that is meant, record it: RECORD=1 npx mocha test/performance").to.deep.equal(recorded);
  });
});
