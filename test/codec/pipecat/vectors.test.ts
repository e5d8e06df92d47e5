import { expect } from "chai";
import { describe, it } from "mocha";
import type { Codec } from "../../../src/codec/codec.js";
import { type Json, JsonObject } from "../../../src/codec/pipecat/json.js";
import { jsonCodec } from "../../../src/codec/pipecat/json-codec.js";
import type { JsonDialect } from "../../../src/codec/pipecat/python-classes.js";
import { readJson } from "../../../src/codec/pipecat/read-json.js";
import { protobufCodec } from "../../../src/codec/protobuf.js";
import { PIPECAT_FRAMES } from "../../../src/message/forward.js";
import { readFile } from "../../support/files-node.js";
import { lacksPython, runPython } from "../../support/python-node.js";

/** What the real serializers wrote, and in which releases: test/python/record_vectors.py made it. */
interface Vector {
  readonly label: string;
  readonly versions: readonly string[];
  readonly wire: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function vectorsOf(dialect: JsonDialect): readonly Vector[] {
  return readFile(`test/python/vectors/${dialect}.jsonl`)
    .trimEnd()
    .split("\n")
    .map((line): Vector => JSON.parse(line));
}

function codecFor(dialect: JsonDialect, allowed: ReadonlySet<string> | "any"): Codec {
  const codec = jsonCodec({ dialect, pipecatVersion: undefined });
  codec.allowTypes?.(allowed);
  return codec;
}

/** JSON in a form that is equal where Python's reading of it is: without an order of keys, 3 and 3.0 apart. */
function canonical(json: Json): unknown {
  if (json instanceof JsonObject) {
    const members = json.entries.map(([key, value]) => [key, canonical(value)] as const);
    return { object: [...members].sort(([a], [b]) => (a < b ? -1 : 1)) };
  }
  if (Array.isArray(json)) {
    return json.map(canonical);
  }
  return typeof json === "number" ? { float: Object.is(json, -0) ? "-0" : String(json) } : json;
}

/** From JSON to a message, to Protocol Buffers and back, all the way. */
function roundTrip(codec: Codec, wire: string): string {
  const message = codec.decode(encoder.encode(wire));
  if ("invalid" in message) {
    throw new Error(message.invalid);
  }
  return decoder.decode(codec.encode(protobufCodec.decode(protobufCodec.encode(message))));
}

for (const dialect of ["pipecat", "pipecat-subagents"] as const) {
  describe(`what the releases of dialect ${dialect} write`, () => {
    const vectors = vectorsOf(dialect);
    const codec = codecFor(dialect, "any");
    const releases = [...new Set(vectors.flatMap(({ versions }) => versions))];

    it("is recorded from the oldest release that is supported to the newest", () => {
      expect(releases).to.include.members(
        dialect === "pipecat" ? ["1.3.0", "1.6.0", "1.10.0", "1.14.0"] : ["0.1.0", "0.4.0", "0.6.0"],
      );
    });

    for (const release of releases) {
      it(`comes back from Protocol Buffers as it was: ${release}`, () => {
        for (const { label, versions, wire } of vectors) {
          if (versions.includes(release)) {
            const back = readJson(encoder.encode(roundTrip(codec, wire))).value;
            expect(canonical(back), label).to.deep.equal(canonical(readJson(encoder.encode(wire)).value));
          }
        }
      });
    }

    it("is the same to Python's json", function () {
      if (lacksPython() !== null) {
        this.skip();
      }
      this.timeout(60_000);
      const pairs = vectors.map(({ wire }) => [wire, roundTrip(codec, wire)]);
      const script = `
import json, sys
def norm(x):
    if isinstance(x, dict): return {k: norm(v) for k, v in x.items()}
    if isinstance(x, list): return [norm(v) for v in x]
    return (type(x).__name__, repr(x))
pairs = json.load(sys.stdin)
print(sum(norm(json.loads(a)) == norm(json.loads(b)) for a, b in pairs))
`;
      expect(runPython(script, pairs)).to.equal(pairs.length);
    });

    it("is peeked as it is decoded", () => {
      for (const { label, wire } of vectors) {
        const bytes = encoder.encode(wire);
        const peeked = codec.peek(bytes);
        const message = codecFor(dialect, "any").decode(bytes);
        if ("invalid" in peeked || "invalid" in message) {
          throw new Error(`${label} is invalid`);
        }
        const kind = message.body.case === "frame" ? message.body.value.frame?.kind.case : undefined;
        expect(peeked, label).to.deep.include({
          source: message.source,
          target: message.target,
          case: message.body.case,
          kind,
        });
      }
    });

    it("is on the schema or in PIPECAT_FRAMES, but for what means nothing to another process", () => {
      const listed = PIPECAT_FRAMES.flatMap((entry) => (typeof entry === "string" ? [] : [entry.typeName]));
      const strict = codecFor(dialect, new Set(listed));
      const refused = vectors.flatMap(({ label, wire }) => {
        const message = strict.decode(encoder.encode(wire));
        return "invalid" in message ? [label.replace(/,.*/, "")] : [];
      });
      // Bases of others, what only names a processor of its own process, what one release alone had, and a class of the test's.
      const expected =
        /^(an own frame class|Frame|(System|Data|Control|Task|TaskSystem|Worker|WorkerSystem)Frame|(Filter|Mixer)ControlFrame|ServiceSwitcher(RequestMetadata)?Frame|ManuallySwitchServiceFrame|FrameProcessor\w+Frame|LLMMessagesTransformFrame|RealtimeServiceMetadataFrame|RTVIUI(Cancel)?TaskFrame)$/;
      expect(refused.filter((label) => !expected.test(label))).to.deep.equal([]);
      expect(refused).to.include("an own frame class");
    });
  });
}
