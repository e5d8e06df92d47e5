import { Code, StatusError, show } from "../../base/status.js";
import { formatPath, type Path } from "../../message/path.js";
import { type Json, JsonObject } from "./json.js";
import { writeJson } from "./write-json.js";

/**
 * Makes the error for JSON that isn't what belongs in a place: INVALID_ARGUMENT, which names the place and shows what
 * is there, if anything, as it stands on the wire.
 */
export function invalidJson(path: Path | string, json: Json | undefined, rule: string): StatusError {
  const field = formatPath(path);
  const got = json === undefined ? "" : `, got ${shown(json)}`;
  return new StatusError(Code.INVALID_ARGUMENT, `${field}: ${rule}${got}`, {
    details: [{ type: "badRequest", field }],
  });
}

function shown(json: Json): string {
  if (json instanceof JsonObject) {
    const className = json.get("__type__");
    return typeof className === "string" ? `an object of the class ${show(className)}` : "an object";
  }
  // 3.0 is no integer, and must not look like one.
  return typeof json === "number" ? writeJson(json) : show(json);
}
