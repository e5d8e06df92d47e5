import type { FieldType, MessageType, OneofType } from "./message-type.js";

const byNumber = /*@__PURE__*/ new WeakMap<MessageType, ReadonlyMap<unknown, FieldType>>();
const byName = /*@__PURE__*/ new WeakMap<MessageType | OneofType, ReadonlyMap<unknown, FieldType | OneofType>>();

/** The field of a message type that has this number. */
export function fieldByNumber(type: MessageType, number: number): FieldType | undefined {
  return (byNumber.get(type) ?? note(byNumber, type, type.fields, "number")).get(number);
}

/** The field or oneof of a message type that has this name in TypeScript. */
export function memberByName(type: MessageType, name: string): FieldType | OneofType | undefined {
  return (byName.get(type) ?? note(byName, type, type.members, "localName")).get(name);
}

/** The field of a oneof that has this name in TypeScript. */
export function caseByName(oneof: OneofType, name: unknown): FieldType | undefined {
  return (byName.get(oneof) ?? note(byName, oneof, oneof.fields, "localName")).get(name) as FieldType | undefined;
}

function note<Owner extends object, Key extends string, Item extends { readonly [K in Key]: unknown }>(
  tables: WeakMap<Owner, ReadonlyMap<unknown, Item>>,
  owner: Owner,
  items: readonly Item[],
  key: Key,
): ReadonlyMap<unknown, Item> {
  const table = new Map(items.map((item) => [item[key] as unknown, item]));
  tables.set(owner, table);
  return table;
}
