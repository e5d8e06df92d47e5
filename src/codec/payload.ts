import type { Struct, Value } from "../../gen/crossbus/v1/value_pb.js";
import { checkStruct, checkValue } from "../message/check-value.js";
import type { FieldType } from "../message/message-type.js";
import type { Path } from "../message/path.js";

/** What payloads are made of. */
const valueTypes = /*@__PURE__*/ new Set(
  ["Value", "Struct", "StructEntry", "ListValue", "TypedValue"].map((name) => `crossbus.v1.${name}`),
);

/** Whether a field holds a structured payload as a whole: a Value or a Struct that isn't part of another. */
export function isPayload({ message, parent }: FieldType): boolean {
  return message !== undefined && !valueTypes.has(parent.typeName) && valueTypes.has(message.typeName);
}

/**
 * Checks the content of such a field by the rules that its type can't express. Throws INVALID_ARGUMENT with a
 * path that begins with `path`. `level` says at which level of nesting it stands.
 */
export function checkPayload(field: FieldType, payload: unknown, path: Path | string, level = 1): void {
  if (field.message?.typeName === "crossbus.v1.Struct") {
    checkStruct(payload as Struct, path, level);
  } else {
    checkValue(payload as Value, path, level);
  }
}
