import {
  type DescEnum,
  type DescField,
  type DescMessage,
  isMessage,
  type Message,
  type MessageShape,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";
import {
  type ReflectList,
  type ReflectMap,
  type ReflectMessage,
  reflect,
  type ScalarValue,
} from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { StructSchema, type Value, ValueSchema } from "../../gen/crossbus/v1/value_pb.js";
import { StatusError } from "../base/status.js";
import { checkSet } from "./check-set.js";
import { MAX_LEVELS } from "./check-value.js";
import { fieldRule, itemRule, wellKnownRule } from "./field-rules.js";
import { newValue } from "./new-value.js";
import { invalidAt, type Path } from "./path.js";
import { double, toValue, type ValueInit } from "./value.js";

/**
 * Writes a message as plain values under its `.proto` field names, as a Python handler wants to read it: enums by
 * name, 64-bit integers as integers, bytes as bytes, wrappers as what they wrap, other `google.protobuf` types in their
 * JSON form. Fields without presence are always there, others when they are set. Unknown fields are left out.
 *
 * Throws INVALID_ARGUMENT, with a path that begins with `path`, for fields of a wrong type, required ones that aren't set,
 * and what `toValue` refuses.
 */
export function messageToValue<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
  path: Path | string,
): Value {
  return toValue(writeMessage(reflect(schema, message), path, 1), path);
}

function writeMessage(message: ReflectMessage, path: Path | string, level: number): ValueInit {
  const { desc } = message;
  if (isMessage(message.message, ValueSchema)) {
    return message.message;
  }
  if (isMessage(message.message, StructSchema)) {
    // As it is: what it reads as wouldn't tell 3.0 from 3, nor what an object of a Python class is.
    return newValue({ case: "structValue", value: message.message });
  }
  if (isWrapperDesc(desc)) {
    return writeFields(message, path, level).get("value") as ValueInit;
  }
  if (desc.typeName.startsWith("google.protobuf.")) {
    return writeWellKnown(message, path);
  }
  if (level > MAX_LEVELS) {
    throw invalidAt(path, message.message, `must be nested at most ${MAX_LEVELS} levels deep`);
  }
  return asObject(writeFields(message, path, level));
}

/** Writes the fields that are set, and those of which one can't tell. */
function writeFields(message: ReflectMessage, path: Path | string, level: number): ReadonlyMap<string, ValueInit> {
  const entries = new Map<string, ValueInit>();
  // Whoever made the message may have cast: a second one checks what it is given, and the first stays as it is.
  const checking = reflect(message.desc);
  for (const field of message.fields) {
    checkSet(message, field, path);
    if (message.isSet(field) || field.presence === FeatureSet_FieldPresence.IMPLICIT) {
      const here = { parent: path, key: field.name };
      try {
        entries.set(field.name, writeField(message, checking, field, here, level));
      } catch (error) {
        throw fieldError(error, here, contentOf(message, field), fieldRule(field));
      }
    }
  }
  return entries;
}

function writeField(
  message: ReflectMessage,
  checking: ReflectMessage,
  field: DescField,
  path: Path,
  level: number,
): ValueInit {
  switch (field.fieldKind) {
    case "scalar": {
      const scalar: ScalarValue = message.get(field);
      checking.set(field, scalar);
      return writeScalar(field.scalar, scalar);
    }
    case "enum": {
      const number: number = message.get(field);
      checking.set(field, number);
      return writeEnum(field.enum, number);
    }
    case "message":
      return writeMessage(message.get(field), path, level + 1);
    case "list":
      return writeList(message.get(field), checking.get(field), path, level);
    case "map":
      return writeMap(message.get(field), checking.get(field), path, level);
  }
}

function writeList(list: ReflectList, checking: ReflectList, path: Path, level: number): ValueInit {
  const field = list.field();
  const items: ValueInit[] = [];
  for (const item of list) {
    const here = { parent: path, key: items.length };
    try {
      if (field.listKind !== "message") {
        checking.add(item);
      }
      items.push(writeItem(field, item, here, level + 2));
    } catch (error) {
      throw fieldError(error, here, item, itemRule(field));
    }
  }
  return items;
}

function writeMap(map: ReflectMap, checking: ReflectMap, path: Path, level: number): ValueInit {
  const field = map.field();
  const entries = new Map<string, ValueInit>();
  for (const [key, item] of map as Iterable<[string | number | bigint | boolean, unknown]>) {
    const here = { parent: path, key: String(key) };
    try {
      if (field.mapKind !== "message") {
        checking.set(key, item);
      }
      entries.set(String(key), writeItem(field, item, here, level + 2));
    } catch (error) {
      throw fieldError(error, here, item, itemRule(field));
    }
  }
  return asObject(entries);
}

function fieldError(error: unknown, path: Path, content: unknown, rule: string): StatusError {
  return error instanceof StatusError ? error : invalidAt(path, content, `must be ${rule} (${reason(error)})`);
}

function writeItem(
  field: DescField & { readonly fieldKind: "list" | "map" },
  item: unknown,
  path: Path,
  level: number,
): ValueInit {
  if (field.message !== undefined) {
    return writeMessage(item as ReflectMessage, path, level);
  }
  return field.enum === undefined
    ? writeScalar(field.scalar as ScalarType, item as ScalarValue)
    : writeEnum(field.enum, item as number);
}

function writeScalar(type: ScalarType, value: ScalarValue): ValueInit {
  // A float stays one, also where it has no fraction: Python tells 3.0 from 3.
  return type === ScalarType.DOUBLE || type === ScalarType.FLOAT ? double(value as number) : value;
}

function writeEnum(desc: DescEnum, number: number): ValueInit {
  // Of several names for a number the first, as in Python: `desc.value` has the last.
  return desc.values.find((value) => value.number === number)?.name ?? number;
}

/** Writes one of protobuf's own types: people know their JSON form, of a timestamp above all. */
function writeWellKnown({ desc, message }: ReflectMessage, path: Path | string): ValueInit {
  try {
    return toJson(desc, message as Message) as ValueInit;
  } catch (error) {
    throw invalidAt(path, message, wellKnownRule(desc, error));
  }
}

/** An object with these members, whatever their names are. */
function asObject(entries: ReadonlyMap<string, ValueInit>): { readonly [key: string]: ValueInit } {
  return Object.fromEntries(entries);
}

function contentOf({ message }: ReflectMessage, field: DescField): unknown {
  const fields = message as unknown as Readonly<Record<string, unknown>>;
  return field.oneof === undefined
    ? fields[field.localName]
    : (fields[field.oneof.localName] as { readonly value: unknown }).value;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
