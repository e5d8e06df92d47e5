import { pipecatFieldNames, pythonFieldNames, requiredFields } from "../../../gen/crossbus/v1/pipecat-names.js";
import { explicitPresence, type FieldType, type MessageType } from "../../message/message-type.js";
import type { JsonDialect } from "./python-classes.js";

/** A field as Python has it. */
export interface PythonField {
  readonly desc: FieldType;
  /** What Python calls it. */
  readonly name: string;
  /** Whether a message can't do without it. */
  readonly isRequired: boolean;
  /** Whether Python takes either of two types by this name, of which the schema has the other in another field. */
  readonly isAlternative: boolean;
}

/** The fields of a message as Python has them. */
export interface PythonFields {
  readonly list: readonly PythonField[];
  /** Those that a message can't do without. */
  readonly required: readonly PythonField[];
  /** The fields of one name: as a rule one, two where Python takes either of two types. */
  named(name: string): readonly PythonField[] | undefined;
}

const tables: Readonly<Record<JsonDialect, WeakMap<MessageType, PythonFields>>> = {
  pipecat: new WeakMap(),
  "pipecat-subagents": new WeakMap(),
};

/** What is no member of a Python object: what it is, and what is spread among its members. */
const NO_MEMBERS = new Set(["type_name", "flat", "extra", "frame_fields"]);

/** The fields of a message, outside of oneofs, that are members of the Python object. */
export function pythonFieldsOf(desc: MessageType, dialect: JsonDialect): PythonFields {
  let fields = tables[dialect].get(desc);
  if (fields === undefined) {
    fields = readFields(desc, dialect);
    tables[dialect].set(desc, fields);
  }
  return fields;
}

function readFields(desc: MessageType, dialect: JsonDialect): PythonFields {
  const named = desc.fields
    .filter((field) => field.oneof === undefined && !NO_MEMBERS.has(field.name))
    .map((field) => ({ desc: field, name: pythonName(field, dialect), isRequired: isRequired(field) }));
  const list = named.map((field) => ({
    ...field,
    isAlternative: named.some((other) => other !== field && other.name === field.name),
  }));
  const byName = new Map<string, PythonField[]>();
  for (const field of list) {
    byName.set(field.name, [...(byName.get(field.name) ?? []), field]);
  }
  const required = list.filter((field) => field.isRequired);
  return { list, required, named: (name) => byName.get(name) };
}

function pythonName(field: FieldType, dialect: JsonDialect): string {
  const qualified = `${field.parent.typeName}.${field.name}`;
  const names = dialect === "pipecat" ? { ...pythonFieldNames, ...pipecatFieldNames } : pythonFieldNames;
  return names[qualified] ?? field.name;
}

function isRequired(field: FieldType): boolean {
  return field.presence !== explicitPresence || requiredFields.has(`${field.parent.typeName}.${field.name}`);
}

/**
 * Whether Python gives an attribute of this name a meaning of its own. It sets whatever attribute a message names:
 * `__dict__` would replace all others.
 */
export function isSpecial(name: string): boolean {
  return name.startsWith("__");
}

/** The names of a message's fields, for people. */
export function memberNames(desc: MessageType, dialect: JsonDialect): string {
  return pythonFieldsOf(desc, dialect)
    .list.map(({ name }) => name)
    .join(", ");
}
