import type { Message } from "@bufbuild/protobuf";
import type { ToolsSchema } from "../../../gen/crossbus/v1/frame_kinds_pb.js";
import { pythonEnums } from "../../../gen/crossbus/v1/pipecat-names.js";
import type { Struct, Value } from "../../../gen/crossbus/v1/value_pb.js";
import { Code, StatusError } from "../../base/status.js";
import type { EnumType, FieldType, MessageType } from "../../message/message-type.js";
import { formatPath, invalidAt, type Path } from "../../message/path.js";
import * as Scalar from "../../message/scalar.js";
import { llmContextType, structType, toolsSchemaType, valueType } from "../../message/schema.js";
import { type Json, JsonObject } from "./json.js";
import { bytesToJson, refuseUnknown, structToJson, typedJson, valueToJson } from "./json-values.js";
import { pythonMember } from "./message-from-json.js";
import { pythonClassOf } from "./python-classes.js";
import { isSpecial, pythonFieldsOf } from "./python-fields.js";
import type { TypeRules } from "./type-rules.js";

type Fields = Readonly<Record<string, unknown>>;

/** The members of a Python object. */
export type Members = (readonly [key: string, value: Json])[];

/**
 * Writes the fields of a valid message as members of a Python object. Throws INVALID_ARGUMENT, with a path, for a
 * field that Python can't do without, and for one that JSON has no form for.
 */
export function fieldsToJson(desc: MessageType, message: Message, rules: TypeRules, path: Path | string): Members {
  const values = message as unknown as Fields;
  refuseUnknown(message, path);
  const members: Members = [];
  const fields = pythonFieldsOf(desc, rules.dialect);
  for (const { desc: field, name, isRequired, isAlternative } of fields.list) {
    const value = values[field.localName];
    const here = { parent: path, key: field.localName };
    if (value !== undefined) {
      const json = fieldToJson(field, value, rules, here);
      if (isAlternative) {
        checkAlternative(field, json, name, members, here);
      }
      members.push([name, json]);
    } else if (isRequired) {
      throw invalidAt(here, value, "must be set: Python can't do without it");
    }
  }
  return members;
}

/** Of two fields that Python has as one, only one may be set, and only to what is told from the other. */
function checkAlternative(field: FieldType, json: Json, name: string, members: Members, path: Path): void {
  if (members.some(([other]) => other === name)) {
    throw invalidAt(path, name, "must not be set beside another field that Python has by the same name");
  }
  if (field.message === valueType && json instanceof JsonObject) {
    throw invalidAt(path, name, "must not be an object: Python would take it for the other field of that name");
  }
}

/**
 * Adds fields that the schema doesn't know. Throws INVALID_ARGUMENT where they name a member that is there, or a field
 * of one of the messages `descs`, or begin with `_`: they could say something else than the policy saw.
 */
export function extraToJson(
  extra: Struct | undefined,
  members: Members,
  descs: readonly MessageType[],
  rules: TypeRules,
  path: Path | string,
): void {
  addMembers(extra, members, descs, rules, path, (key) => key.startsWith("_"));
}

/** Adds the fields of a class that is kept whole, which may begin with one `_`. Otherwise like `extraToJson`. */
export function othersToJson(
  fields: Struct | undefined,
  members: Members,
  around: MessageType,
  rules: TypeRules,
  path: Path | string,
): void {
  addMembers(fields, members, [around], rules, path, isSpecial);
}

function addMembers(
  more: Struct | undefined,
  members: Members,
  descs: readonly MessageType[],
  rules: TypeRules,
  path: Path | string,
  isRefused: (key: string) => boolean,
): void {
  if (more === undefined) {
    return;
  }
  const there = new Set(members.map(([name]) => name));
  for (const [key, json] of structToJson(more, rules, path).entries) {
    const isKnown =
      there.has(key) || descs.some((desc) => pythonFieldsOf(desc, rules.dialect).named(key) !== undefined);
    if (isKnown || isRefused(key)) {
      throw invalidAt(path, key, "must neither name a field that the schema has nor begin with _");
    }
    members.push([key, json]);
  }
}

function fieldToJson(field: FieldType, value: unknown, rules: TypeRules, path: Path): Json {
  const { message } = field;
  if (field.fieldKind === "list") {
    return (value as readonly Message[]).map((item, key) =>
      messageToJson(message as MessageType, item, rules, { parent: path, key }),
    );
  }
  if (message !== undefined) {
    return message === toolsSchemaType && field.parent === llmContextType
      ? contextToolsToJson(value as ToolsSchema, rules, path)
      : messageToJson(message, value as Message, rules, path);
  }
  return field.enum === undefined ? scalarToJson(field.scalar, value) : enumToJson(field.enum, value as number, path);
}

function messageToJson(desc: MessageType, message: Message, rules: TypeRules, path: Path): Json {
  switch (desc) {
    case valueType:
      return valueToJson(message as Value, rules, path);
    case structType:
      return structToJson(message as Struct, rules, path);
    default:
      break;
  }
  const data = objectToJson(desc, message, rules, path);
  const className = rules.classes.classOf(desc.typeName);
  return className === undefined ? data : typedJson(classToWrite(desc, className, message, rules, path), data);
}

function objectToJson(desc: MessageType, message: Message, rules: TypeRules, path: Path): JsonObject {
  const members = fieldsToJson(desc, message, rules, path);
  extraToJson((message as unknown as Fields)["extra"] as Struct | undefined, members, [desc], rules, {
    parent: path,
    key: "extra",
  });
  return new JsonObject(members);
}

/** The name of the class that the message came with, if the peer has it there, else the first that it had. */
function classToWrite(desc: MessageType, first: string, message: Message, rules: TypeRules, path: Path): string {
  const name = (message as unknown as Fields)["typeName"];
  if (name === undefined || name === first) {
    return first;
  }
  const moved = pythonClassOf(desc.typeName)?.movedTo;
  if (moved === undefined || name !== moved) {
    throw invalidAt({ parent: path, key: "typeName" }, name, `must be a name of ${first}`);
  }
  return rules.peerHas(moved) ? moved : first;
}

function contextToolsToJson(tools: ToolsSchema, rules: TypeRules, path: Path): Json {
  if ((rules.toolsForm ?? (tools.flat === true ? "flat" : "object")) === "object") {
    return objectToJson(toolsSchemaType, tools, rules, path);
  }
  refuseUnknown(tools, path);
  if (tools.customTools !== undefined || (tools.extra?.entries.length ?? 0) > 0) {
    throw new StatusError(
      Code.FAILED_PRECONDITION,
      `${formatPath(path)}: custom tools can't travel in the flat form, which pipecat-ai before 1.6 and pipecat-ai-subagents read`,
    );
  }
  return tools.standardTools.map((tool, key) => valueToJson(tool, rules, { parent: path, key }));
}

function enumToJson(desc: EnumType, value: number, path: Path): Json {
  const found = value === 0 ? undefined : desc.values.find(({ number }) => number === value);
  if (found === undefined) {
    throw invalidAt(path, value, `must be a value of ${desc.typeName} that is specified`);
  }
  const className = pythonEnums[desc.typeName];
  const member = pythonMember(desc, found.localName);
  return className === undefined ? member : typedJson(className, member);
}

function scalarToJson(type: number | undefined, value: unknown): Json {
  switch (type) {
    case Scalar.bytes:
      return bytesToJson(value as Uint8Array);
    case Scalar.uint32:
      return BigInt(value as number);
    default:
      // Text, booleans and integers of 64 bits are what JSON has.
      return value as Json;
  }
}
