import {
  create,
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescOneof,
  isMessage,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import { StructSchema, ValueSchema } from "../../gen/crossbus/v1/value_pb.js";
import { invalidArgument, show } from "../base/status.js";
import { firstLevel } from "./check-value.js";
import { isInt64 } from "./int64.js";
import { formatPath, type Path } from "./path.js";
import { isPlainObject } from "./plain-object.js";
import { type StructInit, toStruct, toValue, type ValueInit } from "./value.js";
import { isWellFormed } from "./well-formed.js";

/** A field whose value is a message. */
export type MessageField = DescField & { readonly fieldKind: "message" };

const caseTables = new WeakMap<DescOneof, ReadonlyMap<unknown, DescField>>();
const memberTables = new WeakMap<DescMessage, ReadonlyMap<string, DescField | DescOneof>>();

/**
 * Makes a message of type `desc` from any of its fields: see `busMessage`. `depth` is how deep the message
 * stands, 1 for one on its own.
 */
export function fromInit(desc: DescMessage, init: unknown, path: Path | string, depth: number): Message {
  if (isReady(desc, init)) {
    return init;
  }
  if (!isPlainObject(init)) {
    throw invalidArgument(formatPath(path), init, `must be a plain object with the fields of ${desc.typeName}`);
  }
  const message = create(desc);
  const fields = message as Message & Record<string, unknown>;
  const members = membersOf(desc);
  for (const key of Object.keys(init)) {
    const value = init[key];
    const here = { parent: path, key };
    // A message spread into a literal brings its type and its unknown fields along: rebuilding drops the latter.
    if (value === undefined || key === "$unknown" || (key === "$typeName" && value === desc.typeName)) {
      continue;
    }
    const member = members.get(key);
    if (member === undefined) {
      throw invalidArgument(formatPath(here), value, `${desc.typeName} has no field ${show(key)}`);
    }
    fields[key] = member.kind === "oneof" ? oneof(member, value, here, depth) : field(member, value, here, depth);
  }
  return message;
}

/** The field of case `name` in the oneof `oneofName` of `desc`, where all cases are messages. */
export function oneofCase(desc: DescMessage, oneofName: string, name: string): MessageField {
  const member = membersOf(desc).get(oneofName);
  const found = member?.kind === "oneof" ? casesOf(member).get(name) : undefined;
  if (found?.fieldKind !== "message") {
    throw invalidArgument(oneofName, name, `must be a case of ${desc.typeName}.${oneofName}`);
  }
  return found;
}

/** Whether something is a message already: of this type, with messages wherever its type has them. */
function isReady(desc: DescMessage, init: unknown): init is Message {
  if (!isMessage(init, desc)) {
    return false;
  }
  // Spreading a message and replacing a field with plain JavaScript looks like a message, but isn't one.
  const fields = init as Message & Readonly<Record<string, unknown>>;
  return desc.members.every((member) => {
    const value = fields[member.localName];
    if (member.kind === "oneof") {
      return isReadyOneof(member, value);
    }
    switch (member.fieldKind) {
      case "message":
        return value === undefined || isMessage(value, member.message);
      case "list":
        return (
          Array.isArray(value) &&
          (member.listKind !== "message" || value.every((item) => isMessage(item, member.message)))
        );
      default:
        return true;
    }
  });
}

function isReadyOneof(desc: DescOneof, content: unknown): boolean {
  if (typeof content !== "object" || content === null) {
    return false;
  }
  const { case: name, value } = content as { readonly case?: unknown; readonly value?: unknown };
  const chosen = casesOf(desc).get(name);
  return chosen === undefined ? name === undefined : chosen.message === undefined || isMessage(value, chosen.message);
}

function membersOf(desc: DescMessage): ReadonlyMap<string, DescField | DescOneof> {
  let members = memberTables.get(desc);
  if (members === undefined) {
    members = new Map(desc.members.map((member) => [member.localName, member]));
    memberTables.set(desc, members);
  }
  return members;
}

function casesOf(desc: DescOneof): ReadonlyMap<unknown, DescField> {
  let cases = caseTables.get(desc);
  if (cases === undefined) {
    cases = new Map(desc.fields.map((field) => [field.localName, field]));
    caseTables.set(desc, cases);
  }
  return cases;
}

function oneof(desc: DescOneof, init: unknown, path: Path, depth: number): unknown {
  if (!isPlainObject(init)) {
    throw invalidArgument(formatPath(path), init, "must be an object with case and value");
  }
  const { case: name, value } = init;
  if (name === undefined) {
    return { case: undefined };
  }
  const chosen = casesOf(desc).get(name);
  if (chosen === undefined) {
    const rule = `must be a case of ${desc.parent.typeName}.${desc.localName}`;
    throw invalidArgument(formatPath({ parent: path, key: "case" }), name, rule);
  }
  return { case: name, value: field(chosen, value, { parent: path, key: "value" }, depth) };
}

function field(desc: DescField, init: unknown, path: Path, depth: number): unknown {
  switch (desc.fieldKind) {
    case "scalar":
      return scalar(desc.scalar, init, path);
    case "enum":
      return enumValue(desc.enum, init, path);
    case "message":
      return nested(desc.message, init, path, depth + 1);
    case "list":
      if (!Array.isArray(init)) {
        throw invalidArgument(formatPath(path), init, "must be an array");
      }
      return Array.from(init, (item: unknown, key) => {
        const here = { parent: path, key };
        return desc.listKind === "message"
          ? nested(desc.message, item, here, depth + 1)
          : desc.listKind === "enum"
            ? enumValue(desc.enum, item, here)
            : scalar(desc.scalar, item, here);
      });
    case "map":
      throw invalidArgument(formatPath(path), init, "maps are not part of the schema");
  }
}

function nested(desc: DescMessage, init: unknown, path: Path, depth: number): Message {
  const level = firstLevel(depth);
  switch (desc.typeName) {
    case ValueSchema.typeName:
      return toValue(init as ValueInit, path, level);
    case StructSchema.typeName:
      return toStruct(init as StructInit, path, level);
    default:
      return fromInit(desc, init, path, depth);
  }
}

function enumValue(desc: DescEnum, init: unknown, path: Path): number {
  if (typeof init !== "number" || desc.value[init] === undefined) {
    throw invalidArgument(formatPath(path), init, `must be a value of ${desc.typeName}`);
  }
  return init;
}

function scalar(type: ScalarType, init: unknown, path: Path): unknown {
  const rule = scalarProblem(type, init);
  if (rule !== undefined) {
    throw invalidArgument(formatPath(path), init, rule);
  }
  return init;
}

/** What is wrong with a scalar, if anything. */
function scalarProblem(type: ScalarType, init: unknown): string | undefined {
  switch (type) {
    case ScalarType.STRING:
      return typeof init !== "string"
        ? "must be a string"
        : isWellFormed(init)
          ? undefined
          : "must hold no lone surrogate";
    case ScalarType.BOOL:
      return typeof init === "boolean" ? undefined : "must be a boolean";
    case ScalarType.BYTES:
      return init instanceof Uint8Array ? undefined : "must be a Uint8Array";
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return typeof init === "number" ? undefined : "must be a number";
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return isInteger(init, -(2 ** 31), 2 ** 31 - 1) ? undefined : "must be an integer of 32 bits with sign";
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return isInteger(init, 0, 2 ** 32 - 1) ? undefined : "must be an integer of 32 bits, 0 or more";
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return typeof init === "bigint" && init === BigInt.asUintN(64, init)
        ? undefined
        : "must be a bigint of 64 bits, 0 or more";
    default:
      return typeof init === "bigint" && isInt64(init) ? undefined : "must be a bigint of 64 bits with sign";
  }
}

function isInteger(init: unknown, min: number, max: number): boolean {
  return typeof init === "number" && Number.isInteger(init) && init >= min && init <= max;
}
