import type { FieldType, MessageType, OneofType } from "./message-type.js";

type Member = FieldType | OneofType;

const tables = /*@__PURE__*/ new WeakMap<MessageType | OneofType, ReadonlyMap<unknown, Member>>();

/** The field of a message type that has this number. */
export function fieldByNumber(type: MessageType, number: number): FieldType | undefined {
  return lookUp(type, number) as FieldType | undefined;
}

/** The field or oneof of a message type that has this name in TypeScript. */
export function memberByName(type: MessageType, name: string): Member | undefined {
  return lookUp(type, name);
}

/** The field of a oneof that has this name in TypeScript. */
export function caseByName(oneof: OneofType, name: unknown): FieldType | undefined {
  return lookUp(oneof, name) as FieldType | undefined;
}

/** Looks for a member by its name, or for a field of a message by its number. */
function lookUp(owner: MessageType | OneofType, key: unknown): Member | undefined {
  let table = tables.get(owner);
  if (table === undefined) {
    // A oneof has none by their numbers: its case is whatever an application says.
    const [named, numbered] = "members" in owner ? [owner.members, owner.fields] : [owner.fields, []];
    table = new Map<unknown, Member>([
      ...named.map((member) => [member.localName, member] as const),
      ...numbered.map((field) => [field.number, field] as const),
    ]);
    tables.set(owner, table);
  }
  return table.get(key);
}
