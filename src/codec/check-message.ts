import { type DescField, type DescMessage, type DescOneof, ScalarType } from "@bufbuild/protobuf";
import { invalidArgument, type StatusError } from "../base/status.js";
import { firstLevel } from "../message/check-value.js";
import { formatPath, type Path } from "../message/path.js";
import { isWellFormed } from "../message/well-formed.js";
import { checkPayload, isPayload } from "./payload.js";

type Fields = Readonly<Record<string, unknown>>;

const INT32_MIN = -0x80000000;
const INT32_MAX = 0x7fffffff;
const UINT32_MAX = 0xffffffff;

/**
 * Checks that every field of a message holds what its type says. protobuf-es trusts the types when it encodes:
 * it turns lone surrogates into U+FFFD and a number in a text field into digits, and passes over an unknown
 * case of a oneof.
 *
 * Throws INVALID_ARGUMENT that names the field, by a path that begins with `path`. The cases of a oneof stand in
 * it by their names: `message.body.frame.hops`. `depth` is how many messages there are from the outermost to this
 * one, itself included: what would nest too deep to be decoded is refused.
 */
export function checkMessage(desc: DescMessage, message: unknown, path: Path | string = "message", depth = 1): void {
  if (typeof message !== "object" || message === null || (message as Fields)["$typeName"] !== desc.typeName) {
    throw wrong(path, message, `must be a ${desc.typeName} as create() makes it`);
  }
  for (const member of desc.members) {
    const value = (message as Fields)[member.localName];
    const at = { parent: path, key: member.localName };
    if (member.kind === "oneof") {
      checkOneof(member, value, at, depth);
    } else if (value !== undefined || !isOptional(member)) {
      checkField(member, value, at, depth);
    }
  }
}

function checkOneof(oneof: DescOneof, chosen: unknown, path: Path, depth: number): void {
  if (typeof chosen !== "object" || chosen === null) {
    throw wrong(path, chosen, "must be an object with a case");
  }
  const name = (chosen as Fields)["case"];
  if (name === undefined) {
    return;
  }
  const field = oneof.fields.find((candidate) => candidate.localName === name);
  if (field === undefined) {
    throw wrong(path, name, "must be a case that the schema knows");
  }
  checkField(field, (chosen as Fields)["value"], { parent: path, key: field.localName }, depth);
}

function checkField(field: DescField, value: unknown, path: Path, depth: number): void {
  switch (field.fieldKind) {
    case "message":
      checkMessageField(field, field.message, value, path, depth + 1);
      break;
    case "enum":
      checkScalar(ScalarType.INT32, value, path);
      break;
    case "scalar":
      checkScalar(field.scalar, value, path);
      break;
    case "list":
      checkList(field, value, path, depth);
      break;
    default:
      throw wrong(path, value, "is a map, which can't be encoded here");
  }
}

function checkMessageField(field: DescField, desc: DescMessage, value: unknown, path: Path, depth: number): void {
  if (typeof value === "object" && value !== null && isPayload(field)) {
    checkPayload(field, value, path, firstLevel(depth));
  } else {
    checkMessage(desc, value, path, depth);
  }
}

function checkList(field: DescField & { fieldKind: "list" }, list: unknown, path: Path, depth: number): void {
  if (!Array.isArray(list)) {
    throw wrong(path, list, "must be an array");
  }
  for (let i = 0; i < list.length; i++) {
    const item: unknown = list[i];
    const at = { parent: path, key: i };
    if (field.listKind === "message") {
      checkMessageField(field, field.message, item, at, depth + 1);
    } else {
      checkScalar(field.listKind === "enum" ? ScalarType.INT32 : field.scalar, item, at);
    }
  }
}

function checkScalar(type: ScalarType, value: unknown, path: Path): void {
  switch (type) {
    case ScalarType.STRING:
      expect(typeof value === "string", value, path, "must be a string");
      expect(isWellFormed(value as string), value, path, "must be text without lone surrogates");
      break;
    case ScalarType.BYTES:
      expect(value instanceof Uint8Array, value, path, "must be a Uint8Array");
      break;
    case ScalarType.BOOL:
      expect(typeof value === "boolean", value, path, "must be a boolean");
      break;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      expect(typeof value === "number", value, path, "must be a number");
      break;
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      expect(isInteger(value, 0, UINT32_MAX), value, path, "must be an integer of 32 bits without sign");
      break;
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      expect(isInteger(value, INT32_MIN, INT32_MAX), value, path, "must be an integer of 32 bits");
      break;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      expect(isBigInt(value, BigInt.asUintN), value, path, "must be a bigint of 64 bits without sign");
      break;
    default:
      expect(isBigInt(value, BigInt.asIntN), value, path, "must be a bigint of 64 bits");
  }
}

function isInteger(value: unknown, from: number, to: number): boolean {
  return Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
}

function isBigInt(value: unknown, wrap: (bits: number, value: bigint) => bigint): boolean {
  return typeof value === "bigint" && wrap(64, value) === value;
}

/** Whether a field outside oneofs may be undefined: messages, and scalars that the schema calls optional. */
function isOptional(field: DescField): boolean {
  return field.fieldKind === "message" || field.proto.proto3Optional;
}

function expect(condition: boolean, value: unknown, path: Path, rule: string): void {
  if (!condition) {
    throw wrong(path, value, rule);
  }
}

function wrong(path: Path | string, value: unknown, rule: string): StatusError {
  return invalidArgument(formatPath(path), value, rule);
}
