import { type Json, JsonObject } from "../../src/codec/pipecat/json.js";

/** JSON in a form that is equal where Python's reading of it is: without an order of keys, 3 and 3.0 apart. */
export function canonical(json: Json): unknown {
  if (json instanceof JsonObject) {
    const members = json.entries.map(([key, value]) => [key, canonical(value)] as const);
    return { object: members.toSorted(([a], [b]) => (a < b ? -1 : 1)) };
  }
  if (Array.isArray(json)) {
    return json.map(canonical);
  }
  return typeof json === "number" ? { float: Object.is(json, -0) ? "-0" : String(json) } : json;
}
