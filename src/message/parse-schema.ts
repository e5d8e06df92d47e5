import { explicitPresence, type FieldType, type MessageType, type OneofType, Scalar } from "./message-type.js";

/** A field: its name, what it is, its type, and its number unless that is one more than the last. */
const fieldPattern = /^(\w+)([:?*])([\w.]+)=?(\d*)$/;

/** A case: its name unless that follows from its type, its type, its number as that of a field, and its flags. */
const casePattern = /^-(?:(\w+):)?([\w.]+)=?(\d*)(\W*)$/;

/** Fields that always hold something have this `presence`. */
const implicitPresence = 2;

/** What is said of a case of `BusMessage.body`, or of `Frame.kind`: the characters behind its type. */
export const Flag = {
  system: "!",
  untargeted: "*",
  never: "/",
  activation: "+",
  announcement: "@",
  lifecycle: "^",
  local: "#",
  droppable: "~",
} as const;

interface NewMessageType extends MessageType {
  readonly fields: FieldType[];
  readonly members: (FieldType | OneofType)[];
}

type NewOneofType = OneofType & { readonly fields: FieldType[] };

/**
 * Makes the message types of a schema from its text, and gives them by their names.
 *
 * Each line is a type, which has the package `crossbus.v1` unless it says another. `Name{A B C}` is an enumeration with the
 * values 0, 1 and 2. `Name` with fields behind it is a message. A field is a name and a type, with `:` between them, `?`
 * where the field is optional, or `*` where it is a list; its number follows behind `=` where that isn't one more than
 * the number before.
 *
 * `.name` among the fields is a oneof. Its cases have lines of their own, which follow and begin with `-`, and describe
 * their messages too, with fields behind them, unless those are described elsewhere.
 */
export function parseSchema(text: string): ReadonlyMap<string, MessageType> {
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  const enums = new Map<string, FieldType["enum"]>();
  const messages = new Map<string, NewMessageType>();
  // The number of the field that came last, of each message without its oneof, and of each oneof.
  const numbers = new Map<object, number>();
  for (const [first = "", ...more] of lines) {
    const [name = "", value] = first.split("{");
    if (value !== undefined) {
      const values = [value, ...more].map((localName, number) => ({ localName: localName.replace("}", ""), number }));
      enums.set(name, { typeName: withPackage(name), values });
    }
  }
  for (const [first = ""] of lines) {
    const name = casePattern.exec(first)?.[2] ?? first;
    if (!first.includes("{") && !enums.has(name) && !(name in Scalar) && !messages.has(name)) {
      messages.set(name, { typeName: withPackage(name), fields: [], members: [] });
    }
  }
  // The message whose oneof has the cases of the lines that begin with `-`, and that oneof.
  let outer: NewMessageType | undefined;
  let oneof: NewOneofType | undefined;
  for (const [first = "", ...members] of lines) {
    const [isCase, name, type = first, jump, flags] = casePattern.exec(first) ?? [];
    const described = messages.get(type);
    if (isCase === undefined) {
      outer = described;
    } else if (outer !== undefined) {
      addField(outer, oneof, name ?? caseName(type), "?", type, jump, flags);
    }
    for (const member of described === undefined ? [] : members) {
      const [isField, name = "", mark, type = "", jump] = fieldPattern.exec(member) ?? [];
      if (isField !== undefined) {
        addField(described as NewMessageType, undefined, name, mark, type, jump);
      } else {
        oneof = {
          kind: "oneof",
          localName: camelCase(member.slice(1)),
          fields: [],
          parent: described as NewMessageType,
        };
        described?.members.push(oneof);
      }
    }
  }
  return messages;

  function addField(
    parent: NewMessageType,
    oneof: NewOneofType | undefined,
    name: string,
    mark: string | undefined,
    type: string,
    jump: string | undefined,
    flags?: string,
  ) {
    const message = messages.get(type);
    const kind = message !== undefined ? "message" : enums.has(type) ? "enum" : "scalar";
    const isList = mark === "*";
    const owner = oneof ?? parent;
    const number = Number(jump) || (numbers.get(owner) ?? 0) + 1;
    numbers.set(owner, number);
    const field: FieldType = {
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
      presence: mark === "?" || (message !== undefined && !isList) ? explicitPresence : implicitPresence,
      flags,
    };
    parent.fields.push(field);
    (oneof?.fields ?? parent.members).push(field);
  }
}

function withPackage(name: string): string {
  return name.includes(".") ? name : `crossbus.v1.${name}`;
}

/** The name in TypeScript of what has this name in the schema. */
export function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The name that a case has as a rule: that of its type, which may end with `Frame`. */
export function caseName(type: string): string {
  return type
    .replace(/Frame$/, "")
    .replace(/[a-z\d](?=[A-Z])|[A-Z](?=[A-Z][a-z])/g, "$&_")
    .toLowerCase();
}
