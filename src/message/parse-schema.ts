import { type EnumType, explicitPresence, type FieldType, type MessageType, type OneofType } from "./message-type.js";

/** A field: its name, what it is, its type, its number unless that is one more than the last, and the flags of a case. */
const fieldPattern = /^(\w+)([:?*]?)([\w.]*)=?(\d*)(\W*)$/;

/** Fields that always hold something have this `presence`. */
const implicitPresence = 2;

interface NewMessageType extends MessageType {
  readonly fields: FieldType[];
  readonly members: (FieldType | OneofType)[];
}

type NewOneofType = OneofType & { readonly fields: FieldType[]; readonly parent: NewMessageType };

/**
 * Makes the message types of a schema from its text, and gives them by their names.
 *
 * Each line is a type, which has the package `crossbus.v1` unless it says another. `=Name,A,B,C` is an enumeration with the
 * values 0, 1 and 2, and comes before the types that have it. `Name` with fields behind it is a message. A field is a name
 * and a type, with `:` between them, `?` where the field is optional, or `*` where it is a list; its number follows behind
 * `=` where that isn't one more than the number before. A scalar's type is its number in Protocol Buffers. What has
 * no type is a string, or, with `:` behind its name, a `Value`.
 *
 * `.name` among the fields is a oneof. Its cases have lines of their own, which follow and begin with `-`, and describe
 * their messages too, with fields behind them, unless those are described elsewhere. A case with a type alone is named
 * after that. What the names of such types end with stands behind the oneof, and not in them: `.name:End`.
 */
export function parseSchema(text: string): ReadonlyMap<string, MessageType> {
  const enums = new Map<string, EnumType>();
  const messages = new Map<string, NewMessageType>();
  // The oneof that has the cases of the lines that begin with `-`, and what their types end with.
  let oneof: NewOneofType | undefined;
  let ending = "";
  for (const line of text.trim().split("\n")) {
    const [first = "", ...members] = line.split(",");
    const name = first.slice(1);
    if (first.startsWith("=")) {
      const values = members.map((localName, number) => ({ localName, number }));
      enums.set(name, { typeName: withPackage(name), values });
      continue;
    }
    const of = first.startsWith("-") ? oneof : undefined;
    // A case that isn't a message has no fields behind it.
    const type = (of === undefined ? messageOf(first) : addField(of.parent, name, of)) as NewMessageType;
    for (const member of members) {
      if (member.startsWith(".")) {
        const [localName = "", end = ""] = member.slice(1).split(":");
        ending = end;
        oneof = { kind: "oneof", localName, fields: [], parent: type };
        type.members.push(oneof);
      } else {
        addField(type, member);
      }
    }
  }
  return messages;

  function messageOf(name: string): NewMessageType {
    const message = messages.get(name) ?? { typeName: withPackage(name), fields: [], members: [] };
    messages.set(name, message);
    return message;
  }

  /** Adds a field to a message, or a case to its oneof, and gives the message that it holds. */
  function addField(parent: NewMessageType, text: string, oneof?: NewOneofType): NewMessageType | undefined {
    const [, word = "", mark, given, jump, flags] = fieldPattern.exec(text) ?? [];
    const isNamedAfterType = oneof !== undefined && given === "";
    const localName = isNamedAfterType ? caseName(word) : word;
    const type = isNamedAfterType ? `${word}${ending}` : given || (mark === ":" ? "Value" : "9");
    const scalar = Number(type) || undefined;
    const enumType = enums.get(type);
    const message = scalar === undefined && enumType === undefined ? messageOf(type) : undefined;
    const isList = mark === "*";
    const siblings: (FieldType | OneofType)[] = oneof?.fields ?? parent.members;
    const last = siblings.at(-1);
    const field: FieldType = {
      kind: "field",
      name: protoName(localName),
      localName,
      number: Number(jump) || (last?.kind === "field" ? last.number : 0) + 1,
      fieldKind: isList ? "list" : message !== undefined ? "message" : enumType !== undefined ? "enum" : "scalar",
      scalar,
      message,
      enum: enumType,
      oneof,
      parent,
      presence:
        oneof !== undefined || mark === "?" || (message !== undefined && !isList) ? explicitPresence : implicitPresence,
      flags,
    };
    parent.fields.push(field);
    siblings.push(field);
    return message;
  }
}

function withPackage(name: string): string {
  return name.includes(".") ? name : `crossbus.v1.${name}`;
}

/** The name in the `.proto` file of what has this name in TypeScript. */
export function protoName(localName: string): string {
  return localName.replace(/[A-Z]/g, "_$&").toLowerCase();
}

/** The name that a case has as a rule: that of its type, as TypeScript writes names. */
export function caseName(type: string): string {
  return type.replace(/[A-Z]+(?![a-z])|^[A-Z]/g, (letters, at: number) =>
    at === 0 ? letters.toLowerCase() : letters.slice(0, 1) + letters.slice(1).toLowerCase(),
  );
}
