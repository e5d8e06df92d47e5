import type { ListValue, Struct, StructEntry, Value } from "../../gen/crossbus/v1/value_pb.js";

// A payload has hundreds of these, and create() takes its time to find out what they are.

/** Makes a `Value` as `create()` does. */
export function newValue(kind: Value["kind"]): Value {
  return { $typeName: "crossbus.v1.Value", kind };
}

/** Makes a `ListValue` as `create()` does. */
export function newList(values: Value[]): ListValue {
  return { $typeName: "crossbus.v1.ListValue", values };
}

/** Makes a `Struct` as `create()` does. */
export function newStruct(entries: StructEntry[]): Struct {
  return { $typeName: "crossbus.v1.Struct", entries };
}

/** Makes a `StructEntry` as `create()` does. */
export function newEntry(key: string, value: Value): StructEntry {
  return { $typeName: "crossbus.v1.StructEntry", key, value };
}
