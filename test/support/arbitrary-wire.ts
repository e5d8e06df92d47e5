import fc from "fast-check";
import {
  pipecatBodyNames,
  pipecatFrameNames,
  pipecatSubagentsBodyNames,
  pythonClasses,
} from "../../gen/crossbus/v1/pipecat-names.js";
import { type Json, JsonObject } from "../../src/codec/pipecat/json.js";
import type { JsonDialect } from "../../src/codec/pipecat/python-classes.js";
import { readJson } from "../../src/codec/pipecat/read-json.js";
import { writeJson } from "../../src/codec/pipecat/write-json.js";
import { readFile } from "./files-node.js";

type Entry = readonly [key: string, value: Json];

const encoder = new TextEncoder();

/** The messages that the real serializers wrote, one of each kind. */
export function recordedWires(dialect: JsonDialect): readonly string[] {
  const lines = readFile(`test/python/vectors/${dialect}.jsonl`).trimEnd().split("\n");
  return lines.map((line) => (JSON.parse(line) as { wire: string }).wire);
}

const typed = (className: Json, data: Json): JsonObject =>
  new JsonObject([
    ["__type__", className],
    ["__data__", data],
  ]);

/** Classes of all sorts: on the schema, of the other dialect, under other names that Python resolves, and none. */
const classNames = [
  ...Object.values(pipecatBodyNames),
  ...Object.values(pipecatSubagentsBodyNames),
  ...Object.values(pipecatFrameNames),
  ...Object.values(pythonClasses).map(({ pipecat }) => pipecat),
  "pipecat.processors.frame_processor.FrameDirection",
  "bytes",
  "builtins.dict",
  "os.path",
  "pipecat.bus.BusCancelMessage",
  "pipecat.processors.frame_processor.EndFrame",
  "pipecat.frames.frames.endframe",
  "pipecat.frames.frames.EndFrame ",
  "EndFrame",
  ".",
];

/** Keys that mean something somewhere, or look like one that does. */
export const hostileKeys: readonly string[] = [
  ...["source", "target", "frame", "direction", "__type__", "__data__", "id", "name", "metadata", "pts", "bridge"],
  ...["text", "context", "messages", "tools", "job_id", "task_id", "payload", "args", "status", "workers", "agents"],
  ...["extra", "type_name", "flat", "tool_list", "hops", "trace_context", "frame_fields", "body", "kind", "other"],
  ...["_x", "__dict__", "__class__", "__proto__", "constructor", "toString", "", "7"],
  ...["Source", "source ", "\u017fource", "sourc\u0435", "source\u0301", "\u{1f600}"],
];

const atoms: readonly Json[] = [
  ...[null, true, false, 0n, 1n, -1n, 2n ** 63n, -(2n ** 70n), 0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY],
  ...["", "a", "b", "voice", "DOWNSTREAM", "UPSTREAM", "completed", "\u0000", "\u{1f600}"],
  [],
  [null],
  new JsonObject([]),
  new JsonObject([["__type__", "os.path"]]),
  new JsonObject([["__data__", 1n]]),
  typed("bytes", "AAE="),
  typed("bytes", "AA"),
  typed("bytes", 1n),
  typed("pipecat.processors.frame_processor.FrameDirection", "UPSTREAM"),
  typed("pipecat.processors.frame_processor.FrameDirection", "SIDEWAYS"),
  typed(null, 1n),
  typed("", new JsonObject([])),
  typed("os.path", new JsonObject([])),
];

const changes = ["replace", "key", "again", "add", "drop", "class", "wrap", "nest"] as const;

interface Change {
  readonly change: (typeof changes)[number];
  /** Which of the message's values is changed, counted round and round. */
  readonly at: number;
  /** Which of its entries. */
  readonly entry: number;
  readonly key: string;
  readonly className: string;
  readonly value: Json;
}

/** A value to put in the place of another. */
function arbitraryValue(dialect: JsonDialect): fc.Arbitrary<Json> {
  const recorded = recordedWires(dialect).map((wire) => readJson(encoder.encode(wire)).value);
  const part = fc.tuple(fc.constantFrom(...recorded), fc.nat()).map(([message, at]) => {
    const parts = partsOf(message);
    return parts[at % parts.length] ?? null;
  });
  return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...atoms) }, { weight: 2, arbitrary: part });
}

/**
 * What the real serializers wrote, with a few changes: values and keys of other places, keys twice or left out, classes
 * that don't belong, objects around objects. Most of it is JSON, and some of it messages.
 */
export function arbitraryWire(dialect: JsonDialect): fc.Arbitrary<string> {
  const recorded = recordedWires(dialect).map((wire) => readJson(encoder.encode(wire)).value);
  const change: fc.Arbitrary<Change> = fc.record({
    change: fc.constantFrom(...changes),
    at: fc.nat(),
    entry: fc.nat(),
    key: fc.constantFrom(...hostileKeys),
    className: fc.constantFrom(...classNames),
    value: arbitraryValue(dialect),
  });
  return fc
    .tuple(fc.constantFrom(...recorded), fc.array(change, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([message, list, isEscaped]) => {
      const text = writeJson(list.reduce(changed, message));
      return isEscaped ? escapeKeys(text) : text;
    });
}

/** Writes the keys that matter in another way, which says the same. */
function escapeKeys(text: string): string {
  return text.replace(/"(source|target|frame|__type__)":/g, (_, key: string) => {
    const code = key.charCodeAt(1).toString(16).padStart(4, "0").toUpperCase();
    return `"${key[0]}\\u${code}${key.slice(2)}" :`;
  });
}

function partsOf(json: Json): readonly Json[] {
  if (json instanceof JsonObject) {
    return [json, ...json.entries.flatMap(([, value]) => partsOf(value))];
  }
  return Array.isArray(json) ? [json, ...(json as readonly Json[]).flatMap(partsOf)] : [json];
}

/** Changes one part of a message. */
function changed(message: Json, { at, ...change }: Change): Json {
  let left = at % partsOf(message).length;
  const visit = (json: Json): Json => {
    left -= 1;
    if (left === -1) {
      return changedPart(json, change);
    }
    if (json instanceof JsonObject) {
      return new JsonObject(json.entries.map(([key, value]) => [key, visit(value)]));
    }
    return Array.isArray(json) ? (json as readonly Json[]).map(visit) : json;
  };
  return visit(message);
}

function changedPart(json: Json, { change, entry, key, className, value }: Omit<Change, "at">): Json {
  if (change === "wrap") {
    return typed(className, json);
  }
  if (change === "nest") {
    return [json];
  }
  if (change === "replace" || !(json instanceof JsonObject)) {
    return value;
  }
  const entries = [...json.entries];
  const index = entries.length === 0 ? 0 : entry % entries.length;
  const [ownKey = key, ownValue = value] = entries[index] ?? [];
  switch (change) {
    case "key":
      entries[index] = [key, ownValue];
      break;
    case "again":
      entries.push([ownKey, value]);
      break;
    case "add":
      entries.push([key, value]);
      break;
    case "drop":
      entries.splice(index, 1);
      break;
    default:
      return new JsonObject(entries.map(([name, own]): Entry => [name, name === "__type__" ? className : own]));
  }
  return new JsonObject(entries);
}
