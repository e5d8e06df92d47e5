import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../scripts/run.js";
import type { JsonDialect } from "../../../src/codec/pipecat/python-classes.js";
import { structToJs, toJs } from "../../../src/message/value.js";
import { describeMessage } from "../../../src/proxy/policy.js";
import { arbitraryWire, hostileKeys, recordedWires } from "../../support/arbitrary-wire.js";
import { codecFor, judgeJson, unlessUnreadable } from "../../support/judge-json.js";
import type { FuzzTarget } from "../target.js";
import { strangePrototype } from "../world.js";
import { texts, wordsOf } from "./outcome.js";

const encoder = new TextEncoder();

const golden: Readonly<Record<JsonDialect, string>> = {
  pipecat: "pipecat-v170.jsonl",
  "pipecat-subagents": "subagents-0.4.jsonl",
};

/** Some of what the real serializers wrote: neighbours are alike, as a rule. */
export function recordedJson(dialect: JsonDialect): readonly Uint8Array[] {
  const lines = readFileSync(join(root, "test/codec/pipecat/golden", golden[dialect]), "utf8")
    .trimEnd()
    .split("\n");
  const wires = [
    ...lines.map((line) => (JSON.parse(line) as { wire: string }).wire),
    ...recordedWires(dialect).filter((_, i) => i % 4 === 0),
  ];
  return wires.map((wire) => encoder.encode(wire));
}

/** Pieces of JSON. */
export const jsonPieces: readonly Uint8Array[] = texts(
  ...hostileKeys.map((key) => `${JSON.stringify(key)}:`),
  ...[
    '{"__proto__":{"polluted":true}}',
    '"constructor":{"prototype":{"polluted":true}},',
    '{"__type__":"bytes","__data__":"AAE="}',
  ],
  ...[
    '{"__type__":"os.path","__data__":{}}',
    '"__type__":"bytes",',
    '"__data__":{},',
    '"source":"b",',
    '"target":null,',
  ],
  ...["NaN", "Infinity", "-Infinity", "-0", "1e400", "9223372036854775808", "1.0", "null", "true", "[[[[", "}}}}"],
  ...["\\u0000", "\\ud800", "\\u005f", "\\/", "/**/", "//\n", "\ufeff", "\u2028", ","],
);

/** A codec of the JSON that Python peers speak. */
export function jsonTarget(dialect: JsonDialect): FuzzTarget {
  return {
    name: dialect,
    about: `the JSON dialect ${dialect}: peek and decoder agree, what is decoded is written as it came, and in Protocol Buffers`,
    seeds: () => recordedJson(dialect),
    arbitrary: arbitraryWire(dialect).map((wire) => encoder.encode(wire)),
    dictionary: jsonPieces,
    run(input) {
      const outcome = judgeJson(dialect, input);
      const codec = codecFor(dialect);
      const message = unlessUnreadable(() => codec.decode(input));
      if (message === undefined) {
        return `${outcome} ${reasonOf(() => codec.decode(input))}`;
      }
      if ("invalid" in message) {
        return wordsOf(message.invalid);
      }
      readPayloads(message);
      const { case: body, kind = "" } = describeMessage(message);
      return `${body} ${kind}`;
    },
  };
}

/** Reads all structured values of a message as an application would. */
function readPayloads(part: unknown): void {
  if (typeof part !== "object" || part === null || part instanceof Uint8Array) {
    return;
  }
  const type = (part as { readonly $typeName?: string }).$typeName;
  if (type === "crossbus.v1.Value" || type === "crossbus.v1.Struct") {
    const plain = type === "crossbus.v1.Value" ? toJs(part as never) : structToJs(part as never);
    const strange = strangePrototype(plain);
    if (strange !== undefined) {
      throw new Error(`what a value reads as inherits from what it shouldn't, at ${strange}`);
    }
    return;
  }
  for (const member of Object.values(part)) {
    readPayloads(member);
  }
}

function reasonOf(call: () => unknown): string {
  try {
    call();
    return "";
  } catch (error) {
    return wordsOf((error as Error).message);
  }
}
