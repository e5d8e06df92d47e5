import { type Json, JsonObject } from "../../src/codec/pipecat/json.js";
import { fromBase64, sameBytes } from "./bytes.js";

/** JSON in a form that is equal where Python's reading of it is: without an order of keys, 3 and 3.0 apart. */
export function canonical(json: Json): unknown {
  if (json instanceof JsonObject) {
    const members = json.entries.map(([key, value]) => [key, canonical(value)] as const);
    return { object: [...members].sort(([a], [b]) => (a < b ? -1 : 1)) };
  }
  if (Array.isArray(json)) {
    return json.map(canonical);
  }
  return typeof json === "number" ? { float: Object.is(json, -0) ? "-0" : String(json) } : json;
}

/**
 * Whether JSON that was read and written again says the same: members may be left out that were null, which means the
 * same to Python, and base64 may be written in another way.
 */
export function sameButNulls(before: Json, after: Json): boolean {
  if (before instanceof JsonObject && after instanceof JsonObject) {
    if (before.get("__type__") === "bytes" && after.get("__type__") === "bytes") {
      return sameBytes(bytesOf(before), bytesOf(after));
    }
    return (
      after.entries.every(([key]) => before.get(key) !== undefined) &&
      before.entries.every(([key, value]) => {
        const other = after.get(key);
        return other === undefined ? value === null : sameButNulls(value, other);
      })
    );
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return before.length === after.length && before.every((item: Json, i) => sameButNulls(item, after[i] as Json));
  }
  return Object.is(before, after);
}

function bytesOf(json: JsonObject): Uint8Array {
  return fromBase64(String(json.get("__data__")));
}
