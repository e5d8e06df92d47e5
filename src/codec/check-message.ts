import { firstLevel } from "../message/check-value.js";
import { caseByName } from "../message/look-up.js";
import { explicitPresence, type FieldType, type MessageType, type OneofType } from "../message/message-type.js";
import { isOfType } from "../message/new-message.js";
import { invalidAt, type Path } from "../message/path.js";
import * as Scalar from "../message/scalar.js";
import { scalarProblem } from "../message/scalar-problem.js";
import { checkPayload, isPayload } from "./payload.js";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks that every field of a message holds what its type says. Whoever writes it trusts the types: lone surrogates
 * would become U+FFFD, and an unknown case of a oneof would be passed over.
 *
 * Throws INVALID_ARGUMENT that names the field, by a path that begins with `path`. The cases of a oneof stand in
 * it by their names: `message.body.frame.hops`. `depth` is how many messages there are from the outermost to this
 * one, itself included: what would nest too deep to be decoded is refused.
 */
export function checkMessage(type: MessageType, message: unknown, path: Path | string = "message", depth = 1): void {
  if (!isOfType(message, type)) {
    throw invalidAt(path, message, `must be a ${type.typeName} as create() makes it`);
  }
  for (const member of type.members) {
    const value = (message as unknown as Fields)[member.localName];
    const at = { parent: path, key: member.localName };
    if (member.kind === "oneof") {
      checkOneof(member, value, at, depth);
    } else if (value !== undefined || member.presence !== explicitPresence) {
      checkField(member, value, at, depth);
    }
  }
}

function checkOneof(oneof: OneofType, chosen: unknown, path: Path, depth: number): void {
  if (typeof chosen !== "object" || chosen === null) {
    throw invalidAt(path, chosen, "must be an object with a case");
  }
  const name = (chosen as Fields)["case"];
  if (name === undefined) {
    return;
  }
  const field = caseByName(oneof, name);
  if (field === undefined) {
    throw invalidAt(path, name, "must be a case that the schema knows");
  }
  checkField(field, (chosen as Fields)["value"], { parent: path, key: field.localName }, depth);
}

function checkField(field: FieldType, value: unknown, path: Path, depth: number): void {
  if (field.fieldKind !== "list") {
    checkItem(field, value, path, depth);
    return;
  }
  if (!Array.isArray(value)) {
    throw invalidAt(path, value, "must be an array");
  }
  for (let i = 0; i < value.length; i++) {
    checkItem(field, value[i], { parent: path, key: i }, depth);
  }
}

/** Checks the content of a field, or one item of a list. */
function checkItem(field: FieldType, value: unknown, path: Path, depth: number): void {
  if (field.message === undefined) {
    const problem = scalarProblem(field.enum === undefined ? field.scalar : Scalar.int32, value);
    if (problem !== undefined) {
      throw invalidAt(path, value, problem);
    }
  } else if (typeof value === "object" && value !== null && isPayload(field)) {
    checkPayload(field, value, path, firstLevel(depth + 1));
  } else {
    checkMessage(field.message, value, path, depth + 1);
  }
}
