import type { Message } from "@bufbuild/protobuf";
import { show } from "../base/status.js";
import { firstLevel } from "./check-value.js";
import { caseByName, memberByName } from "./look-up.js";
import type { EnumType, FieldType, MessageType, OneofType } from "./message-type.js";
import { isOfType, newMessage } from "./new-message.js";
import { invalidAt, type Path } from "./path.js";
import { isPlainObject } from "./plain-object.js";
import { scalarProblem } from "./scalar-problem.js";
import { type StructInit, toStruct, toValue, type ValueInit } from "./value.js";

/**
 * Makes a message of type `type` from any of its fields: see `busMessage`. `depth` is how deep the message
 * stands, 1 for one on its own.
 */
export function fromInit<M extends Message>(
  type: MessageType<M>,
  init: unknown,
  path: Path | string,
  depth: number,
): M {
  if (isReady(type, init)) {
    return init;
  }
  if (!isPlainObject(init)) {
    throw invalidAt(path, init, `must be a plain object with the fields of ${type.typeName}`);
  }
  const message = newMessage(type);
  const fields = message as unknown as Record<string, unknown>;
  for (const key of Object.keys(init)) {
    const value = init[key];
    const here = { parent: path, key };
    // A message spread into a literal brings its type and its unknown fields along: rebuilding drops the latter.
    if (value === undefined || key === "$unknown" || (key === "$typeName" && value === type.typeName)) {
      continue;
    }
    const member = memberByName(type, key);
    if (member === undefined) {
      throw invalidAt(here, value, `${type.typeName} has no field ${show(key)}`);
    }
    fields[key] = member.kind === "oneof" ? oneof(member, value, here, depth) : field(member, value, here, depth);
  }
  return message;
}

/** The message in case `name` of the oneof `oneofName` of a type where all cases are messages. */
export function oneofCase(type: MessageType, oneofName: string, name: string): MessageType {
  return chosenCase(memberByName(type, oneofName) as OneofType, name, oneofName).message as MessageType;
}

function chosenCase(oneof: OneofType, name: unknown, path: Path | string): FieldType {
  const chosen = caseByName(oneof, name);
  if (chosen === undefined) {
    throw invalidAt(path, name, `must be a case of ${oneof.parent.typeName}.${oneof.localName}`);
  }
  return chosen;
}

/** Whether something is a message already: of this type, with messages wherever its type has them. */
function isReady<M extends Message>(type: MessageType<M>, init: unknown): init is M {
  if (!isOfType(init, type)) {
    return false;
  }
  // Spreading a message and replacing a field with plain JavaScript looks like a message, but isn't one.
  const fields = init as unknown as Readonly<Record<string, unknown>>;
  return type.members.every((member) => {
    const value = fields[member.localName];
    if (member.kind === "oneof") {
      return isReadyOneof(member, value);
    }
    const { message } = member;
    if (member.fieldKind === "list") {
      return Array.isArray(value) && (message === undefined || value.every((item) => isOfType(item, message)));
    }
    return message === undefined || value === undefined || isOfType(value, message);
  });
}

function isReadyOneof(oneof: OneofType, content: unknown): boolean {
  if (typeof content !== "object" || content === null) {
    return false;
  }
  const { case: name, value } = content as { readonly case?: unknown; readonly value?: unknown };
  const chosen = caseByName(oneof, name);
  return chosen === undefined ? name === undefined : chosen.message === undefined || isOfType(value, chosen.message);
}

function oneof(type: OneofType, init: unknown, path: Path, depth: number): unknown {
  if (!isPlainObject(init)) {
    throw invalidAt(path, init, "must be an object with case and value");
  }
  const { case: name, value } = init;
  if (name === undefined) {
    return { case: undefined };
  }
  const chosen = chosenCase(type, name, { parent: path, key: "case" });
  return { case: name, value: field(chosen, value, { parent: path, key: "value" }, depth) };
}

function field(type: FieldType, init: unknown, path: Path, depth: number): unknown {
  if (type.fieldKind !== "list") {
    return item(type, init, path, depth);
  }
  if (!Array.isArray(init)) {
    throw invalidAt(path, init, "must be an array");
  }
  return Array.from(init, (element: unknown, key) => item(type, element, { parent: path, key }, depth));
}

/** Makes the content of a field, or one item of a list. */
function item(type: FieldType, init: unknown, path: Path, depth: number): unknown {
  if (type.message !== undefined) {
    return nested(type.message, init, path, depth + 1);
  }
  const problem = type.enum === undefined ? scalarProblem(type.scalar, init) : enumProblem(type.enum, init);
  if (problem !== undefined) {
    throw invalidAt(path, init, problem);
  }
  return init;
}

function nested(type: MessageType, init: unknown, path: Path, depth: number): Message {
  const level = firstLevel(depth);
  switch (type.typeName) {
    case "crossbus.v1.Value":
      return toValue(init as ValueInit, path, level);
    case "crossbus.v1.Struct":
      return toStruct(init as StructInit, path, level);
    default:
      return fromInit(type, init, path, depth);
  }
}

function enumProblem({ typeName, values }: EnumType, init: unknown): string | undefined {
  return values.some(({ number }) => number === init) ? undefined : `must be a value of ${typeName}`;
}
