import type { DescField } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { fieldRule } from "./field-rules.js";
import { invalidAt, type Path } from "./path.js";

/**
 * Throws INVALID_ARGUMENT where a field isn't set that proto2 and editions call required, for which protobuf-es looks only
 * when it writes bytes. `path` is that of the message.
 */
export function checkSet(message: ReflectMessage, field: DescField, path: Path | string): void {
  if (field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED && !message.isSet(field)) {
    throw invalidAt({ parent: path, key: field.name }, undefined, `must be set: ${fieldRule(field)}`);
  }
}
