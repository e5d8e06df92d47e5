import { explicitPresence, type FieldType, type MessageType, type OneofType, Scalar } from "./message-type.js";

/** `[oneof.]name`, what it is, its type, and its number unless that is one more than the last. */
const fieldPattern = /^(?:(\w+)\.)?(\w+)([:?*])([\w.]+)=?(\d*)$/;

/** Fields that always hold something have this `presence`. */
const implicitPresence = 2;

interface NewMessageType extends MessageType {
  readonly fields: FieldType[];
  readonly members: (FieldType | OneofType)[];
}

/**
 * Makes the message types of a schema from its text, and gives them by their names.
 *
 * Each line is a type, which has the package `crossbus.v1` unless it says another. `Name{A B C}` is an enumeration with the
 * values 0, 1 and 2. `Name` with fields behind it is a message. A field is a name and a type, with `:` between them, `?`
 * where the field is optional, or `*` where it is a list; its number follows behind `=` where that isn't one more than
 * the number before. The name of a oneof and a dot stand before the fields in it.
 */
export function parseSchema(text: string): ReadonlyMap<string, MessageType> {
  const lines = text.trim().split("\n");
  const enums = new Map<string | undefined, FieldType["enum"]>();
  const messages = new Map<string | undefined, NewMessageType>();
  for (const line of lines) {
    const [name = ""] = line.split(/[ {]/, 1);
    const typeName = name.includes(".") ? name : `crossbus.v1.${name}`;
    const [, values] = line.split(/[{}]/);
    if (values === undefined) {
      messages.set(name, { typeName, fields: [], members: [] });
    } else {
      enums.set(name, { typeName, values: values.split(" ").map((localName, number) => ({ localName, number })) });
    }
  }
  for (const line of lines) {
    const [name, ...fields] = line.split(" ");
    const parent = messages.get(name);
    if (parent === undefined) {
      continue;
    }
    let number = 0;
    for (const field of fields) {
      const [, oneofName, name = "", mark, type = "", jump] = fieldPattern.exec(field) ?? [];
      number = Number(jump) || number + 1;
      const message = messages.get(type);
      const kind = message !== undefined ? "message" : enums.has(type) ? "enum" : "scalar";
      const isList = mark === "*";
      const oneof = oneofName === undefined ? undefined : oneofOf(parent, camelCase(oneofName));
      const isExplicit = mark === "?" || oneof !== undefined || (message !== undefined && !isList);
      const made: FieldType = {
        kind: "field",
        name,
        localName: camelCase(name),
        number,
        fieldKind: isList ? "list" : kind,
        listKind: isList ? kind : undefined,
        scalar: Scalar[type as keyof typeof Scalar],
        message,
        enum: enums.get(type),
        oneof,
        parent,
        presence: isExplicit ? explicitPresence : implicitPresence,
      };
      parent.fields.push(made);
      (oneof?.fields ?? parent.members).push(made);
    }
  }
  return messages as ReadonlyMap<string, MessageType>;
}

function oneofOf(parent: NewMessageType, localName: string) {
  const last = parent.members.find((member) => member.localName === localName);
  if (last?.kind === "oneof") {
    return last as OneofType & { readonly fields: FieldType[] };
  }
  const oneof = { kind: "oneof", localName, fields: [] as FieldType[], parent } as const;
  parent.members.push(oneof);
  return oneof;
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
