import type { DescField } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { invalidArgument } from "../base/status.js";
import { fieldRule } from "./field-rules.js";
import { formatPath, type Path } from "./path.js";

/**
 * Throws INVALID_ARGUMENT where a field isn't set that proto2 and editions call required, for which protobuf-es looks only
 * when it writes bytes. `path` is that of the message.
 */
export function checkSet(message: ReflectMessage, field: DescField, path: Path | string): void {
  if (field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED && !message.isSet(field)) {
    throw invalidArgument(formatPath({ parent: path, key: field.name }), undefined, `must be set: ${fieldRule(field)}`);
  }
}
