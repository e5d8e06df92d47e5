import type { Message } from "@bufbuild/protobuf";
import { pythonEnums } from "../../../gen/crossbus/v1/pipecat-names.js";
import { firstLevel } from "../../message/check-value.js";
import { isInt64 } from "../../message/int64.js";
import { memberByName } from "../../message/look-up.js";
import type { EnumType, FieldType, MessageType } from "../../message/message-type.js";
import { newMessage } from "../../message/new-message.js";
import { invalidAt, type Path } from "../../message/path.js";
import * as Scalar from "../../message/scalar.js";
import { llmContextType, structType, toolsSchemaType, valueType } from "../../message/schema.js";
import { invalidJson } from "./invalid-json.js";
import { type Json, JsonObject } from "./json.js";
import { asTyped, bytesFromJson, structFromJson, valueFromJson } from "./json-values.js";
import { pythonClassOf } from "./python-classes.js";
import { memberNames, type PythonField, pythonFieldsOf } from "./python-fields.js";
import type { TypeRules } from "./type-rules.js";

type Fields = Record<string, unknown>;

/** The members of a Python object that are left once some have been read. */
export interface Remaining {
  readonly entries: readonly (readonly [key: string, value: Json])[];
}

/**
 * Reads the fields of a message from the members of a Python object. Members that are no field of it are given to
 * `rest`. Throws INVALID_ARGUMENT, with a path, for a field that is missing or holds what its type doesn't.
 */
export function fieldsFromJson<M extends Message>(
  desc: MessageType<M>,
  members: Remaining,
  rules: TypeRules,
  path: Path | string,
  depth: number,
  rest: (entry: readonly [string, Json]) => void,
): M {
  const message = newMessage(desc);
  const fields = pythonFieldsOf(desc, rules.dialect);
  let required = 0;
  for (const entry of members.entries) {
    const [key, json] = entry;
    const field = fieldFor(fields.named(key), json);
    if (field === undefined) {
      rest(entry);
      continue;
    }
    if (isNone(field, json)) {
      continue;
    }
    if (field.isRequired) {
      required++;
    }
    const value = fieldFromJson(field.desc, json, rules, { parent: path, key }, depth);
    (message as unknown as Fields)[field.desc.localName] = value;
  }
  if (required < fields.required.length) {
    throw invalidJson({ parent: path, key: missing(fields.required, members) }, undefined, "is missing");
  }
  return message;
}

/** Python leaves out what is None. Who writes it all the same means the same, but in a structured value. */
function isNone({ desc }: PythonField, json: Json): boolean {
  return json === null && desc.message !== valueType;
}

/** The first of the required fields that isn't there; there is one. */
function missing(required: readonly PythonField[], { entries }: Remaining): string {
  const isThere = (field: PythonField) => entries.some(([key, json]) => key === field.name && !isNone(field, json));
  return required.find((field) => !isThere(field))?.name ?? "";
}

/** Reads the members that no field takes, for a message's `extra`, which stands at `level`; undefined for none. */
export function extraFromJson(
  entries: readonly (readonly [string, Json])[],
  rules: TypeRules,
  path: Path | string,
  level: number,
) {
  if (entries.length === 0) {
    return undefined;
  }
  for (const [key] of entries) {
    if (key.startsWith("_")) {
      throw invalidAt({ parent: path, key }, key, "an unknown field must not start with _");
    }
  }
  return structFromJson(new JsonObject(entries), rules, path, level);
}

/** Of two fields of one name, the one that is of a class or the one that takes what isn't. */
function fieldFor(candidates: readonly PythonField[] | undefined, json: Json): PythonField | undefined {
  if (candidates === undefined || candidates.length === 1) {
    return candidates?.[0];
  }
  const isPlain = !(json instanceof JsonObject);
  return candidates.find(({ desc }) => (desc.message === valueType) === isPlain);
}

function fieldFromJson(desc: FieldType, json: Json, rules: TypeRules, path: Path, depth: number): unknown {
  const { message } = desc;
  if (desc.fieldKind === "list") {
    if (!Array.isArray(json) || message === undefined) {
      throw invalidJson(path, json, "must be a list");
    }
    return json.map((item: Json, key) => messageFromJson(message, item, rules, { parent: path, key }, depth + 1));
  }
  if (message !== undefined) {
    return message === toolsSchemaType && desc.parent === llmContextType
      ? contextToolsFromJson(json, rules, path, depth + 1)
      : messageFromJson(message, json, rules, path, depth + 1);
  }
  return desc.enum === undefined ? scalarFromJson(desc.scalar, json, path) : enumFromJson(desc.enum, json, path);
}

function messageFromJson(desc: MessageType, json: Json, rules: TypeRules, path: Path, depth: number): Message {
  const level = firstLevel(depth);
  switch (desc) {
    case valueType:
      return valueFromJson(json, rules, path, level);
    case structType:
      return structFromJson(json, rules, path, level);
    default:
      return objectFromJson(desc, json, rules, path, depth);
  }
}

/** Reads an object of a class, or, where the message is none, a dictionary. */
function objectFromJson(desc: MessageType, json: Json, rules: TypeRules, path: Path, depth: number): Message {
  const expected = rules.classes.classOf(desc.typeName);
  const typed = asTyped(json, path);
  if (expected === undefined) {
    return membersFromJson(desc, typed === undefined ? json : undefined, rules, path, depth);
  }
  const moved = pythonClassOf(desc.typeName)?.movedTo;
  if (typed === undefined || (typed.className !== expected && typed.className !== moved)) {
    throw invalidJson(path, typed?.className ?? json, `must be a ${expected}`);
  }
  const message = membersFromJson(desc, typed.data, rules, path, depth);
  if (typed.className === moved) {
    rules.saw(moved);
    (message as unknown as Fields)["typeName"] = moved;
  }
  return message;
}

function membersFromJson(
  desc: MessageType,
  json: Json | undefined,
  rules: TypeRules,
  path: Path | string,
  depth: number,
): Message {
  if (!(json instanceof JsonObject)) {
    throw invalidJson(path, json, `must be an object with the fields ${memberNames(desc, rules.dialect)}`);
  }
  const unknown: (readonly [string, Json])[] = [];
  const message = fieldsFromJson(desc, json, rules, path, depth, (entry) => unknown.push(entry));
  const extra = extraFromJson(unknown, rules, path, firstLevel(depth + 1));
  if (extra !== undefined && memberByName(desc, "extra") === undefined) {
    throw invalidAt(path, unknown[0]?.[0], "must have no fields that the schema doesn't know");
  }
  if (extra !== undefined) {
    (message as unknown as Fields)["extra"] = extra;
  }
  return message;
}

/**
 * The tools of a conversation are no object of a class there. They have two forms: a plain list until pipecat-ai 1.5
 * and in pipecat-ai-subagents, an object since 1.6.
 */
function contextToolsFromJson(json: Json, rules: TypeRules, path: Path, depth: number): Message {
  if (Array.isArray(json)) {
    rules.sawTools("flat");
    const entry = ["standard_tools", json] as const;
    const tools = membersFromJson(toolsSchemaType, new JsonObject([entry]), rules, path, depth);
    (tools as unknown as Fields)["flat"] = true;
    return tools;
  }
  rules.sawTools("object");
  return membersFromJson(toolsSchemaType, asTyped(json, path) === undefined ? json : undefined, rules, path, depth);
}

function enumFromJson(desc: EnumType, json: Json, path: Path): number {
  const className = pythonEnums[desc.typeName];
  const typed = className === undefined ? undefined : asTyped(json, path);
  const name = className === undefined ? json : typed?.className === className ? typed.data : undefined;
  const found = desc.values.find((value) => value.number !== 0 && pythonMember(desc, value.localName) === name);
  if (found === undefined) {
    throw invalidJson(path, name ?? json, `must be a member of ${className ?? desc.typeName}`);
  }
  return found.number;
}

/** What Python calls the value of an enumeration. */
export function pythonMember(desc: EnumType, name: string): string {
  return pythonEnums[desc.typeName] === undefined ? name.toLowerCase() : name.toUpperCase();
}

function scalarFromJson(type: number | undefined, json: Json, path: Path): unknown {
  switch (type) {
    case Scalar.string:
      expect(typeof json === "string", json, path, "must be text");
      return json;
    case Scalar.bool:
      expect(typeof json === "boolean", json, path, "must be true or false");
      return json;
    case Scalar.bytes:
      return bytesFromJson(json, path);
    case Scalar.int64:
      expect(typeof json === "bigint" && isInt64(json), json, path, "must be an integer of 64 bits");
      return json;
    case Scalar.uint32:
      expect(
        typeof json === "bigint" && json === BigInt.asUintN(32, json),
        json,
        path,
        "must be an integer of 32 bits, 0 or more",
      );
      return Number(json);
    default:
      throw new TypeError(`no field of the schema that Python has is of type ${type}`);
  }
}

function expect(condition: boolean, json: Json, path: Path, rule: string): void {
  if (!condition) {
    throw invalidJson(path, json, rule);
  }
}
