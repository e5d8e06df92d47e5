import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { file_crossbus_v1_value, type Struct, StructSchema, type Value } from "../../gen/crossbus/v1/value_pb.js";
import { checkStruct, checkValue } from "../message/check-value.js";
import type { Path } from "../message/path.js";

/** A field that holds a structured payload as a whole: a Value or a Struct that isn't part of another. */
export type PayloadField = DescField & { readonly message: DescMessage };

/** Whether a field is one that holds a structured payload. */
export function isPayload(field: DescField): field is PayloadField {
  return field.message?.file === file_crossbus_v1_value && field.parent.file !== file_crossbus_v1_value;
}

/**
 * Checks the content of such a field by the rules that its type can't express. Throws INVALID_ARGUMENT with a
 * path that begins with `path`. `level` says at which level of nesting it stands.
 */
export function checkPayload(field: PayloadField, payload: unknown, path: Path | string, level = 1): void {
  if (field.message.typeName === StructSchema.typeName) {
    checkStruct(payload as Struct, path, level);
  } else {
    checkValue(payload as Value, path, level);
  }
}
